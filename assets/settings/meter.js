// How loud the voice is that plays now, as the program measures it for the mouth.

import { html, set } from "/shared/dom.js";
import { ask } from "/shared/orders.js";
import { word } from "/shared/words.js";
import { known } from "/shared/forms/known.js";

const LOOK_MS = 150;
const QUIETEST_DB = -50;
const LAST = 12; // events that came since the last look, at 60 a second
let meter = null;
let seen = 0;
let running = false;

/** The meter of a node that plays; null if nothing in the graph measures it. */
export function drawMeter(node) {
  const edge = known.show?.edges?.find(({ source, event }) => source === node && event === "Level");
  if (!edge) return null;
  const name = html("span", { id: "meter-name" }, word("meter"));
  meter = html("div", { class: "meter", role: "meter", "aria-labelledby": "meter-name", "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": 0 }, html("i"));
  meter.dataset.edge = edge.key;
  if (!running) measure();
  return html("div", { class: "loudness" }, name, meter);
}

async function measure() {
  running = true;
  await new Promise((done) => setTimeout(done, LOOK_MS));
  while (meter.isConnected) {
    if (!document.hidden) await look();
    await new Promise((done) => setTimeout(done, LOOK_MS));
  }
  running = false;
}

async function look() {
  const mine = meter;
  const { ok, answer } = await ask(`/api/tap?edge=${encodeURIComponent(mine.dataset.edge)}&last=${LAST}`);
  if (!ok) return;
  const fresh = answer.items.slice(0, Math.max(0, answer.count - seen));
  seen = answer.count;
  const loudest = Math.max(0, ...fresh.map(({ event }) => Number(event.rms) || 0));
  const share = loudest ? Math.max(0, 1 - (20 * Math.log10(loudest)) / QUIETEST_DB) : 0;
  const percent = Math.round(Math.min(1, share) * 100);
  mine.firstChild.style.width = `${percent}%`;
  set(mine, "aria-valuenow", percent);
}
