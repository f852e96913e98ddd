// The words of the dock, in Korean and in English.

export const WORDS = {
  ko: {
    offline: "프로그램에 연결되지 않았어요. 다시 연결하는 중…",
    idle: "기다리는 중", thinking: "대답을 만드는 중", speaking: "말하는 중", pausedNow: "멈춰 있음", operatorNow: "시킨 말을 하는 중",
    why: "이 대답의 까닭", marks: "여기까지 걸린 시간", switches: "진행", quiet: "지금은 아무 말도 하지 않아요.",
    skip: "건너뛰기", skipTitle: "이 대답을 그만두고 다음으로",
    stop: "모두 멈춤", stopTitle: "지금 말을 끊고, 다시 켤 때까지 새로 대답하지 않아요",
    pause: "일시정지", pauseTitle: "새 대답을 시작하지 않아요",
    approving: "승인 받기", approvingTitle: "대답하기 전에 하나하나 물어봐요",
    mute: "음소거", muteTitle: "소리만 끄고 자막은 계속 나와요",
    held: "기다리는 대답", approve: "대답하기", reject: "버리기",
    sayTitle: "말 시키기", sayHint: "캐릭터가 할 말을 적어 주세요", sayNext: "말하기", sayNextTitle: "지금 대답이 끝나면 말해요",
    sayNow: "끼어들기", sayNowTitle: "지금 대답을 끊고 바로 말해요", unsay: "취소", emotion: "감정", asIs: "감정 그대로",
    queue: "줄", total: "들어옴", answered: "대답", waiting: "대기", dropped: "버림",
    past: "지나간 대답", heard: "다 말함", silent: "소리 없음", stopped: "끊음", rejected: "버림", stale: "오래됨", lost: "소식 없음",
    test: "시험 메시지", kind: "종류", chat: "채팅", donation: "후원", subscription: "구독", mention: "부름", operator: "직접",
    name: "이름", testHint: "시청자처럼 적어 보세요", send: "보내기", amount: "치즈", months: "개월",
    noTest: "이 그래프에는 chat.typed 노드가 없어서 시험 메시지를 보낼 수 없어요.",
    emotionTest: "감정 시험", graphState: "그래프", fine: "모든 노드가 잘 돌고 있어요.", undo: "되돌리기",
    undoTitle: "마지막으로 고친 것을 되돌려요", drawn: "그래프 보기", topic: "스스로 꺼낸 이야기",
    undoFile: "앞 그래프로: {}", choices: "다른 그래프로 바꾸기", choose: "바꾸기", runningNow: "지금", wrong: "고칠 것 있음",
    confirm: "{} 그래프로 바꿀까요?", switchNow: "바꾸기", switchNot: "그만두기", switching: "바꾸는 중…", switched: "그래프를 바꿨어요.",
    confirmHint: "프로그램은 그대로 돌고, 기다리던 채팅과 후원은 새 그래프가 이어받아요. 언제든 되돌릴 수 있어요.",
    confirmNoDock: "이 그래프에는 독이 없어요. 바꾼 뒤 이 화면에서는 되돌리기만 할 수 있어요.",
    notSwitched: "바꾸지 못했어요. 지금 그래프가 그대로 돌아요.", noDock: "지금 도는 그래프에는 독이 없어요. 그래프 칸에서 되돌릴 수 있어요.",
    errors: "오류", restarts: "다시 시작", done: "했어요.", unreached: "프로그램에 닿지 않아요. 잠시 뒤에 다시 눌러 주세요.",
    missing: "이 그래프에서는 할 수 없는 일이에요.", refused: "하지 못했어요", undone: "되돌렸어요.", sent: "보냈어요.",
    batched: "모음", first_token: "첫 글자", first_sentence: "첫 문장", first_sound: "첫 소리",
    emotions: { happy: "기쁨", sad: "슬픔", angry: "화남", surprised: "놀람", neutral: "평온", excited: "신남" },
    rungs: { model: "모델", second_model: "둘째 모델", cache: "기억", canned: "써 둔 대답", operator: "직접" },
    reasons: {
      too_short: "너무 짧음", too_long: "너무 김", repeated: "같은 글자 반복", link: "링크", duplicate: "같은 말", rate: "너무 잦음",
      banned_word: "금지어", banned_name: "금지 이름", streamer_hidden: "방장 채팅", flood: "너무 밀림", stale: "오래됨", own: "내 말",
      not_mentioned: "안 부름", command: "명령어", injection: "명령 시도", withdrawn: "지워짐", failed: "오류", unanswered: "대답 안 함", unaccounted: "알 수 없음",
    },
    states: {
      idle: "아직 안 켜짐", running: "도는 중", draining: "마무리 중", restarting: "다시 켜는 중", degraded: "자꾸 멈춤", completed: "끝남",
      stopped: "꺼짐",
    },
  },
  en: {
    offline: "Not connected to the program. Trying again…",
    idle: "Waiting", thinking: "Making an answer", speaking: "Speaking", pausedNow: "Paused", operatorNow: "Saying what you wrote",
    why: "What this answer is for", marks: "How long it took", switches: "Control", quiet: "Nothing is being said.",
    skip: "Skip", skipTitle: "Break this answer off and go on",
    stop: "Stop all", stopTitle: "Be silent now and answer nothing until resumed",
    pause: "Pause", pauseTitle: "Begin no new answer",
    approving: "Approve", approvingTitle: "Ask before each answer",
    mute: "Mute", muteTitle: "No sound; captions go on",
    held: "Waiting for you", approve: "Answer", reject: "Drop",
    sayTitle: "Say this", sayHint: "What the character shall say", sayNext: "Say", sayNextTitle: "After the present answer",
    sayNow: "Cut in", sayNowTitle: "Break the present answer off and say it now", unsay: "Cancel", emotion: "Feeling", asIs: "As it feels",
    queue: "Queue", total: "In", answered: "answered", waiting: "waiting", dropped: "dropped",
    past: "Past answers", heard: "heard", silent: "no sound", stopped: "cut", rejected: "dropped", stale: "too old", lost: "lost",
    test: "Test message", kind: "Kind", chat: "Chat", donation: "Donation", subscription: "Sub", mention: "Mention", operator: "You",
    name: "Name", testHint: "Write like a viewer", send: "Send", amount: "cheese", months: "months",
    noTest: "This graph has no chat.typed node, so no test message can be sent.",
    emotionTest: "Feeling test", graphState: "Graph", fine: "Every node is running well.", undo: "Undo",
    undoTitle: "Take the last edit back", drawn: "See the graph", topic: "Its own topic",
    undoFile: "Back to {}", choices: "Switch to another graph", choose: "Switch", runningNow: "on air", wrong: "to be mended",
    confirm: "Switch to the graph {}?", switchNow: "Switch", switchNot: "Stay", switching: "Switching…", switched: "The graph was switched.",
    confirmHint: "The program keeps running, and the new graph takes over the chat and donations that wait. It can be undone.",
    confirmNoDock: "That graph has no dock: on this page it can only be undone.",
    notSwitched: "Not switched; the graph goes on as it was.", noDock: "The running graph has no dock. It can be taken back below, under Graph.",
    errors: "errors", restarts: "restarts", done: "Done.", unreached: "The program cannot be reached. Try again in a moment.",
    missing: "This graph cannot do that.", refused: "Not done", undone: "Taken back.", sent: "Sent.",
    batched: "gathered", first_token: "first token", first_sentence: "first sentence", first_sound: "first sound",
    emotions: { happy: "happy", sad: "sad", angry: "angry", surprised: "surprised", neutral: "calm", excited: "excited" },
    rungs: { model: "model", second_model: "second model", cache: "cache", canned: "written", operator: "you" },
    reasons: {
      too_short: "too short", too_long: "too long", repeated: "repeated sign", link: "link", duplicate: "said before", rate: "too often",
      banned_word: "banned word", banned_name: "banned name", streamer_hidden: "streamer hidden", flood: "flood", stale: "too old",
      not_mentioned: "not addressed", command: "command", own: "own words", injection: "orders to the model", withdrawn: "withdrawn", failed: "error", unanswered: "not answered",
      unaccounted: "unaccounted",
    },
    states: {},
  },
};

let language = "ko";
try {
  if (localStorage.getItem("aischoco.language") === "en") language = "en";
} catch {
  // a dock may be without storage: then it begins in Korean each time
}

export const word = (name) => WORDS[language][name] ?? name;
export const among = (group, name) => WORDS[language][group][name] ?? name;
export const spoken = () => language;

export function switchLanguage() {
  language = language === "ko" ? "en" : "ko";
  try {
    localStorage.setItem("aischoco.language", language);
  } catch {
    // as above
  }
}

// Puts the words into the elements that name them.
export function translate() {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = word(element.dataset.text);
  for (const element of document.querySelectorAll("[data-title]")) element.title = word(element.dataset.title);
  for (const element of document.querySelectorAll("[data-label]")) element.setAttribute("aria-label", word(element.dataset.label));
  for (const element of document.querySelectorAll("[data-placeholder]")) element.placeholder = word(element.dataset.placeholder);
}
