// What becomes of the line that was typed on this page, below the field: read, how many turns come before it, being
// answered, or why there will be no answer. No other page hears of it.

import { say } from "/shared/dom.js";
import { again, ask } from "/shared/orders.js";
import { among, word } from "/shared/words.js";

const LOOK_MS = 400;
const SHOWN_MS = 8000; // how long the outcome stays

/** Return a function that follows the line with this id in place of the one before it; null for none. */
export function startSent(output) {
  let id = null;
  let told = null; // the last answer about it
  let fading = 0;

  const show = () => say(output, told ? sentence(told) : "");

  async function look() {
    if (id === null) return;
    const asked = id;
    const { ok, answer } = await ask(`/api/why?id=${encodeURIComponent(asked)}`);
    if (!ok || asked !== id) return;
    told = answer;
    if (answer.verdict !== "waiting") {
      id = null;
      fading = setTimeout(follow, SHOWN_MS, null);
    }
    show();
  }
  again(look, LOOK_MS);

  function follow(next) {
    clearTimeout(fading);
    [id, told] = [next, null];
    show();
    if (next !== null) look();
  }
  return { follow, show };
}

function sentence({ verdict, reason, turn, ahead, speaking }) {
  if (verdict === "dropped") return word("sentDropped", { why: among("sentReasons", reason) });
  if (verdict === "answered") return word("sentAnswered");
  if (verdict !== "waiting") return "";
  if (speaking) return word("sentSpeaking");
  if (turn) return word("sentThinking");
  return ahead ? word("sentAhead", { count: ahead }) : word("sentRead");
}
