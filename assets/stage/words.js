// The words of the stage, in Korean and in English.

export const WORDS = {
  ko: {
    up: "연결됨",
    down: "다시 연결하는 중…",
    copy: "OBS 주소 복사",
    copyTitle: "OBS 브라우저 소스에 붙여 넣을 주소예요",
    copied: "복사했어요",
    prompt: "플러그인 허용",
    question: "이(가) {name}의 아바타를 움직여도 될까요?",
    by: "만든 이: {developer}",
    page: "⚠ 웹페이지 {page} 가 묻습니다. 직접 연 페이지가 아니면 거절하세요.",
    allow: "허용",
    deny: "거절",
    failed: "보내지 못했어요: {why}",
    away: "서버에 닿지 않아요. 잠시 뒤에 다시 눌러 주세요.",
  },
  en: {
    up: "connected",
    down: "reconnecting…",
    copy: "Copy OBS address",
    copyTitle: "The address for an OBS browser source",
    copied: "copied",
    prompt: "Allow a plugin",
    question: " would like to move the avatar of {name}. Allow it?",
    by: "Made by {developer}",
    page: "⚠ The web page {page} is asking. Deny it unless you opened it for this.",
    allow: "Allow",
    deny: "Deny",
    failed: "Not sent: {why}",
    away: "The server cannot be reached. Try again in a moment.",
  },
};
