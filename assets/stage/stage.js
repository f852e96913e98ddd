// The stage on any page: `startStage(canvas)` draws Choco on it and moves her as the node avatar.stage says.

import { link } from "/shared/link.js";
import { Choco } from "./choco.js";

const LONGEST_S = 0.1; // the longest step, such as after the page was paused
const LOOK_MS = 1000; // how often the page looks how fast it draws
const EARLY_MS = 4; // a frame may come this much before its time: the display does not tick exactly

export function startStage(canvas, { onLink = () => {}, onName = () => {}, onPrompt = () => {} } = {}) {
  const choco = new Choco(canvas);
  const counters = (window.__stage = { opens: 0, up: false, frames: 0, ms: 0, began: performance.now(), choco });
  let most = Infinity; // frames a second
  let asked = 0; // the frame that the display will ask for; 0 while nobody sees the canvas
  let last = 0;
  let looked = { at: 0, frames: 0 };
  let told = -1;
  let send = () => {};

  // Nothing moves or is drawn while the page, or its canvas, is hidden.
  function look() {
    const scale = Math.min(devicePixelRatio || 1, 2);
    const wide = Math.max(1, Math.round(canvas.clientWidth * scale));
    const high = Math.max(1, Math.round(canvas.clientHeight * scale));
    if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high });
    const seen = !document.hidden && canvas.clientWidth > 0;
    if (seen && !asked) {
      last = looked.at = performance.now();
      looked.frames = counters.frames;
      asked = requestAnimationFrame(frame);
    } else if (!seen && asked) {
      cancelAnimationFrame(asked);
      asked = 0;
      tell(0);
    }
  }

  function frame(now) {
    asked = requestAnimationFrame(frame);
    if (now - last < 1000 / most - EARLY_MS) return;
    const begun = performance.now();
    choco.step(Math.min(LONGEST_S, Math.max(0, (now - last) / 1000)));
    choco.draw();
    last = now;
    counters.frames += 1;
    counters.ms += performance.now() - begun;
    if (now - looked.at < LOOK_MS) return;
    tell(Math.round((1000 * (counters.frames - looked.frames)) / (now - looked.at)));
    looked = { at: now, frames: counters.frames };
  }

  // The program sends no more movements than are drawn.
  function tell(hz) {
    if (Math.abs(hz - told) <= 0.1 * told) return;
    told = hz;
    send({ type: "pace", hz });
  }

  new ResizeObserver(look).observe(canvas);
  document.addEventListener("visibilitychange", look);
  look();

  const CHANGES = {
    hello(change) {
      most = change.fps || Infinity;
      choco.set(change.values, Object.keys(choco.goal).filter((name) => !(name in change.values)));
      choco.show(change.expressions, 0.25);
      choco.stand(change.place, 0);
      onName(change.name);
      onPrompt(change.prompt);
    },
    values: (change) => choco.set(change.values, change.free),
    expressions: (change) => choco.show(change.expressions, change.seconds),
    place: (change) => choco.stand(change.place, change.seconds),
    gesture: (change) => choco.play(change.name),
    prompt: (change) => onPrompt(change.prompt),
  };

  send = link("/ws/stage", {
    onUp() {
      told = asked ? -1 : 0;
      if (!asked) send({ type: "pace", hz: 0 });
      counters.opens += 1;
      counters.up = true;
      onLink(true);
    },
    onDown() {
      counters.up = false;
      choco.set({}, Object.keys(choco.goal)); // she goes on by herself
      onPrompt(null);
      onLink(false);
    },
    onMessage: (change) => CHANGES[change.type]?.(change),
  });
}
