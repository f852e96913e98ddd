// What becomes of the line that was typed on this page, below the field: read, how many turns come before it, being
// answered, or why there will be no answer. No other page hears of it.

import { say } from "./dom.js";
import { again, ask } from "./orders.js";
import { language, wordsOf } from "./words.js";

const LOOK_MS = 400;
const SHOWN_MS = 8000; // how long the outcome stays
const WORDS = wordsOf("sent");

/**
 * Return a function that follows the line with this id in place of the one before it; null for none.
 *
 * @param {() => void} onAnswered called when a line has been answered
 */
export function startSent(output, onAnswered = () => {}) {
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
      if (answer.verdict === "answered") onAnswered();
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

/** Why a message was not answered, in a few words. */
export const reasonOf = (name) => WORDS[language()].reasons[name] ?? name;

function sentence({ verdict, reason, turn, ahead, speaking }) {
  const words = WORDS[language()];
  if (verdict === "dropped") return words.dropped.replace("{why}", reasonOf(reason));
  if (verdict === "answered") return words.answered;
  if (verdict !== "waiting") return "";
  if (speaking) return words.speaking;
  if (turn) return words.thinking;
  return ahead ? words.ahead.replace("{count}", ahead) : words.read;
}
