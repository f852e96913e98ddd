// What was typed or chosen on a card and is not saved yet. It is kept in the browser, so that a reload loses nothing; but
// no secret is: what stands in a field for one, or in one with data-once, is gone with the page.

import { keep, kept } from "/shared/kept.js";
import { known } from "./known.js";

const NAME = "start.typed";
const FIELDS = "input:not([type=password]):not([data-once]), textarea";

const typed = kept(NAME) ?? {}; // card -> {name of a field: its value}

export function startTyped(place) {
  place.addEventListener("input", ({ target }) => {
    if (!target.matches(FIELDS)) return;
    typed[known.at] = { ...typed[known.at], [target.name || target.id]: target.value };
    keep(NAME, typed);
  });
}

/** Put it into the card that is drawn. */
export function restoreTyped(place) {
  const mine = typed[known.at] ?? {};
  for (const field of place.querySelectorAll(FIELDS)) {
    const value = mine[field.name || field.id];
    if (typeof value !== "string") continue;
    if (field.type !== "radio") field.value = value;
    else if (field.value === value) {
      field.checked = true;
      field.dispatchEvent(new Event("change")); // as a person's choice does, it shows what belongs to it
    }
  }
}

/** Forget it: the card has been saved. */
export function forgetTyped() {
  delete typed[known.at];
  keep(NAME, typed);
}
