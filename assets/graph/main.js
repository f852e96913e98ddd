// Asks the program once a second what its graph is doing, and shows it; the files below edit/ change it.

import { startBar } from "/shared/bar.js";
import { byId, html, say } from "/shared/dom.js";
import { startLoading } from "/shared/loading.js";
import { clock } from "/shared/numbers.js";
import { again, ask } from "/shared/orders.js";
import { withHint } from "/shared/problems.js";
import { language, speak, word, wordsOf } from "/shared/words.js";
import { showCounts } from "./counts.js";
import { draw, flash, resize, update, zoomBy } from "./drawing.js";
import { zoomSketch } from "./edit/canvas.js";
import { draw as drawEditing, lookAtFile, showEditing } from "./edit/main.js";
import { copier, editorLink, place, showEdge, showNode, showNothing, showTap, showTurn, wantsTap } from "./look.js";
import { showTables } from "./tables.js";
import { pointAt, showTurns, showVoice, stepsOf } from "./turns.js";
import { showWhy, tellTime } from "./why.js";

const EVERY_MS = 1000;
const UNSEEN_MS = 5000; // while the page is in the background
const TAP_MS = 400;
const TURNS = 30;
const FILE_MS = 2000;
const EDIT = "#edit"; // the address of the mode in which the graph is changed

let latest = null; // the answers now shown
let up = false;
let state = null;
let shape = "";
let chosen = null;
let room = "";
let versions = null; // node -> version, in the previous drawing
let told = "";
let editing = false;
const showBar = startBar(byId("bar"), "/graph/");
const showLoading = startLoading(byId("loading"), look);

async function look() {
  const [graph, turns, reload] = await Promise.all([ask("/api/graph"), ask(`/api/turns?last=${TURNS}`), ask("/api/reload")]);
  showBar(graph.ok ? graph.answer : null);
  connected(graph.ok);
  showLoading(graph.ok ? "there" : "away", graph.answer.error);
  if (!graph.ok) return;
  latest = [graph.answer, turns.answer, reload.answer];
  show(...latest);
}

async function tap() {
  const key = wantsTap();
  if (!key || document.hidden || byId("look").hidden) return;
  const { status, answer } = await ask(`/api/tap?last=60&edge=${encodeURIComponent(key)}`);
  if (status) showTap(key, answer);
}

function connected(yes) {
  up = yes;
  document.body.classList.toggle("lost", !up);
  document.body.classList.toggle("waiting", !state && !up);
  say(byId("link"), word(up ? "live" : "lost"));
}

function show(graph, turns, reload) {
  state = graph;
  head();
  byId("mode").hidden = !state.pages?.includes("/settings/");
  redraw();
  update(state, chosen);
  showTables(state, choose);
  showCounts(state);
  showVoice(state.voice);
  if (Array.isArray(turns)) showTurns(turns, state.voice.targets_s, state.seconds, choose);
  if (reload.problems) problems(reload.problems);
  if (reload.history) news(reload.history.at(-1));
  tellTime(state.seconds);
  showChosen();
}

function head() {
  say(byId("name"), state.name);
  document.title = state.character ? `${word("pageName")} · ${state.character}` : word("pageName");
  const generation = byId("generation");
  generation.hidden = state.generation === undefined;
  say(generation, `${word("generation", { number: state.generation })} · ${word("running_for")} ${clock(state.seconds)}`);
  const key = `${state.file} ${state.path} ${language()}`;
  if (byId("file").dataset.shown === key) return;
  byId("file").dataset.shown = key;
  byId("file").replaceChildren(state.path ? html("a", { href: editorLink(state.path, 1), title: word("open_line") }, state.file) : state.file, state.path ? copier(state.path) : "");
}

// Draws again when nodes or edges came or went, or are called otherwise; what changed flashes.
function redraw() {
  const now = new Map(state.nodes.map((node) => [node.name, node.version]));
  const keys = state.edges.map((edge) => edge.key);
  const wanted = JSON.stringify([state.nodes.map((node) => [node.name, node.type]), keys, language()]);
  const old = shape ? JSON.parse(shape)[1] : keys;
  if (wanted !== shape) draw(state, choose);
  shape = wanted;
  if (versions) {
    flash([...now].filter(([name, version]) => versions.get(name) !== version).map(([name]) => name), keys.filter((key) => !old.includes(key)));
  }
  versions = now;
}

function problems(found) {
  const list = byId("problems");
  const key = JSON.stringify([found, language()]);
  if (list.dataset.shown === key) return;
  list.dataset.shown = key;
  list.hidden = !found.length;
  list.replaceChildren(html("li", {}, html("strong", {}, word("problem"))), ...found.map(problem));
}

