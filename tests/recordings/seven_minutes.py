# ruff: noqa: E501 - chat lines read best as they were written
"""Writes seven_minutes.jsonl: a made-up broadcast in CHZZK's wire form, with everything odd that comes in one.

``python -m tests.recordings.seven_minutes``. The same bytes every time; nobody in it is real.
"""

import hashlib
import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_suffix(".jsonl")
KST = timezone(timedelta(hours=9))
START = datetime(2026, 10, 17, 20, 0, 0, tzinfo=KST)
ICON = "https://ssl.pstatic.net/static/nng/glive/icon/"
STREAMER = "코코아방장"
MANAGERS = ("매니저호두", "밤샘매니저")
VIEWERS = [
    "달빛토스트",
    "민트곰돌이",
    "새벽세시라면",
    "구름위우동",
    "도도한감자",
    "느긋한펭귄",
    "뽀짝수달",
    "우주먼지7",
    "라떼는말이야요",
    "초코칩두개",
    "졸린다람쥐",
    "파란우산",
    "치즈폭포",
    "귤까먹는중",
    "한강오리배",
    "두부한모",
    "퇴근하고싶다",
    "벼락치기왕",
    "소금빵러버",
    "무지개떡",
    "별똥별수집가",
    "탄산빠진콜라",
    "야식요정",
    "고구마형사",
    "눈사람단장",
    "물음표살인마",
    "겜알못",
    "은하철도우",
    "콩나물국밥",
    "감자탕사리",
    "숲속도서관",
    "양말한짝",
    "하품대장",
    "마늘바게트",
    "수박씨발라먹기",
    "딸기우유단",
    "오늘도지각",
    "돌고래통신",
    "꿀잠연구원",
    "반숙계란",
]

OPENING: tuple[tuple[float, str, str], ...] = (
    (0.8, "달빛토스트", "초코야 안녕! 오늘 첫방문이에요"),
    (1.6, "민트곰돌이", "초하~~ 반가워 ㅎㅎ"),
    (5.2, "새벽세시라면", "초코 너 AI야? 누가 말하는 거야?"),
    (9.4, "우주먼지7", "와 진짜 대답하네 ㅋㅋㅋㅋ"),
    (16.5, "뽀짝수달", "초코는 밥 먹었어?"),
    (19.0, "구름위우동", "목소리 귀엽다"),
)

