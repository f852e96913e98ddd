// The dock: shows what the node overlay.dock sends (nodes/overlay/_dock_state.py) and what the engine says about the
// graph, and gives orders. What viewers wrote only ever becomes textContent.

import { html, say } from "/shared/dom.js";
import { link } from "/shared/link.js";
import { seconds, sum, whole } from "/shared/numbers.js";
import { again, ask, order } from "/shared/orders.js";
import { among, language, problemLine, speak, word } from "/shared/words.js";
import { hotkeys } from "./hotkeys.js";
import { stoppedKey, stoppedLine } from "./stopped.js";
import { WORDS } from "./words.js";

const LOOK_MS = 1000;
const CHOICES_EVERY = 4; // looks between two requests: for each answer the program reads and checks every graph
let rest = 0; // looks left until the graphs are requested again
const part = Object.fromEntries([...document.querySelectorAll("[id]")].map((element) => [element.id, element]));
const counters = (window.__dock = { opens: 0, states: 0, looks: 0 });

const NOTHING = { paused: false, approving: false, muted: false, turns: [], held: [], sayings: [], past: [], emotions: [] };
let state = NOTHING;
let graph = null; // GET /api/graph
let turns = []; // GET /api/turns
let reload = null; // GET /api/reload
let stopped = []; // GET /api/stopped
let graphs = []; // GET /api/graphs
let chosen = null; // the graph that a person is asked to confirm before it goes on air
let awaited = null; // {file, asked}: the order that has no outcome yet
let channels = {}; // channel id -> its name
let up = false;

// Elements.

const button = (name, text, press) => html("button", { type: "button", class: name, onclick: press }, text);

// Replaces the children only when `content` differs, so that the focused element keeps the focus.
function fill(list, content, build) {
  const key = JSON.stringify([language(), content]);
  if (list.key === key) return;
  list.key = key;
  list.replaceChildren(...content.flatMap(build));
}

function given(line) {
  if (line.kind === "donation") return line.amount ? word("cheese", { amount: whole(line.amount) }) : word("donated");
  if (line.gifts) return word("gifts", { count: line.gifts });
  return line.kind === "subscription" ? word("subscribed", { months: line.months }) : "";
}

function message(line) {
  const gift = given(line);
  return html(
    "li",
    { class: `line is-${line.kind}` },
    several() && line.channel && html("span", { class: "tag channel", title: line.channel }, channels[line.channel] || line.channel.slice(0, 6)),
    html("b", {}, line.user),
    gift && html("span", { class: "gift" }, gift),
    line.message && ` ${line.message.replace(/\{:([\w-]{1,40}):\}/g, "[$1]")}`,
  );
}

// Whether viewers of several channels are among those whose turns are open or wait.
const several = () => new Set([...state.turns, ...state.held].flatMap((turn) => turn.messages.map((line) => line.channel)).filter(Boolean)).size > 1;

const reasons = (turn) => [
  ...(turn.topic ? [html("li", { class: "line" }, html("b", {}, word("topic")), " ", turn.topic)] : []),
  ...turn.messages.map(message),
];

// What is happening now.

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
  say(part.state, stateWord(turn));
  const lane = turn && (turn.operator ? "operator" : turn.topic ? "" : turn.lane);
  part.lane.hidden = !lane;
  part.lane.dataset.lane = lane || "";
  say(part.lane, lane ? word(lane) : "");
  const rung = report?.rung;
  part.rung.hidden = !rung;
  say(part.rung, rung ? among("rungs", rung) : "");
  fill(part.why, turn ? [{ topic: turn.topic, messages: turn.messages, several: several() }] : [], reasons);
  showSaid(turn);
  const from = report?.marks.received ?? report?.marks.batched;
  const reached = MARKS.filter((mark) => report && report.marks[mark] !== null && from !== null);
  const took = reached.map((mark) => [mark, seconds((report.marks[mark] - from).toFixed(1))]);
  fill(part.marks, [...took, ...sureness(report)], ([name, value]) => [
    html("li", {}, html("span", {}, word(name)), html("b", {}, value)),
  ]);
  part.skip.disabled = !turn;
}

// How sure the model's answer is, and how long the whole of it took; nothing where no model answered.
function sureness(report) {
  if (typeof report?.confidence !== "number") return [];
  return [["confidence", `${Math.round(report.confidence * 100)}%`], ["processing_time", seconds(report.processing_time.toFixed(1))]];
}

// The sentences of the turn: those already heard are bright, those to come are dim.
function showSaid(turn) {
  const sentences = turn ? turn.sentences : [];
  part.said.classList.toggle("is-empty", !sentences.length);
  if (!sentences.length) {
    part.said.key = "";
    say(part.said, turn ? "" : word("quiet"));
    return;
  }
  fill(part.said, sentences.map((one) => [one.text, one.fraction]), ([sentence, fraction]) => {
    const signs = [...sentence];
    const heard = Math.round(fraction * signs.length);
    return [html("span", { class: "heard" }, signs.slice(0, heard).join("")), html("span", { class: "ahead" }, `${signs.slice(heard).join("")} `)];
  });
}

