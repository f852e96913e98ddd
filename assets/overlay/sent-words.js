// The words about the line that was typed on this page, in Korean and in English.

export const SENT = {
  ko: {
    sentRead: "읽었어요 · 곧 대답해요",
    sentAhead: "읽었어요 · 앞에 {count}개",
    sentThinking: "읽었어요 · 대답을 만드는 중",
    sentSpeaking: "읽었어요 · 말하는 중",
    sentAnswered: "대답했어요",
    sentDropped: "대답하지 않아요: {why}",
    sentReasons: {
      too_short: "너무 짧음", too_long: "너무 김", repeated: "같은 글자 반복", link: "링크", duplicate: "같은 말", rate: "너무 잦음",
      banned_word: "금지어", banned_name: "금지된 이름", streamer_hidden: "방장 채팅 숨김", flood: "채팅이 너무 많음", stale: "너무 오래 기다림",
      not_mentioned: "이름을 부르지 않음", other_channel: "다른 채널", own: "캐릭터 자신의 글", command: "명령어", injection: "조종 시도",
      withdrawn: "지워짐", failed: "오류", unanswered: "소리 없이 끝남", unaccounted: "알 수 없음",
    },
  },
  en: {
    sentRead: "Read · next",
    sentAhead: "Read · {count} before it",
    sentThinking: "Read · an answer is being made",
    sentSpeaking: "Read · being answered",
    sentAnswered: "Answered",
    sentDropped: "No answer: {why}",
    sentReasons: {
      too_short: "too short", too_long: "too long", repeated: "repeated characters", link: "a link", duplicate: "said before", rate: "too often",
      banned_word: "a banned word", banned_name: "a banned name", streamer_hidden: "the streamer's chat is hidden", flood: "too much chat", stale: "waited too long",
      not_mentioned: "the name is not in it", other_channel: "another channel", own: "the character's own words", command: "an order to a program", injection: "an order to the model",
      withdrawn: "deleted", failed: "an error", unanswered: "ended without a sound", unaccounted: "unknown",
    },
  },
};
