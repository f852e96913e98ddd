// A try of what a card sets up: the card is saved, and the program's own doctor looks at the node behind it.

import { html } from "/shared/dom.js";
import { order } from "/shared/orders.js";
import { word } from "/shared/words.js";
import { button, note } from "./elements.js";
import { failure, known, lookAtGraph } from "./known.js";
import { forgetTyped } from "./typed.js";

const EXAM_MS = 60_000;

let tried = { card: "", running: false, lines: [] }; // the last try: what it found, until another card is tried

/** A button that saves the card and tries the node of this type, above what that found. */
export function trial(type, save, redraw) {
  const here = tried.card === known.at ? tried : { running: false, lines: [] };
  return html(
    "div",
    { class: "trial" },
    button("plain", word(here.running ? "trying" : "tryOut"), () => look(type, save, redraw), { id: "try", disabled: here.running }),
    html("ul", { role: "status" }, here.lines.map(line)),
  );
}

const line = ({ ok, what, remedy }) => html("li", { class: ok ? "" : "is-wrong" }, html("span", {}, what), !ok && remedy && html("small", {}, remedy));

async function look(type, save, redraw) {
  const mine = (tried = { card: known.at, running: true, lines: [] });
  const press = document.getElementById("try");
  press.disabled = true;
  press.textContent = word("trying");
  const wrong = await save();
  note(wrong, true);
  if (!wrong) {
    forgetTyped();
    mine.lines = await found(type);
  }
  mine.running = false;
  if (known.at !== mine.card) return;
  redraw();
  const after = document.getElementById("try");
  after?.focus();
  after?.nextElementSibling.scrollIntoView({ block: "nearest" });
}

async function found(type) {
  await lookAtGraph();
  const node = known.graph?.nodes.find((each) => each.type === type)?.name;
  if (!node) return [{ ok: false, what: word("lamp_none") }];
  const reply = await order("/api/settings/check", { node }, EXAM_MS);
  return reply.ok ? reply.answer.lines : [{ ok: false, what: failure(reply) }];
}
