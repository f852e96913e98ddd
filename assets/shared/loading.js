// The line at the top of a page at the desk while it does not have what it shows: that it loads, or why it cannot, with a
// button that asks at once. The page asks again by itself, too.

import { html } from "./dom.js";
import { language, wordsOf } from "./words.js";

const WORDS = wordsOf("loading");

/**
 * Make the line in `place`; `ask` asks the program.
 *
 * @returns {(state: "loading" | "there" | "away", why?: string) => void} why: what the program said, if it answered
 */
export function startLoading(place, ask) {
  let shown = "";
  let last = [];

  function show(state, why = "") {
    last = [state, why];
    const now = JSON.stringify([language(), ...last]);
    if (now === shown) return;
    shown = now;
    const words = WORDS[language()];
    place.hidden = state === "there";
    place.dataset.state = state;
    if (state === "there") return place.replaceChildren();
    const text = state === "loading" ? words.loading : why || words.away;
    place.replaceChildren(html("span", {}, text), state === "away" ? html("button", { type: "button", onclick: retry }, words.retry) : "");
  }

  async function retry() {
    show("loading");
    const before = last;
    await ask();
    if (last === before) show("away"); // nothing has come of it
  }

  place.className = "desk-wait";
  place.setAttribute("role", "status");
  show("loading");
  return show;
}
