// The line of the show, where a chat.show says it: title, category, how long it has been on, followers.

import { html } from "./dom.js";
import { whole } from "./numbers.js";
import { filled } from "./particles.js";
import { language, wordsOf } from "./words.js";

const WORDS = wordsOf("show");
const MINUTE = 60;
const HOUR = 3600;

const word = (name, values) => filled(WORDS[language()][name], values);

/** Put the line into an element, which is hidden without one; `show` is what a node sent or null, `now` the run's time. */
export function showLine(element, show, now) {
  const parts = show ? told(show, now) : [];
  element.hidden = !parts.length;
  const key = JSON.stringify(parts);
  if (element.key === key) return;
  element.key = key;
  element.replaceChildren(...parts.flatMap(([kind, text], index) => [index ? " · " : "", html("span", { class: kind }, text)]));
}

function told({ title, category, live_since, live_seen_begin, followers, new_followers, goal }, now) {
  const on = live_since === null ? "" : word(live_seen_begin ? "liveFor" : "liveLonger", { time: span(Math.max(0, now - live_since)) });
  const all = followers === null ? "" : goal > followers ? word("followersOf", { count: whole(followers), goal: whole(goal) }) : word("followers", { count: whole(followers) });
  const more = new_followers ? word("newFollowers", { count: whole(new_followers) }) : "";
  return [["title", title], ["category", category], ["on", on], ["followers", all], ["new", more]].filter(([, text]) => text);
}

// To the minute: the line does not change more often.
function span(seconds) {
  const [hours, minutes] = [Math.floor(seconds / HOUR), Math.floor((seconds % HOUR) / MINUTE)];
  return [hours && word("hours", { n: hours }), (minutes || !hours) && word("minutes", { n: minutes })].filter(Boolean).join(" ");
}