function problem(found) {
  const { file, line } = found;
  const words = `${found.column}: ${withHint(found)}`;
  const where = file === state.file ? place(state, line) : html("code", {}, `${file}:${line}`);
  return html("li", {}, where, words);
}

function news(entry) {
  const key = entry ? `${entry.generation}: ${entry.summary}` : "";
  if (told && key !== told) say(byId("news"), `${word("changed")}. ${key}`);
  told = key;
}

function choose(kind, name) {
  chosen = { kind, name };
  tab("look");
  if (!state) return;
  update(state, chosen);
  showChosen();
}

function showChosen() {
  if (!chosen) return;
  if (chosen.kind === "turn") showPressedTurn();
  else if (chosen.kind === "node") showNode(state.nodes.find((node) => node.name === chosen.name), state, choose);
  else showEdge(state.edges.find((edge) => edge.key === chosen.name), choose);
}

function showPressedTurn() {
  const turn = (Array.isArray(latest[1]) ? latest[1] : []).find((each) => each.id === chosen.name);
  showTurn(turn, turn && stepsOf(turn), () => chosen.kind === "turn" && showChosen());
  markChosen(turn?.id);
}

function markChosen(id) {
  for (const row of byId("turns").querySelectorAll("[data-turn]")) row.classList.toggle("is-chosen", row.dataset.turn === id);
}

function tab(name, focus = false) {
  byId("aside").classList.toggle("is-resting", name === "look" && !chosen);
  for (const each of ["look", "why"]) {
    byId(each).hidden = each !== name;
    byId(`tab-${each}`).setAttribute("aria-selected", String(each === name));
    byId(`tab-${each}`).tabIndex = each === name ? 0 : -1;
  }
  if (focus) byId(`tab-${name}`).focus();
}

function view(tables) {
  byId("tables").hidden = !tables;
  byId("scroll").hidden = byId("zoom").hidden = tables;
  byId("view-tables").setAttribute("aria-pressed", String(tables));
  byId("view-drawing").setAttribute("aria-pressed", String(!tables));
  resize();
}

function mode(edit) {
  editing = edit;
  for (const name of ["edit-bar", "edit", "sketch-scroll"]) byId(name).hidden = !edit;
  for (const name of ["view", "counts", "aside", "scroll"]) byId(name).hidden = edit;
  byId("mode-edit").setAttribute("aria-pressed", String(edit));
  byId("mode-view").setAttribute("aria-pressed", String(!edit));
  byId("tables").hidden = true;
  byId("zoom").hidden = false;
  document.body.classList.toggle("is-editing", edit);
  history.replaceState(null, "", edit ? EDIT : `${location.pathname}${location.search}`);
  showEditing(edit);
  room = "";
  if (edit) drawEditing();
  else view(false);
  resized();
}

function spoken() {
  if (!chosen) showNothing();
  showWhy({ edge: (key) => choose("edge", key), turn: pointAt });
  byId("look").removeAttribute("data-shown");
  if (chosen) showNothing();
  showBar(up ? state : null);
  drawEditing();
  if (editing) showEditing(true); // the program describes what can be set in the language of the page
  if (!latest) return;
  connected(up);
  show(...latest);
}

function resized() {
  const now = `${byId("scroll").clientWidth} ${byId("scroll").clientHeight}`;
  if (editing) drawEditing();
  if (!state || byId("scroll").hidden || now === room) return;
  room = now;
  draw(state, choose);
  update(state, chosen);
}

byId("mode-view").addEventListener("click", () => mode(false));
byId("mode-edit").addEventListener("click", () => mode(true));
byId("view-drawing").addEventListener("click", () => view(false));
byId("view-tables").addEventListener("click", () => view(true));
const zoom = (factor) => (editing ? zoomSketch : zoomBy)(factor);
byId("zoom-in").addEventListener("click", () => zoom(1.25));
byId("zoom-out").addEventListener("click", () => zoom(0.8));
byId("zoom-fit").addEventListener("click", () => zoom(null));
for (const name of ["look", "why"]) {
  byId(`tab-${name}`).addEventListener("click", () => tab(name));
  byId(`tab-${name}`).addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") tab(name === "look" ? "why" : "look", true);
  });
}
window.addEventListener("resize", resized);
speak(wordsOf("graph"), { onSwitch: spoken });
spoken();
if (location.hash === EDIT) mode(true);
again(look, EVERY_MS, UNSEEN_MS);
again(tap, TAP_MS);
again(lookAtFile, FILE_MS);
