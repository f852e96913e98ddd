// The graphs that could run instead, and the switch to one of them.

import { html, say } from "/shared/dom.js";
import { ask } from "/shared/orders.js";
import { problemLine } from "/shared/problems.js";
import { language, lexicon, word } from "/shared/words.js";
import { inWords, progress } from "./changing.js";
import { button, fill, part } from "./elements.js";
import { known } from "./known.js";
import { note, post } from "./orders.js";

const CHOICES_EVERY = 4; // looks between two requests: for each answer the program reads and checks every graph
const { word: waiting } = lexicon("loading");
const FEW = 2; // this many problems of a graph are shown, the others in the details
let rest = 0; // looks left until the graphs are requested again
let chosen = null; // the graph that a person is asked to confirm before it goes on air
let awaited = null; // {file, asked}: the order that has no outcome yet

/** The order that has no outcome yet, or null: to be taken before the answers are requested, and given to settle. */
export const pending = () => awaited;

/** Report the outcome of the order, from an answer that was requested after the order was given. */
export function settle(before) {
  const { reload } = known;
  if (!before || before !== awaited) return;
  if (!reload || (reload.asked >= awaited.asked && reload.done < awaited.asked)) {
    note(progress() || word("switching"));
    return;
  }
  const done = reload.file === awaited.file;
  const another = reload.asked < awaited.asked; // a new run of the program starts counting from zero
  awaited = null;
  rest = 0;
  if (!another) note(done ? [word("switched"), reload.last && inWords(reload.last)].filter(Boolean).join(" ") : word("notSwitched"), !done);
}

export async function lookAtChoices() {
  if (!part.graphPart.open) rest = 0;
  else if (rest-- <= 0) {
    const { ok, answer } = await ask("/api/graphs");
    if (ok) known.graphs = answer.graphs;
    rest = ok ? CHOICES_EVERY : 0;
  }
}

/** The graphs of a person's own, then the examples, which are folded unless one of them is on air. */
export function showChoices() {
  const { file: now, changing } = known.reload ?? {};
  const next = changing && changing.file !== now ? changing.file : null;
  const all = (known.graphs ?? []).map((choice) => ({ ...choice, running: choice.file === now, next: choice.file === next }));
  const folded = all.filter(({ example, running, next: coming }) => example && !running && !coming);
  fill(part.choices, known.graphs ? all.filter((choice) => !folded.includes(choice)) : [null], (choice) => (choice ? line(choice) : [html("li", { class: "hint" }, waiting("loading"))]));
  part.examplesPart.hidden = !folded.length;
  say(part.examplesTitle, word("examples", { count: folded.length }));
  fill(part.examples, folded, line);
  part.confirm.hidden = !chosen;
  if (!chosen) return;
  say(part.confirmTitle, word("confirm", { name: chosen.name }));
  say(part.confirmHint, word(chosen.dock ? "confirmHint" : "confirmNoDock"));
}

// A graph with problems says what they are and cannot be chosen.
function line(choice) {
  const { file, name, about, problems } = choice;
  const purpose = about[language()] ?? Object.values(about)[0];
  const said = [html("b", {}, name || file), purpose && html("span", { class: "about" }, purpose), name && html("small", {}, file)];
  const head = html("div", { class: "row" }, html("span", { class: "grow" }, said), tail(choice));
  return [html("li", { class: "choice" }, head, ...found(problems))];
}

function tail(choice) {
  const { file, name, ok, running, next } = choice;
  if (next) return html("span", { class: "tag" }, word("becoming"));
  if (running) return html("span", { class: "tag is-on" }, word("runningNow"));
  if (!ok) return html("span", { class: "tag is-wrong" }, word("wrong"));
  const press = button("quiet", word("choose"), () => choose(choice));
  press.setAttribute("aria-label", `${word("choose")}: ${name} (${file})`);
  return press;
}

function found(problems) {
  const lines = problems.map((problem) => html("li", {}, problemLine({ ...problem, file: "" })));
  const rest = lines.splice(FEW);
  const more = rest.length && html("details", {}, html("summary", { class: "hint" }, word("details")), html("ul", { class: "found" }, rest));
  return [lines.length && html("ul", { class: "found" }, lines), more].filter(Boolean);
}

function choose(choice) {
  chosen = choice;
  showChoices();
  if (choice) part.switchNow.focus();
}

part.graphPart.addEventListener("toggle", async () => {
  await lookAtChoices();
  showChoices();
});
part.switchNot.addEventListener("click", () => choose(null));
part.switchNow.addEventListener("click", async () => {
  const { file } = chosen;
  choose(null);
  const answer = await post("/api/reload", { file }, word("switching"));
  if (answer) awaited = { file, asked: answer.asked };
});
