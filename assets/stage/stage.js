// The stage on any page: `startStage(canvas)` draws Choco on it and moves her as the node avatar.stage says.

import { link } from "/shared/link.js";
import { Choco } from "./choco.js";

const LONGEST_S = 0.1; // the longest step, such as after the page was paused

export function startStage(canvas, { onLink = () => {}, onName = () => {}, onPrompt = () => {} } = {}) {
  const choco = new Choco(canvas);
  const counters = (window.__stage = { opens: 0, up: false, frames: 0, ms: 0, began: performance.now(), choco });

  function fit() {
    const scale = Math.min(devicePixelRatio || 1, 2);
    canvas.width = Math.max(1, Math.round(canvas.clientWidth * scale));
    canvas.height = Math.max(1, Math.round(canvas.clientHeight * scale));
  }
  addEventListener("resize", fit);
  fit();

  let last = performance.now();
  function frame(now) {
    const begun = performance.now();
    choco.step(Math.min(LONGEST_S, Math.max(0, (now - last) / 1000)));
    if (canvas.clientWidth) choco.draw(); // not while the page hides it
    last = now;
    counters.frames += 1;
    counters.ms += performance.now() - begun;
    requestAnimationFrame(frame);
  }
  requestAnimationFrame(frame);

  const CHANGES = {
    hello(change) {
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

  link("/ws/stage", {
    onUp() {
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
