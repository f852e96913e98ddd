// The line of the show, where a chat.show says it: title, category, how long it has been on, followers.

import { html } from "/shared/dom.js";
import { whole } from "/shared/numbers.js";
import { word } from "/shared/words.js";
import { fill, part } from "./elements.js";
import { known, now } from "./known.js";

const MINUTE = 60;
const HOUR = 3600;

export function showShow() {
  const parts = known.state.show ? told(known.state.show) : [];
  part.showLine.hidden = !parts.length;
  fill(part.showLine, parts, ([kind, text], index) => [index ? " · " : "", html("span", { class: kind }, text)]);
}

function told({ title, category, live_since, live_seen_begin, followers, new_followers, goal }) {
  const on = live_since === null ? "" : word(live_seen_begin ? "liveFor" : "liveLonger", { time: span(Math.max(0, now() - live_since)) });
  const all = followers === null ? "" : goal > followers ? word("followersOf", { count: whole(followers), goal: whole(goal) }) : word("followers", { count: whole(followers) });
  const more = new_followers ? word("newFollowers", { count: whole(new_followers) }) : "";
  return [["title", title], ["category", category], ["on", on], ["followers", all], ["new", more]].filter(([, text]) => text);
}

// To the minute: the line does not change more often.
function span(seconds) {
  const [hours, minutes] = [Math.floor(seconds / HOUR), Math.floor((seconds % HOUR) / MINUTE)];
  return [hours && word("hours", { n: hours }), (minutes || !hours) && word("minutes", { n: minutes })].filter(Boolean).join(" ");
}
