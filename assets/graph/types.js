// What each type of node is called and does, in Korean. Where the page is in English, the program's own words serve.

import { language } from "/shared/words.js";

const KO = {
  "alert.desktop": ["화면 알림", "노드가 자꾸 멈추거나 채팅이 끊기거나 하루 사용량이 거의 찼을 때 컴퓨터 알림을 띄워요."],
  "alert.webhook": ["알림 보내기", "노드가 자꾸 멈추거나 채팅이 끊기거나 하루 사용량이 거의 찼을 때 웹훅으로 알려요."],
  "audio.play": ["소리 내기", "목소리를 장치나 페이지로 틀고, 어디까지 들렸는지 알려요."],
  "avatar.stage": ["내장 아바타", "VTube Studio처럼 움직일 수 있는 아바타를 /stage에 보여요."],
  "avatar.vts": ["아바타 움직이기", "VTube Studio나 내장 아바타를 자세대로 움직여요."],
  "bus.place": ["다른 컴퓨터 살피기", "다른 컴퓨터가 켜져 있는지 서로 알려요."],
  "bus.publish": ["다른 컴퓨터로 보내기", "한 출력의 이벤트를 다른 컴퓨터로 보내요."],
  "bus.subscribe": ["다른 컴퓨터에서 받기", "다른 컴퓨터의 이벤트를 순서대로 한 번씩 받아요."],
  "chat.batch": ["모으기", "채팅을 모아 한 번에 대답하게 해요. 목소리가 끝나야 다음으로 넘어가요."],
  "chat.chzzk": ["치지직 채팅", "내 채널의 채팅, 후원, 구독을 받아요."],
  "chat.chzzk_anon": ["치지직 채팅 (로그인 없이)", "로그인 없이 채팅을 읽어 봐요. 공식 방법이 아니라 언제든 안 될 수 있어요."],
  "chat.filter": ["거르기", "도배, 링크, 금지어, 모델을 조종하려는 말을 거르고 글을 다듬어요."],
  "chat.parse": ["채팅 읽기", "받은 것에서 채팅, 후원, 구독, 지워진 메시지를 읽어 내요."],
  "chat.replay": ["녹화된 채팅", "녹화된 채팅을 그때의 시간대로 다시 틀어요."],
  "chat.send": ["채팅에 쓰기", "대답을 치지직 채팅에도 써요."],
  "chat.show": ["방송 소식", "지금 시각과 방송 제목, 분류, 새 팔로워를 캐릭터에게 알려요."],
  "chat.silence": ["먼저 말 꺼내기", "한동안 조용하면 이야깃거리로 말을 꺼내요."],
  "chat.thanks": ["팔로우 인사", "새 팔로워를 모아 한 번에 고맙다고 해요."],
  "chat.typed": ["직접 쓴 채팅", "페이지에서 직접 쓴 채팅, 후원, 구독을 받아요."],
  "llm.reply": ["대답 생각하기", "언어 모델이 캐릭터로서 대답을 써요."],
  "overlay.dock": ["조종판", "진행자가 보고, 멈추고, 넘기고, 승인하고, 말을 시켜요."],
  "overlay.web": ["방송 화면", "채팅, 대답, 자막을 OBS용 페이지에 보여요."],
  "pose.interpolate": ["자세", "감정과 말에 맞춰 몸을 움직이고, 가만히 있을 때도 살아 있게 해요."],
  "pose.lipsync": ["입 모양", "들리는 소리만큼 입을 열고, 글의 모음에 맞춰 모양을 바꿔요."],
  "reply.canned": ["준비된 대답", "써 둔 규칙으로 대답해요. 모델도 네트워크도 필요 없어요."],
  "reply.guard": ["말하기 전에 거르기", "무례한 말, 금지어, 링크, 캐릭터 설정을 읊는 문장을 다른 말로 바꿔요."],
  "reply.guard_model": ["모델에게 물어보기", "말해도 되는 대답인지 방송과 나란히 모델에게 물어요."],
  "reply.split": ["문장 나누기", "대답을 문장으로 나누고, 문장마다 감정을 붙여요."],
  "speech.fallback": ["목소리 이어 주기", "다른 컴퓨터의 목소리를 넘기고, 오지 않으면 자막만이라도 이어 가요."],
  "speech.http": ["서버의 목소리", "목소리 서버에 글을 보내 소리를 받아요."],
  "speech.kokoro": ["내장 목소리", "이 컴퓨터의 CPU로 한국어를 말해요."],
  "speech.ladder": ["목소리 고르기", "목록에서 되는 목소리 가운데 가장 좋은 것으로 말해요."],
  "speech.qwen": ["닮은 목소리", "녹음과 닮은 목소리로 말해요. NVIDIA 그래픽 카드가 필요해요."],
  "speech.system": ["컴퓨터의 목소리", "운영체제의 목소리로 말해요."],
  "tool.search": ["검색", "묻는 말을 웹에서 찾아 모델에게 덧붙여요."],
};

/** What people call a node: the name of its type in Korean; "" where there is none, or the page is in English. */
export const called = (type) => (language() === "ko" && Object.hasOwn(KO, type) ? KO[type][0] : "");

/** What a node does, in one sentence. */
export const does = ({ type, about }) => (language() === "ko" && Object.hasOwn(KO, type) ? KO[type][1] : about);
