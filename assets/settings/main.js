// The settings of the running show, as forms over its graph's file. Each part of the page has its own file; this one
// connects them to the program.

import { startBar } from "/shared/bar.js";
import { html, say } from "/shared/dom.js";
import { part } from "/shared/forms/elements.js";
import { known } from "/shared/forms/known.js";
import { unpressed } from "/shared/forms/pressing.js";
import { lookAtVariables, whenGiven } from "/shared/forms/secrets.js";
import { textsUnsaved, whenWritten } from "/shared/forms/texts.js";
import { startLoading } from "/shared/loading.js";
import { again, ask } from "/shared/orders.js";
import { problemLine } from "/shared/problems.js";
import { language, speak, word, wordsOf } from "/shared/words.js";
import { chooseByAddress, drawCards, whenChosen } from "./cards.js";
import { whenPut } from "./obs_put.js";
import { whenOffered } from "./offers.js";
import { discard, load, save, step, whenSaved } from "./saving.js";
import { whenTempered } from "./tempers.js";
import { whenTried } from "./trials.js";

const LOOK_MS = 2000;
const showBar = startBar(part.bar, "/settings/");
const showLoading = startLoading(part.loading, look);
let spoken = "";
let drawnFor = "";
let looked = "";

const draw = () => unpressed(drawAll);
const drawAround = () => unpressed(drawRest);

function drawAll() {
  if (known.types && known.graph?.nodes) drawCards();
  drawRest();
}

// All that is around the fields.
function drawRest() {
  const { graph, pending, errors, clashes } = known;
  document.title = known.show?.character ? `${word("pageName")} · ${known.show.character}` : word("pageName");
  say(part.file, graph?.file?.replace(/^.*\//, "") ?? "");
  for (const [which, button] of [["undo", part.undo], ["redo", part.redo]]) {
    const what = graph?.[which];
    button.disabled = !what;
    button.title = what?.length ? what.join(", ") : "";
  }
  const waiting = [...pending.values()].filter(({ field }) => !field.spec.live || errors.has(field.key) || clashes.has(field.key));
  part.save.hidden = !waiting.length;
  say(part.saveText, errors.size ? word("fixFirst") : clashes.size ? word("chooseFirst") : word("changedCount", { count: waiting.length }));
  part.saveNow.disabled = Boolean(errors.size || clashes.size);
  const problems = graph?.problems ?? [];
  part.problems.hidden = !problems.length;
  part.problems.replaceChildren(...problems.map((problem) => html("li", {}, problemLine(problem))));
}

async function look() {
  if (document.hidden) return;
  const types = spoken === language() ? null : await ask("/api/settings/types");
  if (types?.ok) [known.types, spoken] = [types.answer, language()];
  const answers = [types, await load()];
  if (known.graph?.base !== looked) await lookAtVariables();
  looked = known.graph?.base;
  const show = await ask("/api/graph");
  known.show = show.ok ? show.answer : null;
  showBar(known.show);
  const failed = answers.find((each) => each && !each.ok);
  showLoading(failed ? "away" : "there", failed?.answer.error);
  if (!known.types || !known.graph) return;
  if (!known.card) chooseByAddress();
  const now = JSON.stringify([spoken, known.graph.file, known.graph.base, known.graph.kept?.length, known.show?.pages]);
  if (now !== drawnFor) draw();
  else drawAround();
  drawnFor = now;
}

part.undo.addEventListener("click", () => step("undo"));
part.redo.addEventListener("click", () => step("redo"));
part.saveNow.addEventListener("click", () => save());
part.discard.addEventListener("click", discard);
addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
  event.preventDefault();
  document.activeElement?.blur(); // what is being typed counts
  save();
});
addEventListener("beforeunload", (event) => {
  if (known.pending.size || textsUnsaved()) event.preventDefault();
});
whenSaved(draw);
whenChosen(drawAround);
whenGiven(draw);
whenTempered(draw);
whenPut(draw);
whenTried(draw);
whenOffered(draw);
whenWritten(draw);
speak(wordsOf("settings"), { onSwitch: () => look() });
showLoading("loading");
again(look, LOOK_MS);
