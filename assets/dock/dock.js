// The dock: shows what the node overlay.dock tells (nodes/overlay/_dock_state.py) and what the engine tells of the graph,
// and gives orders. What viewers wrote only ever becomes textContent.

import { among, spoken, switchLanguage, translate, word } from "./words.js";

const LOOK_MS = 1000;
const PATIENCE_MS = 8000; // a program that stands still gives no answer, and closes nothing either
const limited = (request) => ({ ...request, signal: AbortSignal.timeout(PATIENCE_MS) });
const CHOICES_EVERY = 4; // looks: each of the program's answers makes it read and check every graph
let rest = 0; // looks until the graphs are asked for again
const part = Object.fromEntries([...document.querySelectorAll("[id]")].map((element) => [element.id, element]));
const counters = (window.__dock = { opens: 0, states: 0, looks: 0 });

const NOTHING = { paused: false, approving: false, muted: false, turns: [], held: [], sayings: [], past: [], emotions: [] };
let state = NOTHING;
let graph = null; // GET /api/graph
let turns = []; // GET /api/turns
let reload = null; // GET /api/reload
let graphs = []; // GET /api/graphs
let chosen = null; // the graph of which a person is asked whether it shall go on air
let awaited = null; // {file, asked}: what was ordered and is not decided yet
let up = false;

// Elements.

function make(tag, name, ...inside) {
  const element = document.createElement(tag);
  element.className = name;
  element.append(...inside);
  return element;
}

function button(name, text, press) {
  const element = make("button", name, text);
  element.type = "button";
  element.addEventListener("click", press);
  return element;
}

// Replaces the children only when `content` is another: what has the focus keeps it.
function fill(list, content, build) {
  const key = JSON.stringify([spoken(), content]);
  if (list.key === key) return;
  list.key = key;
  list.replaceChildren(...content.flatMap(build));
}

function text(element, now) {
  if (element.textContent !== now) element.textContent = now;
}

const number = (value) => value.toLocaleString(spoken() === "ko" ? "ko-KR" : "en-US");

function given(line) {
  if (line.kind === "donation") return `${number(line.amount)}${spoken() === "ko" ? "" : " "}${word("amount")}`;
  return line.kind === "subscription" ? `${line.months}${spoken() === "ko" ? "" : " "}${word("months")}` : "";
}

function message(line) {
  const item = make("li", `line is-${line.kind}`, make("b", "", line.user));
  const gift = given(line);
  if (gift) item.append(make("span", "gift", gift));
  if (line.message) item.append(" ", line.message.replace(/\{:([\w-]{1,40}):\}/g, "[$1]"));
  return item;
}

const reasons = (turn) => [
  ...(turn.topic ? [make("li", "line", make("b", "", word("topic")), " ", turn.topic)] : []),
  ...turn.messages.map(message),
];

// What is going on.

const current = () => state.turns.find((turn) => turn.speaking) ?? state.turns[0];

function stateWord(turn) {
  if (!turn) return word(state.paused ? "pausedNow" : "idle");
  if (turn.operator) return word("operatorNow");
  return word(turn.speaking ? "speaking" : "thinking");
}

const MARKS = ["batched", "first_token", "first_sentence", "first_sound"];

function showNow() {
  const turn = current();
  const report = turn && turns.find((each) => each.id === turn.id);
  document.body.dataset.state = turn ? (turn.speaking ? "speaking" : "thinking") : state.paused ? "paused" : "idle";
  text(part.state, stateWord(turn));
  const lane = turn && (turn.operator ? "operator" : turn.topic ? "" : turn.lane);
  part.lane.hidden = !lane;
  part.lane.dataset.lane = lane || "";
  text(part.lane, lane ? word(lane) : "");
  const rung = report?.rung;
  part.rung.hidden = !rung;
  text(part.rung, rung ? among("rungs", rung) : "");
  fill(part.why, turn ? [{ topic: turn.topic, messages: turn.messages }] : [], reasons);
  showSaid(turn);
  const from = report?.marks.received ?? report?.marks.batched;
  const reached = MARKS.filter((mark) => report && report.marks[mark] !== null && from !== null);
  fill(part.marks, reached.map((mark) => [mark, (report.marks[mark] - from).toFixed(1)]), ([mark, seconds]) => [
    make("li", "", make("span", "", word(mark)), make("b", "", `${seconds}s`)),
  ]);
  part.skip.disabled = !turn;
}

