// The words of the bar that all pages at the desk share, in Korean and in English.

export const WORDS = {
  ko: {
    pages: "페이지", lights: "방송 준비", copy: "OBS 주소 복사", copied: "복사했어요", stage: "아바타 무대 열기", close: "닫기",
    tabs: { "/": "무대", "/dock/": "조종판", "/graph/": "그래프" },
    names: { chat: "치지직", reply: "대답", voice: "목소리", avatar: "몸", obs: "OBS" },
    states: { good: "좋아요", waiting: "기다려요", bad: "안 돼요", none: "이 그래프에는 없어요", unknown: "알 수 없어요" },
    says: {
      chat: {
        good: "치지직 채팅을 받고 있어요.", waiting: "치지직에 연결하고 있어요.", bad: "치지직 채팅을 받지 못하고 있어요.",
        none: "이 그래프는 치지직에 연결하지 않아요.",
      },
      reply: {
        good: "대답할 수 있어요.", waiting: "모델에 아직 묻지 않았어요. 첫 대답이 나오면 켜져요.", bad: "대답하는 모델을 쓸 수 없어요.",
        none: "이 그래프는 대답하지 않아요.",
      },
      voice: {
        good: "목소리가 나와요.", waiting: "목소리를 준비하고 있어요.", bad: "목소리가 나오지 않아 자막만 나가요.",
        none: "이 그래프에는 목소리가 없어요.",
      },
      avatar: {
        good: "아바타에 연결됐어요.", waiting: "아바타에 연결하고 있어요.", bad: "아바타에 연결되지 않았어요.",
        none: "이 그래프는 아바타를 움직이지 않아요.",
      },
      obs: {
        good: "OBS가 방송 화면을 열었어요.", waiting: "OBS가 아직 방송 화면을 열지 않았어요. 주소를 복사해 브라우저 소스에 붙여 넣어 주세요.",
        bad: "방송 화면을 보여 줄 수 없어요.", none: "이 그래프에는 방송 화면이 없어요.",
      },
    },
    failing: "노드 {node}가 자꾸 멈춰서 쉬어 가며 다시 켜고 있어요.", ended: "노드 {node}가 할 일을 마쳤어요.",
    unknown: "프로그램에 연결되지 않아 알 수 없어요.",
  },
  en: {
    pages: "Pages", lights: "Ready for the show", copy: "Copy OBS address", copied: "copied", stage: "Open the avatar's stage", close: "Close",
    tabs: { "/": "Stage", "/dock/": "Dock", "/graph/": "Graph" },
    names: { chat: "CHZZK", reply: "Answers", voice: "Voice", avatar: "Body", obs: "OBS" },
    states: { good: "good", waiting: "waiting", bad: "not working", none: "not in this graph", unknown: "unknown" },
    says: {
      chat: {
        good: "CHZZK chat is being received.", waiting: "Connecting to CHZZK.", bad: "CHZZK chat is not being received.",
        none: "This graph does not connect to CHZZK.",
      },
      reply: {
        good: "Answers can be given.", waiting: "The model has not been asked yet; the first answer switches this on.",
        bad: "The model that answers cannot be used.", none: "This graph does not answer.",
      },
      voice: {
        good: "The voice can be heard.", waiting: "The voice is being prepared.", bad: "There is no voice, only captions.",
        none: "This graph has no voice.",
      },
      avatar: {
        good: "Connected to the avatar.", waiting: "Connecting to the avatar.", bad: "Not connected to the avatar.",
        none: "This graph moves no avatar.",
      },
      obs: {
        good: "OBS has opened the page.", waiting: "OBS has not opened the page yet. Copy the address and paste it into a browser source.",
        bad: "The page cannot be shown.", none: "This graph has no page for OBS.",
      },
    },
    failing: "The node {node} keeps failing and is started again with pauses.", ended: "The node {node} has done its work.",
    unknown: "Not connected to the program.",
  },
};
