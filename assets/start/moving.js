// Moves in what the original AIsChoco left in its folder: keys, description, poses, memories.

import { html } from "/shared/dom.js";
import { order } from "/shared/orders.js";
import { word } from "/shared/words.js";
import { button, field, note } from "./elements.js";
import { failure, known, lookAtStart, lookAtVariables } from "./known.js";

const MOVE_MS = 60_000;

/** The way to do it, before there is a graph of the person's own; where the program takes no files, null. */
export function moving() {
  if (known.start.own || !known.variables) return null;
  const told = html("ul", { role: "status" });
  const input = html("input", { autocomplete: "off", spellcheck: "false", maxlength: 1000, placeholder: word("movingLike") });
  const press = button("plain", word("move"), () => move(input.value, press, told), { id: "move" });
  return html(
    "details",
    { class: "trial" },
    html("summary", {}, word("moving")),
    field("folder", word("movingFolder"), input, word("movingHint")),
    html("div", { class: "row" }, press),
    told,
  );
}

async function move(folder, press, told) {
  press.disabled = true;
  note(word("saving"));
  const reply = await order("/api/start/moving", { folder }, MOVE_MS);
  press.disabled = false;
  note(failure(reply), true);
  if (!reply.ok) return;
  told.replaceChildren(...reply.answer.lines.map(({ ok, text }) => html("li", { class: ok ? "" : "is-wrong" }, text)));
  await Promise.all([lookAtStart(), lookAtVariables()]);
}