// The sentences of the turn; what was heard is bright, what is to come is dim.
function showSaid(turn) {
  const sentences = turn ? turn.sentences : [];
  part.said.classList.toggle("is-empty", !sentences.length);
  if (!sentences.length) {
    part.said.key = "";
    text(part.said, turn ? "" : word("quiet"));
    return;
  }
  fill(part.said, sentences.map((one) => [one.text, one.fraction]), ([sentence, fraction]) => {
    const signs = [...sentence];
    const heard = Math.round(fraction * signs.length);
    return [make("span", "heard", signs.slice(0, heard).join("")), make("span", "ahead", `${signs.slice(heard).join("")} `)];
  });
}

function showHeld() {
  part.heldPart.hidden = !state.held.length;
  fill(part.held, state.held.map(({ id, lane, topic, messages }) => ({ id, lane, topic, messages })), (held) => {
    const lane = held.topic ? [] : [make("span", "lane", word(held.lane))];
    if (lane.length) lane[0].dataset.lane = held.lane;
    const choice = make(
      "div",
      "row",
      ...lane,
      button("plain reject", word("reject"), () => order({ order: "reject", turn: held.id })),
      button("primary approve", word("approve"), () => order({ order: "approve", turn: held.id })),
    );
    return [make("li", "card", make("ul", "why", ...reasons(held)), choice)];
  });
}

function showRest() {
  for (const [name, on] of [["pause", state.paused], ["approving", state.approving], ["mute", state.muted]]) {
    part[name].setAttribute("aria-pressed", String(on));
  }
  fill(part.sayings, state.sayings, (saying) => [
    make("li", "row", make("span", "grow", saying.text), button("quiet", word("unsay"), () => order({ order: "unsay", turn: saying.id }))),
  ]);
  part.pastPart.hidden = !state.past.length;
  fill(part.past, [...state.past].reverse(), (past) => [
    make("li", `is-${past.outcome}`, make("span", "tag", word(past.outcome)), past.text),
  ]);
  fill(part.emotions, state.emotions, (emotion) => [
    button("plain", among("emotions", emotion), () => order({ order: "feel", emotion }, word("done"))),
  ]);
  const chosen = part.sayEmotion.value;
  fill(part.sayEmotion, ["", ...state.emotions], (emotion) => {
    const option = make("option", "", emotion ? among("emotions", emotion) : word("asIs"));
    option.value = emotion;
    return [option];
  });
  part.sayEmotion.value = chosen;
}

// What the engine knows of the graph.

const LANES = ["donation", "subscription", "chat"];

function showGraph() {
  if (!graph) return;
  text(part.graph, graph.name);
  const events = graph.viewer_events;
  const dropped = Object.entries(events.dropped).sort((a, b) => b[1] - a[1]);
  const lost = dropped.reduce((sum, [, count]) => sum + count, 0);
  text(part.sum, `${word("total")} ${number(events.in)} = ${word("answered")} ${number(events.answered)} + ${word("waiting")} ${number(events.waiting)} + ${word("dropped")} ${number(lost)}`);
  fill(part.lanes, LANES.map((lane) => [lane, graph.waiting?.[lane] ?? 0]), ([lane, count]) => {
    const item = make("li", count ? "" : "is-empty", make("span", "", word(lane)), make("b", "", number(count)));
    item.dataset.lane = lane;
    return [item];
  });
  part.droppedPart.hidden = !lost;
  text(part.droppedTitle, `${word("dropped")} ${number(lost)}`);
  fill(part.dropped, dropped, ([reason, count]) => [make("li", "", make("span", "", among("reasons", reason)), make("b", "", number(count)))]);
  const typed = graph.nodes.some((node) => node.type === "chat.typed");
  part.test.hidden = !typed;
  part.noTest.hidden = typed;
  const ill = graph.nodes.filter((node) => !["running", "completed", "draining"].includes(node.state) || node.errors);
  part.ill.hidden = !ill.length;
  text(part.ill, String(ill.length));
  fill(part.nodes, ill.length ? ill : [null], (node) => (node ? [sick(node)] : [make("li", "hint", word("fine"))]));
}

function sick(node) {
  const told = [among("states", node.state)];
  if (node.errors) told.push(`${word("errors")} ${node.errors}`);
  if (node.restarts) told.push(`${word("restarts")} ${node.restarts}`);
  const item = make("li", `node is-${node.state}`, make("b", "", node.name), make("span", "", told.join(" · ")));
  if (node.last_error) item.append(make("small", "", node.last_error));
  return item;
}

