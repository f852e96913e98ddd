// Everything about the answer whose row was pressed: for whom it was, all of its words, and each step on its way.

import { html } from "/shared/dom.js";
import { span } from "/shared/numbers.js";
import { ask } from "/shared/orders.js";
import { among, word } from "/shared/words.js";

const MOST = 10; // messages that are looked up
let known = { id: "", messages: [] };

/** The elements that show a turn; `steps` are [name, seconds]; `again` is called when the messages have come. */
export function turnParts(turn, steps, again) {
  if (known.id !== turn.id) {
    known = { id: turn.id, messages: [] };
    request(turn, again);
  }
  const sound = steps.total === null ? [] : [[word("to_sound"), span(steps.total)]];
  const sure = typeof turn.confidence === "number" ? [[word("confidence"), `${Math.round(turn.confidence * 100)}%`]] : [];
  return [
    html("h3", {}, word("answer"), html("span", { class: "chip" }, among("lanes", turn.lane)), turn.rung && html("span", { class: "chip" }, among("rungs", turn.rung))),
    ...(known.messages.length ? [html("h4", {}, word("for_whom")), html("ul", { class: "asked" }, known.messages.map(({ author, text }) => html("li", {}, html("b", {}, author), ` ${text}`)))] : []),
    html("h4", {}, word("whole_answer")),
    html("p", { class: "about" }, turn.text || word("none")),
    html("h4", {}, word("steps")),
    html("dl", { class: "facts" }, [...steps.each.map(([name, took]) => [word(name), span(took)]), ...sound, ...sure].map(([name, value]) => html("div", {}, html("dt", {}, name), html("dd", {}, value)))),
  ];
}

// What viewers wrote is shown on this machine only: elsewhere the program refuses, and the list stays empty.
async function request(turn, again) {
  const answers = await Promise.all(turn.batch.slice(0, MOST).map((id) => ask(`/api/why?last=1&q=${encodeURIComponent(id)}`)));
  if (known.id !== turn.id) return;
  known.messages = answers.flatMap(({ ok, answer }, at) => (ok ? answer.filter((one) => one.id === turn.batch[at]) : []));
  if (known.messages.length) again();
}
