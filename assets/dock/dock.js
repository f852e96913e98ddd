// The dock: shows what the node overlay.dock sends and what the engine says about the graph, and gives orders. Each
// part of the page has its own file; this one connects them to the program.

import { startBar } from "/shared/bar.js";
import { say } from "/shared/dom.js";
import { link } from "/shared/link.js";
import { startLoading } from "/shared/loading.js";
import { again, ask } from "/shared/orders.js";
import { showLine } from "/shared/show.js";
import { speak, word, wordsOf } from "/shared/words.js";
import { lookAtChat, showChat } from "./chat.js";
import { lookAtChoices, pending, settle, showChoices } from "./choices.js";
import { button, fill, part } from "./elements.js";
import { showHealth } from "./health.js";
import { hotkeys } from "./hotkeys.js";
import { known, now } from "./known.js";
import { showMic } from "./mic.js";
import { showNow } from "./now.js";
import { post } from "./orders.js";
import { showQueue } from "./queue.js";
import { showScreen } from "./screen.js";
import { showSaying } from "./saying.js";
import { chooseKind, showTrial } from "./trial.js";
import { showHeld, showPast } from "./turns.js";

const LOOK_MS = 1000;
const counters = (window.__dock = { opens: 0, states: 0, looks: 0 });
const showBar = startBar(part.bar, "/dock/");
const showLoading = startLoading(part.loading, look);
let tried = false; // whether the program has answered, or did not in time
const lookAtHotkeys = hotkeys({ part, fill, button, post });

function show() {
  const { graph, title, up } = known;
  document.title = title ? `${word("pageName")} · ${title}` : word("pageName");
  showBar(graph);
  const noDock = graph && !graph.nodes.some((node) => node.type === "overlay.dock");
  showLoading(up ? "there" : tried ? "away" : "loading", noDock ? word("noDock") : "");
  if (up || graph) part.main.hidden = false;
  part.dot.classList.toggle("is-up", up);
  showLine(part.showLine, known.state.show, now());
  for (const showPart of [showNow, showMic, showHeld, showSaying, showPast, showChat, showScreen, showQueue, showTrial, showHealth, showChoices]) showPart();
}

// What the server sends.

const CHANGES = {
  hello({ title, channels }) {
    known.title = title;
    known.channels = channels ?? {};
    say(part.title, title);
  },
  state(change) {
    known.state = change;
    known.ahead = change.now - performance.now() / 1000;
    counters.states += 1;
    show();
  },
  mic(change) {
    known.mic = change;
    showMic();
  },
  voice({ turn, sentence, fraction }) {
    const one = known.state.turns.find((each) => each.id === turn)?.sentences.find((each) => each.id === sentence);
    if (one) one.fraction = fraction;
    showNow();
  },
};

// Works without the dock's own connection too: the running graph may have no dock, and can still be undone.
async function look() {
  if (document.hidden) return;
  const before = pending();
  const answers = await Promise.all([ask("/api/graph"), ask("/api/turns?last=8"), ask("/api/reload")]);
  const [stopped, screen] = await Promise.all([ask("/api/stopped"), ask("/api/screen")]);
  known.stopped = Array.isArray(stopped.answer) ? stopped.answer : []; // a program without a filter, or another machine
  known.screen = screen.ok ? screen.answer : null;
  if (answers.some(({ status }) => !status)) {
    known.graph = null;
    showBar(null);
    return;
  }
  const [graph, turns, reload] = answers.map(({ ok, answer }) => (ok ? answer : null));
  Object.assign(known, { graph, turns: turns ?? [], reload });
  await lookAtChat();
  settle(before);
  show(); // before the list of graphs, for which every graph is read
  await lookAtChoices();
  await lookAtHotkeys(graph, known.state.emotions);
  counters.looks += 1;
  show();
}

function spoken() {
  chooseKind();
  show();
}

speak(wordsOf("dock"), { onSwitch: spoken });
spoken();
link("/ws/dock", {
  onUp() {
    known.up = true;
    counters.opens += 1;
    show();
  },
  onDown() {
    known.up = false;
    tried = true;
    show();
  },
  onMessage: (change) => CHANGES[change.type]?.(change),
});
again(look, LOOK_MS);
