// Orders that a press gives, and the note that says what became of them.

import { order } from "/shared/orders.js";
import { word } from "/shared/words.js";
import { part } from "./elements.js";

const NOTE_MS = 4000;
let fading = 0;

export function note(what, wrong) {
  part.note.textContent = what;
  part.note.classList.toggle("is-wrong", Boolean(wrong));
  clearTimeout(fading);
  fading = setTimeout(() => (part.note.textContent = ""), NOTE_MS);
}

/** Send an order and show the outcome; returns the answer if the order was carried out. */
export async function post(path, body, done) {
  const { status, ok, answer } = await order(path, body);
  if (!status) note(word("unreached"), true);
  else if (status === 404) note(word("missing"), true);
  else if (!ok) note(`${word("refused")}: ${answer.error}`, true);
  else if (answer.done === false) note(answer.note, true);
  else {
    note(answer.note ?? done); // such as that it is done later
    return answer;
  }
  return null;
}

/** An order to the node overlay.dock. Most show in what they change; the others are reported. */
export const give = (body, done = "") => post("/api/dock", body, done);
