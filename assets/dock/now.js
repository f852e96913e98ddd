// What is happening now: the turn, what it is for, what of it was heard, how long it took.

import { html, say } from "/shared/dom.js";
import { seconds } from "/shared/numbers.js";
import { among, word } from "/shared/words.js";
import { fill, part } from "./elements.js";
import { current, known, reportOf } from "./known.js";
import { give } from "./orders.js";
import { reasons, several } from "./viewers.js";

const MARKS = ["batched", "first_token", "first_sentence", "first_sound"];

export function showNow() {
  const turn = current();
  const report = turn && reportOf(turn.id);
  document.body.dataset.state = turn ? (turn.speaking ? "speaking" : "thinking") : known.state.paused ? "paused" : "idle";
  say(part.state, stateWord(turn));
  const lane = turn && (turn.operator ? "operator" : turn.topic ? "" : turn.lane);
  part.lane.hidden = !lane;
  part.lane.dataset.lane = lane || "";
  say(part.lane, lane ? word(lane) : "");
  const rung = report?.rung;
  part.rung.hidden = !rung;
  say(part.rung, rung ? among("rungs", rung) : "");
  fill(part.why, turn ? [{ topic: turn.topic, messages: turn.messages, several: several() }] : [], reasons);
  showSaid(turn);
  const from = report?.marks.received ?? report?.marks.batched;
  const reached = MARKS.filter((mark) => report && report.marks[mark] !== null && from !== null);
  const took = reached.map((mark) => [mark, seconds((report.marks[mark] - from).toFixed(1))]);
  fill(part.marks, [...took, ...sureness(report)], ([name, value]) => [
    html("li", {}, html("span", {}, word(name)), html("b", {}, value)),
  ]);
  part.skip.disabled = !turn;
}

function stateWord(turn) {
  if (!turn) return word(known.state.paused ? "pausedNow" : "idle");
  if (turn.operator) return word("operatorNow");
  return word(turn.speaking ? "speaking" : "thinking");
}

/** How sure the model's answer is, and how long the whole of it took; nothing where no model answered. */
export function sureness(report) {
  if (typeof report?.confidence !== "number") return [];
  return [["confidence", `${Math.round(report.confidence * 100)}%`], ["processing_time", seconds(report.processing_time.toFixed(1))]];
}

// The sentences of the turn: those already heard are bright, those to come are dim.
function showSaid(turn) {
  const sentences = turn ? turn.sentences : [];
  part.said.classList.toggle("is-empty", !sentences.length);
  if (!sentences.length) {
    part.said.key = "";
    say(part.said, turn ? "" : word("quiet"));
    return;
  }
  fill(part.said, sentences.map((one) => [one.text, one.fraction]), ([sentence, fraction]) => {
    const signs = [...sentence];
    const heard = Math.round(fraction * signs.length);
    return [html("span", { class: "heard" }, signs.slice(0, heard).join("")), html("span", { class: "ahead" }, `${signs.slice(heard).join("")} `)];
  });
}

part.skip.addEventListener("click", () => current() && give({ order: "skip", turn: current().id }));
part.stop.addEventListener("click", () => give({ order: "stop" }));
