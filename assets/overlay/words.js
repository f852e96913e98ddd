// What the page itself says, in Korean and, with ?lang=en, in English.

const KOREAN = {
  streamer: "방장",
  manager: "매니저",
  anonymous: "익명의 후원자",
  cheese: (amount) => `${amount.toLocaleString("ko-KR")}치즈`,
  months: (months) => `${months}개월 구독`,
  to: (users, others) => `${users.join(", ")}${others ? ` 외 ${others}명` : ""}에게`,
  up: "연결됨",
  down: "다시 연결하는 중…",
  copied: "복사했어요",
  refused: "이 그래프는 입력을 받지 않아요.",
  failed: (why) => `보내지 못했어요: ${why}`,
  away: "서버에 닿지 않아요. 잠시 뒤에 다시 보내 주세요.",
};

const ENGLISH = {
  streamer: "Streamer",
  manager: "Mod",
  anonymous: "Anonymous",
  cheese: (amount) => `${amount.toLocaleString("en")} cheese`,
  months: (months) => (months === 1 ? "subscribed" : `${months} months`),
  to: (users, others) => `to ${users.join(", ")}${others ? ` +${others}` : ""}`,
  up: "connected",
  down: "reconnecting…",
  copied: "copied",
  refused: "This graph takes no input.",
  failed: (why) => `Not sent: ${why}`,
  away: "The server cannot be reached. Try again in a moment.",
};

// What stands in the page's HTML, by class name.
const ENGLISH_PAGE = {
  sound: { textContent: "Sound on" },
  address: { textContent: "Copy OBS address", title: "The address for an OBS browser source" },
  text: { placeholder: "Say something as a viewer", ariaLabel: "Message" },
  send: { textContent: "Send" },
  clear: { textContent: "Clear" },
  streamer: { textContent: "Streamer's chat" },
  kind: { ariaLabel: "Kind" },
  amount: { ariaLabel: "Cheese" },
  chat: { ariaLabel: "Viewers' chat" },
  answers: { ariaLabel: "Answers" },
};

const english = new URLSearchParams(location.search).get("lang") === "en";

export const words = english ? ENGLISH : KOREAN;

export function translate(find) {
  if (!english) return;
  document.documentElement.lang = "en";
  for (const [name, parts] of Object.entries(ENGLISH_PAGE)) Object.assign(find(name), parts);
  ["Chat", "Donation", "Subscription"].forEach((text, index) => (find("kind").options[index].textContent = text));
}