function showHeld() {
  part.heldPart.hidden = !state.held.length;
  fill(part.held, state.held.map(({ id, lane, topic, messages }) => ({ id, lane, topic, messages, several: several() })), (held) => {
    const lane = held.topic ? [] : [html("span", { class: "lane" }, word(held.lane))];
    if (lane.length) lane[0].dataset.lane = held.lane;
    const choice = html(
      "div",
      { class: "row" },
      ...lane,
      button("plain reject", word("reject"), () => give({ order: "reject", turn: held.id })),
      button("primary approve", word("approve"), () => give({ order: "approve", turn: held.id })),
    );
    return [html("li", { class: "card" }, html("ul", { class: "why" }, ...reasons(held)), choice)];
  });
}

function showRest() {
  for (const [name, on] of [["pause", state.paused], ["approving", state.approving], ["mute", state.muted]]) {
    part[name].setAttribute("aria-pressed", String(on));
  }
  fill(part.sayings, state.sayings, (saying) => [
    html("li", { class: "row" }, html("span", { class: "grow" }, saying.text), button("quiet", word("unsay"), () => give({ order: "unsay", turn: saying.id }))),
  ]);
  part.pastPart.hidden = !state.past.length;
  const past = [...state.past].reverse().map((one) => [one, sureness(turns.find((turn) => turn.id === one.id))]);
  fill(part.past, past, ([{ outcome, text }, sure]) => [
    html(
      "li",
      { class: `is-${outcome}` },
      html("span", { class: "tag" }, word(outcome)),
      text,
      ...sure.map(([name, value]) => html("span", { class: "sure", title: word(name) }, value)),
    ),
  ]);
  fill(part.emotions, state.emotions, (emotion) => [
    button("plain", among("emotions", emotion), () => give({ order: "feel", emotion }, word("done"))),
  ]);
  const chosen = part.sayEmotion.value;
  fill(part.sayEmotion, ["", ...state.emotions], (emotion) => {
    return [html("option", { value: emotion }, emotion ? among("emotions", emotion) : word("asIs"))];
  });
  part.sayEmotion.value = chosen;
}

// What the engine knows about the graph.

const LANES = ["donation", "subscription", "chat"];

function showGraph() {
  if (!graph) return;
  say(part.graph, graph.name);
  const events = graph.viewer_events;
  const dropped = Object.entries(events.dropped).sort((a, b) => b[1] - a[1]);
  const lost = sum(events.dropped);
  say(part.sum, `${word("total")} ${whole(events.in)} = ${word("answered")} ${whole(events.answered)} + ${word("waiting")} ${whole(events.waiting)} + ${word("dropped")} ${whole(lost)}`);
  fill(part.lanes, LANES.map((lane) => [lane, graph.waiting?.[lane] ?? 0]), ([lane, count]) => {
    const item = html("li", { class: count ? "" : "is-empty" }, html("span", {}, word(lane)), html("b", {}, whole(count)));
    item.dataset.lane = lane;
    return [item];
  });
  part.droppedPart.hidden = !lost;
  say(part.droppedTitle, `${word("dropped")} ${whole(lost)}`);
  fill(part.dropped, dropped, ([reason, count]) => [html("li", {}, html("span", {}, among("reasons", reason)), html("b", {}, whole(count)))]);
  part.stoppedPart.hidden = !stopped.length;
  say(part.stoppedTitle, word("stoppedWords"));
  fill(part.stopped, stoppedKey(stopped), (one) => [stoppedLine(one, allow, show)]);
  const typed = graph.nodes.some((node) => node.type === "chat.typed");
  part.test.hidden = !typed;
  part.noTest.hidden = typed;
  const ill = graph.nodes.filter((node) => !["running", "completed", "draining"].includes(node.state) || node.errors);
  part.ill.hidden = !ill.length;
  say(part.ill, String(ill.length));
  fill(part.nodes, ill.length ? ill : [null], (node) => (node ? [sick(node)] : [html("li", { class: "hint" }, word("fine"))]));
}

function sick(node) {
  const told = [among("states", node.state)];
  if (node.errors) told.push(`${word("errors")} ${node.errors}`);
  if (node.restarts) told.push(`${word("restarts")} ${node.restarts}`);
  const item = html("li", { class: `node is-${node.state}` }, html("b", {}, node.name), html("span", {}, told.join(" · ")));
  if (node.last_error) item.append(html("small", {}, node.last_error));
  return item;
}

