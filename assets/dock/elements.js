// The elements of the dock, and how lists of them are made.

import { html } from "/shared/dom.js";
import { language } from "/shared/words.js";

/** The elements of the page by id. */
export const part = Object.fromEntries([...document.querySelectorAll("[id]")].map((element) => [element.id, element]));

export const button = (name, text, press) => html("button", { type: "button", class: name, onclick: press }, text);

/** Replace the children only when `content` differs, so that the focused element keeps the focus. */
export function fill(list, content, build) {
  const key = JSON.stringify([language(), content]);
  if (list.key === key) return;
  list.key = key;
  list.replaceChildren(...content.flatMap(build));
}
