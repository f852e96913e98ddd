// The microphone: what it listens for, how loud it is, the key to talk, and what was heard and not taken.

import { html, say } from "/shared/dom.js";
import { among, word } from "/shared/words.js";
import { fill, part } from "./elements.js";
import { known } from "./known.js";
import { give } from "./orders.js";

const KEY = "KeyT"; // held anywhere on the page but in a field of text
const FIELDS = "input, textarea, select, [contenteditable]";
const modes = [...part.micPart.querySelectorAll("[data-mode]")];
const LEASE_S = 3; // the key is released when this page is gone
const AGAIN_MS = 1000;
let held = false;
let again = 0;
let sent = Promise.resolve();
let waiting = 0;

// One after the other: what says again that it is held would undo a release that it overtakes.
function talk(to) {
  waiting += 1;
  sent = sent.then(() => give(to ? { order: "talk", to, for_s: LEASE_S } : { order: "talk", to })).finally(() => (waiting -= 1));
}

function hold(to) {
  if (held === to || (to && known.mic?.mode !== "hold")) return;
  held = to;
  clearInterval(again);
  if (to) again = setInterval(() => waiting || talk(true), AGAIN_MS);
  talk(to);
}

export function showMic() {
  const { mic } = known;
  part.micPart.hidden = !mic;
  if (!mic) return;
  for (const mode of modes) mode.setAttribute("aria-pressed", String(mode.dataset.mode === mic.mode));
  say(part.micState, mic.mode === "off" ? "" : among("micStates", mic.state));
  part.micState.classList.toggle("is-on", mic.state === "speaking");
  part.talk.hidden = mic.mode !== "hold";
  part.talk.setAttribute("aria-pressed", String(mic.held));
  part.micLevel.value = loudness(mic.rms);
  part.micTrouble.hidden = !mic.trouble;
  say(part.micTrouble, mic.trouble);
  part.micRecorded.hidden = !mic.recorded;
  fill(part.micIgnored, [...mic.ignored].reverse(), ({ why, text }) => [
    html("li", {}, html("span", { class: "tag" }, among("ignored", why)), html("span", { class: "grow" }, text)),
  ]);
}

// 60 dB of loudness fill the meter, as the ear hears it.
const loudness = (rms) => Math.max(0, Math.min(1, 1 + Math.log10(Math.max(rms, 1e-6)) / 3));

for (const mode of modes) mode.addEventListener("click", () => give({ order: "listen", mode: mode.dataset.mode }));
part.talk.addEventListener("pointerdown", (event) => {
  part.talk.setPointerCapture(event.pointerId);
  hold(true);
});
for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) part.talk.addEventListener(end, () => hold(false));
addEventListener("keydown", (event) => {
  if (event.code === KEY && !event.repeat && !event.ctrlKey && !event.metaKey && !event.altKey && !event.target.closest?.(FIELDS)) hold(true);
});
addEventListener("keyup", (event) => event.code === KEY && hold(false));
addEventListener("blur", () => hold(false)); // nobody tells a page of a key that is released elsewhere
document.addEventListener("visibilitychange", () => document.hidden && hold(false));