function showReload() {
  const problems = reload?.problems ?? [];
  part.problems.hidden = !problems.length;
  fill(part.problems, problems, (problem) => [html("li", {}, problemLine(problem))]);
  part.undo.hidden = !reload?.undo;
  const back = reload?.undo_file && reload.undo_file !== reload.file ? reload.undo_file.replace(/^.*\//, "") : "";
  say(part.undo, back ? word("undoFile", { file: back }) : word("undo"));
  say(part.change, reload?.last ? `#${reload.generation} ${reload.last.summary}` : "");
}

// The outcome of the order, from an answer that was requested after the order was given.
function tellSwitch() {
  if (!reload || (reload.asked >= awaited.asked && reload.done < awaited.asked)) return;
  const done = reload.file === awaited.file;
  const another = reload.asked < awaited.asked; // a new run of the program starts counting from zero
  awaited = null;
  rest = 0;
  if (!another) note(word(done ? "switched" : "notSwitched"), !done);
}

// The graphs that could run instead. An invalid one says why and cannot be chosen.
function showChoices() {
  fill(part.choices, graphs, (choice) => {
    const { file, name, ok, running, problems } = choice;
    const tail = running ? html("span", { class: "tag is-on" }, word("runningNow")) : ok ? button("quiet", word("choose"), () => choose(choice)) : html("span", { class: "tag is-wrong" }, word("wrong"));
    if (!running && ok) tail.setAttribute("aria-label", `${word("choose")}: ${name} (${file})`);
    const head = html("div", { class: "row" }, html("span", { class: "grow" }, html("b", {}, name || file), ...(name ? [html("small", {}, file)] : [])), tail);
    const found = problems.map((problem) => html("li", {}, problemLine({ ...problem, file: "" })));
    return [html("li", { class: "choice" }, head, ...(found.length ? [html("ul", { class: "found" }, ...found)] : []))];
  });
  part.confirm.hidden = !chosen;
  if (!chosen) return;
  say(part.confirmTitle, word("confirm", { name: chosen.name }));
  say(part.confirmHint, word(chosen.dock ? "confirmHint" : "confirmNoDock"));
}

function choose(choice) {
  chosen = choice;
  showChoices();
  if (choice) part.switchNow.focus();
}

function show() {
  part.offline.hidden = up;
  say(part.offline, word(graph && !graph.nodes.some((node) => node.type === "overlay.dock") ? "noDock" : "offline"));
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
  hello({ title, channels: names }) {
    document.title = title;
    channels = names ?? {};
    say(part.title, title);
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

// Works without the dock's own connection too: the running graph may have no dock, and can still be undone.
async function look() {
  if (document.hidden) return;
  const before = awaited;
  const answers = await Promise.all([ask("/api/graph"), ask("/api/turns?last=8"), ask("/api/reload")]);
  stopped = (await ask("/api/stopped")).answer;
  if (!Array.isArray(stopped)) stopped = []; // a program without a filter, or another machine
  if (answers.some(({ status }) => !status)) {
    graph = null;
    return;
  }
  [graph, turns, reload] = answers.map(({ ok, answer }) => (ok ? answer : null));
  turns ??= [];
  if (before && before === awaited) tellSwitch();
  if (!part.graphPart.open) rest = 0;
  else if (rest-- <= 0) {
    graphs = (await ask("/api/graphs")).answer.graphs ?? [];
    rest = graphs.length ? CHOICES_EVERY : 0;
  }
  await lookAtHotkeys(graph, state.emotions);
  counters.looks += 1;
  show();
}

// Orders.

let fading = 0;
function note(what, wrong) {
  part.note.textContent = what;
  part.note.classList.toggle("is-wrong", Boolean(wrong));
  clearTimeout(fading);
  fading = setTimeout(() => (part.note.textContent = ""), 4000);
}

// Sends an order and shows the outcome; returns the answer if the order was carried out.
async function post(path, body, done) {
  const { status, ok, answer } = await order(path, body);
  if (!status) note(word("unreached"), true);
  else if (status === 404) note(word("missing"), true);
  else if (!ok) note(`${word("refused")}: ${answer.error}`, true);
  else if (answer.done === false) note(answer.note, true);
  else {
    note(done);
    return answer;
  }
  return null;
}

const lookAtHotkeys = hotkeys({ part, fill, button, post });

// Most orders show in what they change; the others are reported.
const give = (body, done = "") => post("/api/dock", body, done);

const allow = async (body) => {
  const answer = await post("/api/allow", body);
  if (answer) note(word("allowed", { said: answer.said.join(", ") }));
  return answer;
};

for (const [name, field] of [["pause", "paused"], ["approving", "approving"], ["mute", "muted"]]) {
  part[name].addEventListener("click", () => give({ order: name, to: !state[field] }));
}
part.skip.addEventListener("click", () => current() && give({ order: "skip", turn: current().id }));
part.stop.addEventListener("click", () => give({ order: "stop" }));

async function sayThis(at_once) {
  const body = { order: "say", text: part.sayText.value.trim(), emotion: part.sayEmotion.value, at_once };
  if (body.text && (await give(body))) part.sayText.value = "";
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
function spoken() {
  chooseKind();
  show();
}

speak(WORDS, { onSwitch: spoken });
spoken();
link("/ws/dock", {
  onUp() {
    up = true;
    counters.opens += 1;
    show();
  },
  onDown() {
    up = false;
    show();
  },
  onMessage: (change) => CHANGES[change.type]?.(change),
});
again(look, LOOK_MS);
