// The elements of the page by id, and a few that are made again and again.

import { html } from "../dom.js";
import { language, wordsOf } from "../words.js";

export const part = Object.fromEntries([...document.querySelectorAll("[id]")].map((element) => [element.id, element]));

export const button = (name, text, press, more = {}) => html("button", { type: "button", class: name, onclick: press, ...more }, text);

const NAMES = wordsOf("graph");

/** What a person calls a type of nodes. */
export const typeName = (type) => NAMES[language()].types[type] ?? type;

const NOTE_MS = 6000;
let fading = 0;

/** Say for a moment what became of something; `more` are elements such as a button. */
export function note(text, { wrong = false, more = [] } = {}) {
  part.note.replaceChildren(...[text, ...more].filter(Boolean));
  part.note.classList.toggle("is-wrong", wrong);
  clearTimeout(fading);
  fading = setTimeout(() => part.note.replaceChildren(), NOTE_MS);
}

/** Draw again, and leave the focus and what is selected where they were. */
export function keepingFocus(draw) {
  const { id, selectionStart, selectionEnd } = document.activeElement ?? {};
  draw();
  const again = id && document.getElementById(id);
  if (!again || again === document.activeElement) return;
  again.focus({ preventScroll: true });
  if (typeof selectionStart === "number") again.setSelectionRange(selectionStart, selectionEnd);
}
