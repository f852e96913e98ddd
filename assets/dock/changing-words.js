// The words about a change of the graph, in Korean and in English.

export const CHANGING = {
  ko: {
    changing: "그래프를 바꾸는 중이에요 ({seconds}초)", waitsForVoice: "목소리가 말을 마치길 기다려요 ({seconds}초)", becoming: "바꾸는 중",
    turnedOn: "{parts}이(가) 켜졌어요.", turnedOff: "{parts}이(가) 꺼졌어요.", swapped: "{parts}이(가) 바뀌었어요.", changedDetails: "설정이 바뀌었어요.", details: "자세히",
    partChzzk: "치지직", partRecording: "녹화된 채팅", partSend: "채팅 쓰기", partModel: "모델", partVoice: "목소리", partSound: "소리", partBody: "아바타",
    partAlert: "알림", partSearch: "검색", partBus: "다른 컴퓨터",
  },
  en: {
    changing: "The graph is being switched ({seconds} s)", waitsForVoice: "Waiting for the voice to finish ({seconds} s)", becoming: "switching",
    turnedOn: "On: {parts}.", turnedOff: "Off: {parts}.", swapped: "Changed: {parts}.", changedDetails: "Settings changed.", details: "Details",
    partChzzk: "CHZZK", partRecording: "recorded chat", partSend: "writing to chat", partModel: "model", partVoice: "voice", partSound: "sound", partBody: "avatar",
    partAlert: "alerts", partSearch: "search", partBus: "other machines",
  },
};
