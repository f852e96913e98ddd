// The text of the graph beside the picture: written by hand it is one more step of the draft, with the same checks.

import { byId, html, say, set } from "/shared/dom.js";
import { withHint } from "/shared/problems.js";
import { word } from "/shared/words.js";
import { draft, take } from "./draft.js";

const PAUSE_MS = 600; // after the last letter
const area = byId("script");
const gutter = byId("script-lines");
let timer = 0;
let typing = false; // there is more than the program has been told

export function drawScript() {
  if (!draft.now) return;
  if (!typing && area.value !== draft.now.text) area.value = draft.now.text;
  const wrong = new Set(draft.now.problems.map(({ line }) => line));
  const count = area.value.split("\n").length;
  const key = `${count} ${[...wrong]}`;
  if (gutter.dataset.shown !== key) {
    gutter.dataset.shown = key;
    gutter.replaceChildren(...Array.from({ length: count }, (_, i) => html("span", { class: wrong.has(i + 1) ? "is-wrong" : "" }, String(i + 1))));
  }
  set(area, "aria-invalid", String(wrong.size > 0));
  say(byId("script-state"), word(typing ? "checking" : wrong.size ? "wrongText" : "rightText", { count: draft.now.problems.length }));
  byId("script-faults").replaceChildren(...draft.now.problems.map(fault));
}

function fault(problem) {
  const { line } = problem;
  return html("li", {}, html("button", { type: "button", class: "asLink", onclick: () => goTo(line) }, word("atLine", { line })), ` ${withHint(problem)}`);
}

function goTo(line) {
  const lines = area.value.split("\n");
  const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  area.focus();
  area.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
  area.scrollTop = Math.max(0, (line - 4) * Number.parseFloat(getComputedStyle(area).lineHeight));
}

/** Tell the program what was typed, at once. */
export async function finishTyping() {
  clearTimeout(timer);
  if (!typing) return;
  const text = area.value;
  const kept = await take({ text });
  typing = !kept || area.value !== text;
  drawScript();
}

area.addEventListener("input", () => {
  typing = true;
  clearTimeout(timer);
  timer = setTimeout(finishTyping, PAUSE_MS);
  drawScript();
});
area.addEventListener("change", finishTyping);
area.addEventListener("scroll", () => {
  gutter.scrollTop = area.scrollTop;
});
