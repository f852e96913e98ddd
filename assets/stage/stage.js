// The stage on any page: `startStage(canvas)` draws Choco there and moves her as the node avatar.stage says.

import { Choco } from "./choco.js";

const SOONEST_MS = 250;
const LATEST_MS = 4000;
const LONGEST_S = 0.1; // a step after a pause of the page

export function startStage(canvas, { onLink = () => {}, onPrompt = () => {} } = {}) {
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
      onPrompt(change.prompt);
    },
    values: (change) => choco.set(change.values, change.free),
    expressions: (change) => choco.show(change.expressions, change.seconds),
    place: (change) => choco.stand(change.place, change.seconds),
    gesture: (change) => choco.play(change.name),
    prompt: (change) => onPrompt(change.prompt),
  };

  let pause = SOONEST_MS;
  function connect() {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/stage`);
    socket.onopen = () => {
      counters.opens += 1;
      counters.up = true;
      pause = SOONEST_MS;
      onLink(true);
    };
    socket.onmessage = (event) => {
      const change = JSON.parse(event.data);
      CHANGES[change.type]?.(change);
    };
    socket.onclose = () => {
      counters.up = false;
      choco.set({}, Object.keys(choco.goal)); // she goes on by herself
      onPrompt(null);
      onLink(false);
      setTimeout(connect, pause * (0.75 + Math.random() / 2));
      pause = Math.min(pause * 2, LATEST_MS);
    };
  }
  connect();
}