TALK = """
초코 몇 살이야?|노래 한 곡만 불러줘!|오늘 저녁 뭐 먹지 추천 좀|거기 날씨 어때? 여긴 비 와|심심한데 뭐 하고 놀까|초코는 취미가 뭐야?
이름이 왜 초코야?|자기소개 한번 해줘|지금 무슨 게임 하는 거예요?|이 게임 스팀에 있어요?|방금 보스 패턴 봤어?|왼쪽으로 피하면 됨|물약 먹어 물약!
저 상자 열어보자|함정일 것 같은데|아니 그걸 왜 맞아 ㅋㅋㅋㅋ|컨트롤 무엇 ㅋㅋㅋ|와 이걸 피하네|나이스!!|GG|공략 안 보고 하는 거 맞죠?
오늘 시험 망했어 ㅠㅠ|면접 보고 왔는데 너무 피곤하다|야근 중에 몰래 보는 중|오늘 생일인데 축하해줘!|저 자격증 합격했어요!!|초코 덕분에 웃는다 고마워
초코 천재 아님?|초코 말하는 거 귀여워 ㅋㅋ|입 움직이는 거 신기하다|방금 내 채팅 읽어준 거야? 대박|초코야 나 기억해?|어제 방송 다시보기 있나요?
몇 시까지 해요?|내일도 방송해?|브금 뭐예요? 좋다|화질 깨끗하네|소리 조금만 키워주세요|마이크 소리 딱 좋은데요|렉 걸리는 사람 나만 그런가|저는 괜찮아요
라면 물 올리고 옴|치킨 시켰다 ㅎㅎ|떡볶이 vs 피자|민초는 음식이 맞습니다|민초 이야기 금지 ㅋㅋㅋ|초코 민초 좋아해?|배고프다 진짜
고양이가 키보드 밟음 ㅁㄴㅇㄹ|우리 강아지도 같이 보는 중|과제해야 되는데 여기 있네|시험기간엔 방송이 제일 재밌지|직장인은 웁니다|주말이 제일 짧아
헐 깜짝이야|무서워 불 켜고 봐야겠다|공포게임 아니라며 ㄷㄷ|방장 비명 ㅋㅋㅋㅋㅋㅋ|초코는 안 무서워?|귀신도 AI 앞에선 조용하네
3번 문이 정답 같아요|열쇠 2개 더 모아야 함|체력 10%밖에 안 남았어|3만 골드 모았다!|1시간 30분째 같은 곳 ㅋㅋ|이번엔 깬다에 초콜릿 5개 건다
깼다!!!!!|드디어 클리어 ㅠㅠㅠㅠ|박수 짝짝짝|역시 연습하면 되는구나|다음 스테이지는 더 어렵대요|저장하고 가자 제발|세이브 또 까먹음?
초코야 끝말잇기 하자|초콜릿|릿은 너무하잖아 ㅋㅋㅋ|그럼 초코가 진 거다|가위바위보 할래?|오늘의 운세 봐줘|로또 번호 추천 좀 ㅎㅎ
처음 왔는데 분위기 좋네요|하이 하이|어서 오세요~|여기 채팅창 착하다|팔로우 눌렀어요|알림 설정 완료!|친구한테도 알려줘야지
초코 사랑해|초코 최고!|초코야 힘내|오늘도 수고가 많아|아까 말한 거 다시 해줘|초코 뭐해?|초코 졸려?|안 자니|나 곧 자러 감
그건 인정|ㄹㅇㅋㅋ|ㅇㅈ|ㄱㅅㄱㅅ|오 그렇구나|아하|그럴 수 있지|몰랐네|좀 천천히 가자|여기 숨은 길 있어요|지도 열어봐
우리 엄마도 초코 귀엽대|퇴근길에 듣는 중|버스에서 웃어서 민망했다|이어폰 필수네|설거지하면서 라디오처럼 듣는 중|운동하면서 보는 중
다음에 마인크래프트 해주세요|롤은 안 해요?|협동 게임 보고 싶다|시청자 참여 언제 해요?|팀 이름은 코코아단 어때|찬성!|저도 찬성이요
이 노래 제목 아시는 분|밖에 눈 와!|벌써 10월이라니|귤 5개째 먹는 중|커피 2잔 마셨더니 잠이 안 와|2:1로 이겼다 ㅎㅎ|오늘 20살 됐어요!
초코 목소리 좋다|발음이 또박또박하네|가끔 엉뚱해서 더 좋아|초코 삐졌어? 미안해|괜찮대 ㅋㅋ|초코랑 방장 케미 좋다|둘이 싸우면 누가 이겨?
""".strip().replace("\n", "|").split("|")  # fmt: skip

GOODBYE = """
초코 안녕 나 이제 자러 갈게|내일 출근이라 먼저 가볼게요|방종 각인가 ㅠㅠ|오늘 너무 재밌었다|잘자 초코야|다들 굿밤!|다음에 또 올게요
수고하셨습니다~|벌써 7분이나 지났네 ㅋㅋ|마지막으로 한마디 해줘|내일 봐요|초바|클립 따놨다|오늘도 고마워 초코
""".strip().replace("\n", "|").split("|")  # fmt: skip

FLOOD = [
    "ㅋㅋㅋㅋㅋㅋㅋ",
    "와",
    "깼다!!",
    "미쳤다",
    "대박",
    "ㄷㄷㄷ",
    "나이스",
    "이걸 이기네",
    "축하해!!",
    "레전드",
    "짝짝짝",
    "오오오오",
    "소름",
    "헐",
    "가자!!",
    "ㅠㅠㅠㅠ",
    "역시",
    "GG",
]

