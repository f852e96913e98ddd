// What became of viewers: how many were answered, wait or were dropped, and the words that a list stopped.

import { html, say } from "/shared/dom.js";
import { sum, whole } from "/shared/numbers.js";
import { among, word } from "/shared/words.js";
import { fill, part } from "./elements.js";
import { known } from "./known.js";
import { note, post } from "./orders.js";
import { stoppedKey, stoppedLine } from "./stopped.js";

const LANES = ["donation", "subscription", "chat"];

export function showQueue() {
  const { graph, stopped } = known;
  if (!graph) return;
  const events = graph.viewer_events;
  const dropped = Object.entries(events.dropped).sort((a, b) => b[1] - a[1]);
  const lost = sum(events.dropped);
  const sums = [["answered", events.answered], ["waiting", events.waiting], ["dropped", lost]];
  const counted = sums.map(([name, count]) => `${word(name)} ${whole(count)}`);
  say(part.sum, counted.join(" · "));
  say(part.total, `${word("total")} ${whole(events.in)} = ${counted.join(" + ")}`);
  const lanes = graph.waiting?.host ? ["host", ...LANES] : LANES;
  fill(part.lanes, lanes.map((lane) => [lane, graph.waiting?.[lane] ?? 0]), ([lane, count]) => {
    const item = html("li", { class: count ? "" : "is-empty" }, html("span", {}, word(lane)), html("b", {}, whole(count)));
    item.dataset.lane = lane;
    return [item];
  });
  fill(part.dropped, dropped, ([reason, count]) => [html("li", {}, html("span", {}, among("reasons", reason)), html("b", {}, whole(count)))]);
  part.stoppedPart.hidden = !stopped.length;
  say(part.stoppedTitle, word("stoppedWords"));
  fill(part.stopped, stoppedKey(stopped), (one) => [stoppedLine(one, allow, showQueue)]);
}

async function allow(body) {
  const answer = await post("/api/allow", body);
  if (answer) note(word("allowed", { said: answer.said.join(", ") }));
  return answer;
}
