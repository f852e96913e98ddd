// The overlay page: a fold over the changes that the node overlay.web sends (nodes/overlay/_state.py does the same fold).
// What viewers wrote only ever becomes textContent.

const onAir = new URLSearchParams(location.search).has("obs") || "obsstudio" in window;
const counters = (window.__overlay = { opens: 0, lines: 0, answers: 0, caption: "", revealed: "" });
const find = (name) => document.querySelector(`.aischoco-${name}`);
const page = Object.fromEntries(
  ["title", "link", "sound", "address", "chat", "answers", "caption", "said", "rest", "say", "kind", "amount", "text", "note", "problems"]
    .map((name) => [name, find(name)]),
);
document.documentElement.classList.toggle("is-desk", !onAir);

let shown = { title: "AIsChoco", max_lines: 50, fade_s: 600, lines: [], answers: [], caption: null };
let ahead = 0; // the server's clock minus ours, in seconds
const seconds = () => performance.now() / 1000;

// Elements.

function make(tag, name, text = "") {
  const element = document.createElement(tag);
  element.className = name;
  element.textContent = text;
  return element;
}

function message(text) {
  const element = make("span", "aischoco-message");
  for (const [index, part] of text.split(/\{:([\w-]{1,40}):\}/).entries()) {
    if (index % 2) element.append(make("span", "aischoco-emote", part));
    else if (part) element.append(part);
  }
  return element;
}

function name(user) {
  const element = make("span", "aischoco-name", user);
  let hash = 0;
  for (const sign of user) hash = (hash * 31 + sign.codePointAt(0)) % 360;
  element.style.setProperty("--aischoco-name", `hsl(${hash}, 78%, 76%)`);
  return element;
}

const ROLES = { streamer: "방장", manager: "매니저" };

function line(item) {
  const element = make("div", `aischoco-line is-${item.kind} is-${item.role}`);
  const badge = ROLES[item.role] ? [make("span", "aischoco-badge", ROLES[item.role])] : [];
  if (item.kind === "chat") {
    element.append(...badge, name(item.user), message(item.message));
    return element;
  }
  const given = item.kind === "donation"
    ? `${item.amount.toLocaleString("ko-KR")}치즈`
    : `${item.months}개월 구독`;
  const head = make("div", "aischoco-head");
  head.append(name(item.user), make("span", "aischoco-amount-tag", given));
  if (item.tier) head.insertBefore(make("span", "aischoco-badge", item.tier), head.lastChild);
  element.append(head, message(item.message));
  return element;
}

function answer(item) {
  const element = make("div", "aischoco-answer");
  element.dataset.emotion = item.emotion;
  element.append(
    make("span", "aischoco-name", shown.title),
    make("span", "aischoco-message", item.sentences.map((part) => part.text).join(" ")),
  );
  return element;
}

// Makes the children of `list` those of `items`, by id; elements that are still right stay as they are.
function show(list, items, build, settled) {
  const old = new Map([...list.children].map((element) => [element.dataset.id, element]));
  const next = items.map((item) => {
    const content = JSON.stringify(item);
    const before = old.get(String(item.id));
    if (before && before.content === content) return before;
    const element = build(item);
    element.dataset.id = item.id;
    element.content = content;
    element.ts = item.ts;
    element.classList.toggle("is-settled", settled || Boolean(before));
    return element;
  });
  const keep = new Set(next);
  for (const element of [...list.children]) if (!keep.has(element)) element.remove();
  next.forEach((element, index) => {
    if (list.children[index] !== element) list.insertBefore(element, list.children[index] || null);
  });
}

function render(settled) {
  show(page.chat, shown.lines, line, settled);
  show(page.answers, shown.answers.filter((item) => item.sentences.length), answer, settled);
  counters.lines = page.chat.childElementCount;
  counters.answers = page.answers.childElementCount;
  fade();
}

function fade() {
  const now = seconds() + ahead;
  for (const element of document.querySelectorAll("[data-id]")) {
    element.classList.toggle("is-faded", now - element.ts > shown.fade_s);
  }
}
setInterval(fade, 1000);

// The caption: between two reports it goes on at the pace of the voice, and never back.

const GUESS = 7; // characters a second, until the second report
const BLIND_S = 0.6; // how far it goes without a report
let voice = null; // {key, signs, fraction, at, pace, shown, ended}
let drawing = 0;

function caption(now) {
  counters.caption = now ? now.text : "";
  page.caption.classList.toggle("is-gone", !now);
  if (!now) {
    voice = null;
    return;
  }
  const key = `${now.turn}/${now.sentence}/${now.text}`;
  const at = seconds();
  if (!voice || voice.key !== key) {
    const signs = [...now.text];
    page.caption.classList.toggle("is-long", signs.length > 46);
    voice = { key, signs, fraction: now.fraction, at, pace: GUESS / signs.length, shown: -1 };
  } else if (at > voice.at && now.fraction > voice.fraction) {
    voice.pace = (now.fraction - voice.fraction) / (at - voice.at);
    voice.fraction = now.fraction;
    voice.at = at;
  }
  voice.ended = now.ended;
  if (!drawing) draw();
}