DONATIONS: tuple[tuple[float, str, Any, str, str], ...] = (
    (12.0, "도도한감자", 1000, "CHAT", "초코야 오늘 게임 이길 것 같아?"),
    (48.0, "소금빵러버", "5000", "CHAT", "저녁 맛있는 거 먹어요!"),
    (83.0, "", 1000, "CHAT", "익명으로 응원합니다"),
    (117.0, "야식요정", 10000, "VIDEO", "이 영상 꼭 봐주세요 ㅋㅋ"),
    (152.0, "무지개떡", 3000, "CHAT", "초코 노래 한 소절 부탁해요 {:cheer:}"),
    (186.0, "퇴근하고싶다", "2000", "CHAT", "내일도 힘내자"),
    (208.0, "치즈폭포", 50000, "CHAT", "클리어 축하해요!!!"),
    (208.4, "눈사람단장", 1000, "CHAT", "축하축하"),
    (209.1, "", "1000", "CHAT", "깬 거 실화냐"),
    (251.0, "한강오리배", 1000, "CHAT", ""),
    (289.0, "별똥별수집가", 7777, "CHAT", "행운의 숫자예요"),
    (324.0, "", 5000, "VIDEO", "조용히 영상만 두고 갑니다"),
    (366.0, "딸기우유단", "1,000", "CHAT", "초코 끝말잇기 또 하자"),
    (401.0, "달빛토스트", 2000, "CHAT", "첫방문이었는데 재밌었어요. 또 올게요!"),
)
SUBSCRIPTIONS: tuple[tuple[float, str, int, int], ...] = (
    (29.0, "초코칩두개", 1, 1),
    (101.0, "졸린다람쥐", 1, 3),
    (170.0, "귤까먹는중", 2, 12),
    (236.0, "은하철도우", 1, 6),
    (236.5, "콩나물국밥", 1, 1),
    (311.0, "꿀잠연구원", 2, 24),
    (385.0, "반숙계란", 1, 2),
)
EMOTES = ("cheer", "d_22", "choco_hi", "heart_1", "lol_3")

Line = tuple[float, str, Any]


def channel(name: str) -> str:
    return hashlib.sha256(f"aischoco demo {name}".encode()).hexdigest()[:32]


def stamp(at: float) -> str:
    moment = (START + timedelta(seconds=at)).replace(tzinfo=None)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f") + "420"


def chat(at: float, name: str, text: str, *, role: str = "common_user", top: bool = False) -> Line:
    emotes = {key: f"{ICON}{key}.png" for key in EMOTES if f"{{:{key}:}}" in text}
    profile: dict[str, Any] = {"nickname": name, "badges": [], "verifiedMark": role == "streamer"}
    if role != "common_user":
        profile["badges"] = [{"imageUrl": f"{ICON}{role}.png"}]
    if not top:
        profile["userRoleCode"] = role
    payload: dict[str, Any] = {
        "channelId": channel(STREAMER),
        "senderChannelId": channel(name),
        "chatChannelId": "N2dEmo",
        "profile": profile,
        "content": text,
        "emojis": emotes,
        "messageTime": round((START.timestamp() + at) * 1000),
        "eventSentAt": stamp(at),
    }
    if top:
        payload["userRoleCode"] = role
    return at, "CHAT", payload


def donation(at: float, name: str, amount: Any, kind: str, text: str) -> Line:
    payload: dict[str, Any] = {
        "donationType": kind,
        "channelId": channel(STREAMER),
        "donatorChannelId": channel(name) if name else "",
        "donatorNickname": name,
        "payAmount": amount,
        "donationText": text,
        "emojis": {key: f"{ICON}{key}.png" for key in EMOTES if f"{{:{key}:}}" in text},
        "eventSentAt": stamp(at),
    }
    if not name:
        del payload["donatorNickname"]
    return at, "DONATION", payload


def subscription(at: float, name: str, tier: int, month: int) -> Line:
    return at, "SUBSCRIPTION", {
        "channelId": channel(STREAMER),
        "subscriberChannelId": channel(name),
        "subscriberNickname": name,
        "tierNo": tier,
        "tierName": ("코코아", "다크초콜릿")[tier - 1],
        "month": month,
        "eventSentAt": stamp(at),
    }  # fmt: skip


