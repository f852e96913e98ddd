// The mode in which the graph is changed. Each part has its own file; this one connects them, and holds the bar above the
// picture: back and forth, check, apply.

import { byId, html, say } from "/shared/dom.js";
import { note } from "/shared/forms/elements.js";
import { unpressed } from "/shared/forms/pressing.js";
import { lookAtVariables, whenGiven } from "/shared/forms/secrets.js";
import { whenWritten } from "/shared/forms/texts.js";
import { ask } from "/shared/orders.js";
import { lexicon, word } from "/shared/words.js";
import { drawSketch, focusOn } from "./canvas.js";
import { at, choose, connectFrom, whenChosen } from "./chosen.js";
import { apply, canGo, discard, draft, go, look, settle, whenDrafted } from "./draft.js";
import { drawPalette } from "./palette.js";
import { cut, drawNode, forgetTyped, join, remove, whenEdited, wrongFields } from "./panel.js";
import { drawScript, finishTyping } from "./script.js";
import { faults, fitting } from "./wiring.js";

const { word: loading } = lexicon("loading");
const SHEETS = ["node", "add", "text"];
let shown = false;

/** Show or leave the mode; what is not applied stays. */
export function showEditing(yes) {
  shown = yes;
  if (!yes) return;
  lookAtVariables().then(draw);
  look();
}

/** Draw all of it again, in another language or another room. */
export const draw = () => unpressed(drawAll);

function drawAll() {
  if (!shown) return;
  bar();
  clash();
  say(byId("edit-refusal"), draft.refusal);
  byId("edit-refusal").hidden = !draft.refusal;
  if (!draft.now) return;
  const there = (node) => draft.now.nodes?.some(({ name }) => name === node);
  if (draft.now.nodes && !there(at.node)) at.node = "";
  if (at.end && !there(at.end.node)) at.end = null;
  drawSketch(join);
  for (const name of SHEETS) {
    byId(`sheet-${name}`).hidden = at.sheet !== name;
    const tab = byId(`edit-tab-${name}`);
    tab.setAttribute("aria-selected", String(at.sheet === name));
    tab.tabIndex = at.sheet === name ? 0 : -1;
  }
  if (at.sheet === "node") drawNode(byId("sheet-node"));
  if (at.sheet === "add") drawPalette();
  drawScript();
  if (at.end) say(byId("edit-news"), word("canJoin", { end: `${at.end.node}.${at.end.port}`, count: fitting(at.end).length }));
  else say(byId("edit-news"), "");
}

function bar() {
  const count = draft.steps.length;
  const wrong = (draft.now?.problems?.length ?? 0) + wrongFields();
  byId("edit-undo").disabled = !canGo("undo");
  byId("edit-redo").disabled = !canGo("redo");
  byId("edit-discard").disabled = !count && !wrongFields();
  byId("edit-apply").disabled = !count || wrong > 0 || Boolean(draft.clash) || draft.busy;
  byId("edit-check").disabled = !draft.now;
  byId("edit-state").classList.toggle("is-wrong", wrong > 0);
  if (!draft.now) return say(byId("edit-state"), loading("loading"));
  say(byId("edit-state"), [word(count ? "changes" : "noChanges", { count }), wrong ? word("faults", { count: wrong }) : ""].filter(Boolean).join(" · "));
}

// Both changes, side by side, until a person has chosen.
function clash() {
  const place = byId("clash");
  const key = draft.clash ? JSON.stringify(draft.clash) : "";
  place.hidden = !draft.clash;
  if (place.dataset.shown === key) return;
  place.dataset.shown = key;
  if (!draft.clash) return place.replaceChildren();
  const { theirs, mine, lost } = draft.clash;
  place.replaceChildren(
    html("p", {}, html("b", { id: "clash-title" }, word("clashTitle")), " ", word(draft.steps.some((step) => step.text !== undefined) ? "clashText" : "clashHint"), lost ? ` ${word("clashLost", { count: lost })}` : ""),
    html("div", { class: "sides" }, side(word("theirs"), theirs), side(word("mine"), mine)),
    html("div", { class: "row" }, html("button", { type: "button", class: "primary", id: "clash-mine", onclick: () => settle(true) }, word("keepMine")), html("button", { type: "button", class: "plain", id: "clash-theirs", onclick: () => settle(false) }, word("dropMine"))),
  );
}

