// The turns that are not on air: those that wait for a person's consent, and those that are over.

import { html } from "/shared/dom.js";
import { word } from "/shared/words.js";
import { button, fill, part } from "./elements.js";
import { known, reportOf } from "./known.js";
import { sureness } from "./now.js";
import { give } from "./orders.js";
import { reasons, several } from "./viewers.js";

export function showHeld() {
  const { held } = known.state;
  part.heldPart.hidden = !held.length;
  fill(part.held, held.map(({ id, lane, topic, messages }) => ({ id, lane, topic, messages, several: several() })), card);
}

function card(turn) {
  const lane = turn.topic ? [] : [html("span", { class: "lane" }, word(turn.lane))];
  if (lane.length) lane[0].dataset.lane = turn.lane;
  const choice = html(
    "div",
    { class: "row" },
    ...lane,
    button("plain reject", word("reject"), () => give({ order: "reject", turn: turn.id })),
    button("primary approve", word("approve"), () => give({ order: "approve", turn: turn.id })),
  );
  return [html("li", { class: "card" }, html("ul", { class: "why" }, ...reasons(turn)), choice)];
}

export function showPast() {
  part.pastPart.hidden = !known.state.past.length;
  const past = [...known.state.past].reverse().map((one) => [one, sureness(reportOf(one.id))]);
  fill(part.past, past, ([{ outcome, text }, sure]) => [
    html(
      "li",
      { class: `is-${outcome}` },
      html("span", { class: "tag" }, word(outcome)),
      text,
      ...sure.map(([name, value]) => html("span", { class: "sure", title: word(name) }, value)),
    ),
  ]);
}