function showReload() {
  const problems = reload?.problems ?? [];
  part.problems.hidden = !problems.length;
  fill(part.problems, problems, ({ file, line, column, message: what, hint }) => [
    make("li", "", `${file}:${line}:${column}: ${what}${hint ? `; ${hint}` : ""}`),
  ]);
  part.undo.hidden = !reload?.undo;
  const back = reload?.undo_file && reload.undo_file !== reload.file ? reload.undo_file.replace(/^.*\//, "") : "";
  text(part.undo, back ? word("undoFile").replace("{}", back) : word("undo"));
  text(part.change, reload?.last ? `#${reload.generation} ${reload.last.summary}` : "");
}

// What came of the order, told by an answer that was asked for after the order was given.
function tellSwitch() {
  if (!reload || (reload.asked >= awaited.asked && reload.done < awaited.asked)) return;
  const done = reload.file === awaited.file;
  const another = reload.asked < awaited.asked; // another run of the program counts anew
  awaited = null;
  rest = 0;
  if (!another) say(word(done ? "switched" : "notSwitched"), !done);
}

// The graphs that could run instead. One that is wrong tells why and cannot be chosen.
function showChoices() {
  fill(part.choices, graphs, (choice) => {
    const { file, name, ok, running, problems } = choice;
    const tail = running ? make("span", "tag is-on", word("runningNow")) : ok ? button("quiet", word("choose"), () => choose(choice)) : make("span", "tag is-wrong", word("wrong"));
    if (!running && ok) tail.setAttribute("aria-label", `${word("choose")}: ${name} (${file})`);
    const head = make("div", "row", make("span", "grow", make("b", "", name || file), ...(name ? [make("small", "", file)] : [])), tail);
    const found = problems.map(({ line, column, message: what, hint }) => make("li", "", `${line}:${column}: ${what}${hint ? `; ${hint}` : ""}`));
    return [make("li", "choice", head, ...(found.length ? [make("ul", "found", ...found)] : []))];
  });
  part.confirm.hidden = !chosen;
  if (!chosen) return;
  text(part.confirmTitle, word("confirm").replace("{}", chosen.name));
  text(part.confirmHint, word(chosen.dock ? "confirmHint" : "confirmNoDock"));
}

function choose(choice) {
  chosen = choice;
  showChoices();
  if (choice) part.switchNow.focus();
}

function show() {
  part.offline.hidden = up;
  text(part.offline, word(graph && !graph.nodes.some((node) => node.type === "overlay.dock") ? "noDock" : "offline"));
  part.dot.classList.toggle("is-up", up);
  showNow();
  showHeld();
  showRest();
  showGraph();
  showReload();
  showChoices();
}

// What the server sends.

const CHANGES = {
  hello({ title }) {
    document.title = title;
    text(part.title, title);
  },
  state(change) {
    state = change;
    counters.states += 1;
    show();
  },
  voice({ turn, sentence, fraction }) {
    const one = state.turns.find((each) => each.id === turn)?.sentences.find((each) => each.id === sentence);
    if (one) one.fraction = fraction;
    showNow();
  },
};

const SOONEST_MS = 250;
const LATEST_MS = 5000;
let pause = SOONEST_MS;

function connect() {
  const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/dock`);
  socket.onopen = () => {
    up = true;
    counters.opens += 1;
    pause = SOONEST_MS;
    show();
  };
  socket.onmessage = (event) => {
    const change = JSON.parse(event.data);
    CHANGES[change.type]?.(change);
  };
  socket.onclose = () => {
    up = false;
    show();
    setTimeout(connect, pause * (0.75 + Math.random() / 2));
    pause = Math.min(pause * 2, LATEST_MS);
  };
}

const ask = async (path) => {
  const reply = await fetch(path, limited());
  return reply.ok ? reply.json() : null;
};

// Also without a connection of its own: the graph that runs may have no dock, and can be taken back all the same.
async function look() {
  if (!document.hidden) {
    try {
      const before = awaited;
      [graph, turns, reload] = await Promise.all([ask("/api/graph"), ask("/api/turns?last=8"), ask("/api/reload")]);
      turns ??= [];
      if (before && before === awaited) tellSwitch();
      if (!part.graphPart.open) rest = 0;
      else if (rest-- <= 0) {
        graphs = (await ask("/api/graphs"))?.graphs ?? [];
        rest = graphs.length ? CHOICES_EVERY : 0;
      }
      counters.looks += 1;
      show();
    } catch {
      graph = null;
    }
  }
  setTimeout(look, LOOK_MS);
}

// Orders.

let token = document.querySelector("meta[name=aischoco-token]").content;

const send = (path, body) =>
  fetch(path, limited({ method: "POST", headers: { "Content-Type": "application/json", "X-Token": token }, body: JSON.stringify(body) }));

// A server that was started anew has a new token; its page tells it.
async function renew() {
  const page = await (await fetch("/dock/", limited())).text();
  token = new DOMParser().parseFromString(page, "text/html").querySelector("meta[name=aischoco-token]").content;
}

let fading = 0;
function say(what, wrong) {
  part.note.textContent = what;
  part.note.classList.toggle("is-wrong", Boolean(wrong));
  clearTimeout(fading);
  fading = setTimeout(() => (part.note.textContent = ""), 4000);
}

// Sends it and tells what came of it; gives the answer where it was done.
async function post(path, body, done) {
  try {
    let reply = await send(path, body);
    if (reply.status === 403) {
      await renew();
      reply = await send(path, body);
    }
    if (reply.status === 404) say(word("missing"), true);
    else if (!reply.ok) say(`${word("refused")}: ${(await reply.json()).error}`, true);
    else {
      const answer = await reply.json();
      if (answer.done === false) say(answer.note, true);
      else say(done);
      return answer.done !== false && answer;
    }
  } catch {
    say(word("unreached"), true);
  }
  return false;
}

// Most orders are seen by what they change; the others are told.
const order = (body, done = "") => post("/api/dock", body, done);

for (const [name, field] of [["pause", "paused"], ["approving", "approving"], ["mute", "muted"]]) {
  part[name].addEventListener("click", () => order({ order: name, to: !state[field] }));
}
part.skip.addEventListener("click", () => current() && order({ order: "skip", turn: current().id }));
part.stop.addEventListener("click", () => order({ order: "stop" }));

async function sayThis(at_once) {
  const body = { order: "say", text: part.sayText.value.trim(), emotion: part.sayEmotion.value, at_once };
  if (body.text && (await order(body))) part.sayText.value = "";
}

part.say.addEventListener("submit", (event) => {
  event.preventDefault();
  sayThis(false);
});
part.sayNow.addEventListener("click", () => sayThis(true));
part.sayText.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  sayThis(false);
});

const NUMBERS = { donation: { min: 100, max: 1000000, step: 100, value: 1000, word: "amount" }, subscription: { min: 1, max: 1200, step: 1, value: 1, word: "months" } };

function chooseKind() {
  const limits = NUMBERS[part.testKind.value];
  part.testNumber.hidden = !limits;
  part.testText.disabled = part.testKind.value === "subscription";
  if (!limits) return;
  for (const name of ["min", "max", "step", "value"]) part.testNumber[name] = limits[name];
  part.testNumber.setAttribute("aria-label", word(limits.word));
}

part.testKind.addEventListener("change", chooseKind);
part.test.addEventListener("submit", async (event) => {
  event.preventDefault();
  const kind = part.testKind.value;
  const body = { kind, text: kind === "subscription" ? "" : part.testText.value.trim() };
  if (part.testName.value.trim()) body.name = part.testName.value.trim();
  if (kind === "donation") body.amount = Number(part.testNumber.value);
  if (kind === "subscription") body.months = Number(part.testNumber.value);
  if (await post("/api/say", body, word("sent"))) part.testText.value = "";
});

part.undo.addEventListener("click", () => post("/api/reload", { undo: true }, word("undone")));
part.switchNot.addEventListener("click", () => choose(null));
part.switchNow.addEventListener("click", async () => {
  const { file } = chosen;
  choose(null);
  const answer = await post("/api/reload", { file }, word("switching"));
  if (answer) awaited = { file, asked: answer.asked };
});
part.language.addEventListener("click", () => {
  switchLanguage();
  words();
});

function words() {
  translate();
  text(part.language, spoken() === "ko" ? "EN" : "한국어");
  part.language.lang = spoken() === "ko" ? "en" : "ko";
  chooseKind();
  show();
}

words();
connect();
look();