const side = (title, lines) => html("section", {}, html("h4", {}, title), html("pre", { tabindex: 0, "aria-label": title }, lines.map(({ sign, text }) => html("span", { class: sign === "+" ? "is-new" : "is-old" }, `${sign} ${text.trim()}\n`))));

// Says whether anything is wrong, and goes to the first place where it is.
async function check() {
  await finishTyping();
  await look();
  const found = faults();
  if (!found.size) return note(word("allRight"));
  const [node] = [...found.keys()].filter(Boolean);
  choose(node ? { node } : { sheet: at.sheet === "text" ? "text" : "node" });
  note(`${word("faults", { count: draft.now.problems.length })}: ${[...found.values()][0][0].message}`, { wrong: true });
  byId("node-title")?.focus();
}

async function applyAll() {
  await finishTyping();
  await apply();
}

/** Ask whether somebody else has changed the file; about once in two seconds. */
export async function lookAtFile() {
  if (!shown || draft.busy || draft.copying || document.hidden) return;
  if (!draft.now) return look();
  const { ok, answer } = await ask(`/api/settings/graph?base=${draft.base}`);
  if (ok && answer.base !== draft.base && !draft.busy) await look();
}

function key(event) {
  if (!shown) return;
  const writing = event.target.closest?.("input, textarea, select");
  const name = event.key.toLowerCase();
  if ((event.ctrlKey || event.metaKey) && name === "s") {
    event.preventDefault();
    document.activeElement?.blur(); // what is being typed counts
    applyAll();
  } else if (!writing && (event.ctrlKey || event.metaKey) && (name === "z" || name === "y")) {
    event.preventDefault();
    go(name === "y" || event.shiftKey ? "redo" : "undo");
  } else if (event.key === "Escape" && at.end) {
    const { node, port, side: which } = at.end;
    connectFrom(null);
    (byId(`join-${which}-${port}`) ?? byId("node-title"))?.focus();
    if (!byId(`join-${which}-${port}`)) focusOn(`node ${node}`);
  } else if (!writing && event.key === "Delete") {
    const element = document.activeElement?.closest("[data-node], [data-edge]");
    const wire = element?.dataset.edge && draft.now.wires.find(({ key: each }) => each === element.dataset.edge);
    if (wire) cut(wire);
    else if (element?.dataset.node) remove(element.dataset.node);
  }
}

for (const name of SHEETS) {
  byId(`edit-tab-${name}`).addEventListener("click", () => choose({ ...at, sheet: name }));
  byId(`edit-tab-${name}`).addEventListener("keydown", ({ key: pressed }) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[pressed];
    if (!step) return;
    const next = SHEETS[(SHEETS.indexOf(name) + step + SHEETS.length) % SHEETS.length];
    choose({ ...at, sheet: next });
    byId(`edit-tab-${next}`).focus();
  });
}
byId("edit-undo").addEventListener("click", () => go("undo"));
byId("edit-redo").addEventListener("click", () => go("redo"));
byId("edit-discard").addEventListener("click", () => {
  forgetTyped();
  discard();
});
byId("edit-check").addEventListener("click", check);
byId("edit-apply").addEventListener("click", applyAll);
addEventListener("keydown", key);
addEventListener("beforeunload", (event) => {
  if (draft.steps.length) event.preventDefault();
});
for (const when of [whenDrafted, whenChosen, whenEdited, whenGiven, whenWritten]) when(draw);
