// The lines of viewers that an answer is for. What viewers wrote only ever becomes a text node.

import { html } from "/shared/dom.js";
import { whole } from "/shared/numbers.js";
import { word } from "/shared/words.js";
import { known } from "./known.js";

function given(line) {
  if (line.kind === "donation") return line.amount ? word("cheese", { amount: whole(line.amount) }) : word("donated");
  if (line.gifts) return word("gifts", { count: line.gifts });
  return line.kind === "subscription" ? word("subscribed", { months: line.months }) : "";
}

function message(line) {
  const { channels } = known;
  const gift = given(line);
  return html(
    "li",
    { class: `line is-${line.kind}` },
    several() && line.channel && html("span", { class: "tag channel", title: line.channel }, channels[line.channel] || line.channel.slice(0, 6)),
    html("b", {}, line.user),
    gift && html("span", { class: "gift" }, gift),
    line.message && ` ${line.message.replace(/\{:([\w-]{1,40}):\}/g, "[$1]")}`,
  );
}

/** Whether viewers of several channels are among those whose turns are open or wait. */
export function several() {
  const lines = [...known.state.turns, ...known.state.held].flatMap((turn) => turn.messages);
  return new Set(lines.map((line) => line.channel).filter(Boolean)).size > 1;
}

/** What a turn is for: its own topic, and the lines of viewers. */
export const reasons = (turn) => [
  ...(turn.topic ? [html("li", { class: "line" }, html("b", {}, word("topic")), " ", turn.topic)] : []),
  ...turn.messages.map(message),
];