function draw() {
  drawing = 0;
  if (!voice) return;
  const blind = Math.min(seconds() - voice.at, BLIND_S);
  const fraction = voice.ended ? 1 : Math.min(1, voice.fraction + voice.pace * blind);
  const count = Math.max(voice.shown, Math.ceil(fraction * voice.signs.length));
  if (count !== voice.shown) {
    voice.shown = count;
    page.said.textContent = counters.revealed = voice.signs.slice(0, count).join("");
    page.rest.textContent = voice.signs.slice(count).join("");
  }
  if (!voice.ended) drawing = requestAnimationFrame(draw);
}

// What the server sends.

function put(items, item) {
  const next = items.some((old) => old.id === item.id)
    ? items.map((old) => (old.id === item.id ? item : old))
    : [...items, item];
  return next.slice(-shown.max_lines);
}

const CHANGES = {
  hello(change) {
    shown = change;
    document.title = page.title.textContent = change.title;
    render(true);
    caption(change.caption);
  },
  line(change) {
    shown.lines = put(shown.lines, change.line);
    render(false);
  },
  withdraw(change) {
    shown.lines = shown.lines.filter((item) => !change.ids.includes(item.id));
    render(false);
  },
  answer(change) {
    shown.answers = put(shown.answers, change.answer);
    render(false);
  },
  caption(change) {
    caption((shown.caption = change.caption));
  },
};

const SOONEST_MS = 250;
const LATEST_MS = 5000;
let pause = SOONEST_MS;

function connect() {
  const socket = new WebSocket(`ws://${location.host}/ws/overlay`);
  socket.onopen = () => {
    counters.opens += 1;
    pause = SOONEST_MS;
    linked(true);
  };
  socket.onmessage = (event) => {
    const change = JSON.parse(event.data);
    ahead = change.now - seconds();
    CHANGES[change.type]?.(change);
  };
  socket.onclose = () => {
    linked(false);
    setTimeout(connect, pause * (0.75 + Math.random() / 2));
    pause = Math.min(pause * 2, LATEST_MS);
  };
}

function linked(up) {
  page.link.classList.toggle("is-up", up);
  page.link.textContent = up ? "연결됨" : "다시 연결하는 중…";
}

// Typing a line, off air.

let token = document.querySelector("meta[name=aischoco-token]").content;

const post = (body) =>
  fetch("/api/say", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Token": token },
    body: JSON.stringify(body),
  });

// A server that was started anew has a new token; its page tells it.
async function renew() {
  const text = await (await fetch("/")).text();
  token = new DOMParser().parseFromString(text, "text/html").querySelector("meta[name=aischoco-token]").content;
}

async function say() {
  const kind = page.kind.value;
  const body = { kind, text: page.text.value.trim() };
  if (kind === "chat" && !body.text) return;
  if (kind === "donation") body.amount = Number(page.amount.value) || 1000;
  page.note.textContent = "";
  try {
    let reply = await post(body);
    if (reply.status === 403) {
      await renew();
      reply = await post(body);
    }
    if (reply.ok) page.text.value = "";
    else if (reply.status === 404) page.note.textContent = "이 그래프는 입력을 받지 않아요.";
    else page.note.textContent = `보내지 못했어요: ${(await reply.json()).error}`;
  } catch {
    page.note.textContent = "서버에 닿지 않아요. 잠시 뒤에 다시 보내 주세요.";
  }
}

page.say.addEventListener("submit", (event) => {
  event.preventDefault();
  say();
});
page.kind.addEventListener("change", () => {
  page.amount.hidden = page.kind.value !== "donation";
});
page.address.addEventListener("click", async () => {
  await navigator.clipboard.writeText(`${location.origin}/?obs`);
  page.address.textContent = "복사했어요";
  setTimeout(() => (page.address.textContent = "OBS 주소 복사"), 1500);
});

// What keeps a saved graph from going on air; never shown on air itself.

async function look() {
  try {
    const status = await (await fetch("/api/reload")).json();
    const told = (status.problems ?? []).map(
      ({ file, line, column, message, hint }) => `${file}:${line}:${column}: ${message}${hint ? `; ${hint}` : ""}`,
    );
    if (told.join("\n") !== [...page.problems.children].map((item) => item.textContent).join("\n")) {
      page.problems.replaceChildren(...told.map((text) => make("li", "aischoco-problem", text)));
    }
    page.problems.hidden = !told.length;
  } catch {
    page.problems.hidden = true; // the connection's own state is told elsewhere
  }
}

if (!onAir) setInterval(look, 1500);
linked(false);
connect();

// The voice comes from its own module; the page shows everything without it too.
import("./sound.js")
  .then(({ startSound }) => startSound({ onState: (state) => (page.sound.hidden = onAir || state !== "suspended") }))
  .catch((error) => console.warn("no sound on this page:", error));
