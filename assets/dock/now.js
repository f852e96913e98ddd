// What is happening now: the turn, what it is for, what of it was heard, how long it took.

import { html, say } from "/shared/dom.js";
import { clock, seconds } from "/shared/numbers.js";
import { among, word } from "/shared/words.js";
import { fill, part } from "./elements.js";
import { current, known, now, reportOf } from "./known.js";
import { give } from "./orders.js";
import { reasons, several } from "./viewers.js";

const STEPS = ["first_token", "first_sentence", "first_sound"];
const SLOW = 2; // this many times the target is more than slow

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
  showPace(report);
  part.skip.disabled = !turn;
  const resting = atRest();
  say(part.stop, word(resting ? "resume" : "stop"));
  part.stop.title = word(resting ? "resumeTitle" : "stopTitle");
  part.stop.className = resting ? "primary" : "danger";
}

// Nothing is said and nothing may begin: there is nothing left to stop.
const atRest = () => known.state.paused && !current();

// How long it took until the first sound; the steps on the way are in the details.
function showPace(report) {
  const marks = report?.marks ?? {};
  const given = (mark) => marks[mark] !== null && marks[mark] !== undefined;
  const after = (mark) => marks[mark] - marks.batched;
  const sounded = given("batched") && given("first_sound");
  const target = known.graph?.voice?.targets_s.turn_to_sound ?? Infinity;
  say(part.pace, sounded ? word("toSound", { time: seconds(after("first_sound").toFixed(1)) }) : "");
  part.pace.dataset.pace = !sounded || after("first_sound") <= target ? "" : after("first_sound") <= target * SLOW ? "late" : "slow";
  const waited = given("received") && given("batched") ? [["waited", seconds((marks.batched - marks.received).toFixed(1))]] : [];
  const took = given("batched") ? STEPS.filter(given).map((mark) => [mark, seconds(after(mark).toFixed(1))]) : [];
  const lines = [...waited, ...took, ...sureness(report)];
  part.marksPart.hidden = !lines.length;
  fill(part.marks, lines, ([name, value]) => [html("li", {}, html("span", {}, word(name)), html("b", {}, value))]);
}

function stateWord(turn) {
  if (!turn) return known.state.paused ? word("restingNow", { time: clock(Math.max(0, now() - known.state.paused_at)) }) : word("idle");
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
part.stop.addEventListener("click", () => give(atRest() ? { order: "pause", to: false } : { order: "stop" }));