def oddities() -> Iterator[Line]:
    """Return what a real broadcast also brings: system messages, hosts, spam, and undocumented payloads."""
    yield 0.0, "SYSTEM", {"type": "connected", "data": {"sessionKey": "demo-session"}}
    for step, kind in enumerate(("CHAT", "DONATION", "SUBSCRIPTION")):
        yield (
            0.1 + step / 10,
            "SYSTEM",
            {"type": "subscribed", "data": {"eventType": kind, "channelId": channel(STREAMER)}},
        )
    streamer = "다들 어서 와요! 오늘은 초코랑 같이 합니다|잠깐만요 물 좀 마시고 올게요|초코야 나 방금 잘했지?|와 진짜 깼다 손 떨려|오늘 와줘서 고마워요"
    for at, text in zip((3.4, 92.0, 140.0, 206.5, 408.0), streamer.split("|"), strict=True):
        yield chat(at, STREAMER, text, role="streamer")
    yield chat(61.0, MANAGERS[0], "도배는 삼가 주세요~", role="streaming_chat_manager")
    yield chat(175.0, MANAGERS[1], "스포일러 금지입니다!", role="streaming_channel_manager", top=True)
    yield chat(262.0, MANAGERS[0], "링크는 지울게요", role="streaming_chat_manager", top=True)
    for at in (57.0, 57.8, 58.6, 59.4, 60.2):
        yield chat(at, "무료치즈나눔", "무료 치즈 받으세요 https://free-cheese.example/win")
    for at in (259.0, 260.0):
        yield chat(at, "광고아님진짜", "www.cheap-cheese.example 최저가 ㄱㄱ")
    for at in (131.0, 131.4, 131.9, 132.3, 132.8, 133.1):
        yield chat(at, "오늘도지각", "초코야 대답해줘")
    same = chat(195.0, "파란우산", "이 장면 클립 따주세요")
    yield same
    yield 195.2, same[1], same[2]
    yield chat(197.0, "탄산빠진콜라", "ㅋ" * 180)
    yield chat(220.5, "물음표살인마", "?????????????????????????????")
    for at, text in ((145.0, "이런 바보 멍청이 ㅋㅋ"), (242.0, "방장 꺼져라"), (318.0, "아 개짜증나네")):
        yield chat(at, "입이거친곰", text)
    family = "👨\u200d👩\u200d👧\u200d👦"
    odd_texts = (
        f"우리 가족 {family} 다 같이 보는 중",
        "글자\u200b사이에\u200b뭐가\u200b있게",
        "❤️🔥🎉",
        "👍🏽 굿",
        "ｈｅｌｌｏ！",
    )
    for at, text in zip((37.0, 77.0, 111.0, 160.0, 271.0), odd_texts, strict=True):
        yield chat(at, "별똥별수집가", text)
    emotes = "{:choco_hi:}|{:cheer:}{:cheer:}|ㅋㅋㅋ {:lol_3:}|{:heart_1:} 초코|{:d_22:}|{:d_22:}{:lol_3:}{:heart_1:}|오 {:cheer:} 가자|{:choco_hi:} 하이"
    for step, text in enumerate(emotes.split("|") * 2):
        yield chat(24.0 + step * 23.7, VIEWERS[(step * 7) % len(VIEWERS)], text)
    yield 66.0, "CHAT", '{"channelId": "ab", "content": "잘린 글'
    yield 126.0, "CHAT", "null"
    no_profile = chat(165.0, "양말한짝", "프로필이 없는 채팅")
    del no_profile[2]["profile"]
    yield no_profile
    null_profile = chat(232.0, "하품대장", "프로필이 비었어요")
    null_profile[2]["profile"] = None
    yield null_profile
    yield 277.0, "CHAT", "[]"
    yield 301.0, "DONATION", {"donationType": "CHAT", "payAmount": "많이", "donationText": "금액이 이상해요"}
    yield 343.0, "CHAT", ""
    yield 352.0, "MISSION", {"missionText": "모르는 종류의 이벤트"}
    for at, text in ((43.0, "이모지 칸이 빈 문자열이에요"), (180.0, "저도요 ㅎㅎ")):
        line = chat(at, "마늘바게트", text)
        line[2]["emojis"] = ""
        yield line


def broadcast() -> list[str]:
    """Return the lines of the recording in order of time."""
    dice = random.Random(20261017)
    lines = [chat(at, name, text) for at, name, text in OPENING]
    lines += [donation(*each) for each in DONATIONS] + [subscription(*each) for each in SUBSCRIPTIONS]
    lines += list(oddities())
    at = 21.0
    for text in TALK:
        at += dice.uniform(0.9, 4.1) * 374 / (2.5 * len(TALK))
        lines.append(chat(round(at, 2), dice.choice(VIEWERS), text, top=dice.random() < 0.1))
    for step in range(100):
        lines.append(chat(round(204.0 + step / 10, 2), dice.choice(VIEWERS), dice.choice(FLOOD)))
    for step, text in enumerate(GOODBYE):
        lines.append(chat(round(398.0 + step * 1.7, 2), dice.choice(VIEWERS), text))
    lines.sort(key=lambda line: line[0])
    texts: list[str] = []
    for number, (when, event, payload) in enumerate(lines):
        as_object = isinstance(payload, dict) and number % 90 == 45
        wire = payload if as_object or isinstance(payload, str) else json.dumps(payload, ensure_ascii=False)
        texts.append(json.dumps({"t": when, "event": event, "payload": wire}, ensure_ascii=False))
    return texts


if __name__ == "__main__":
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text("\n".join(broadcast()) + "\n", encoding="utf-8", newline="\n")
