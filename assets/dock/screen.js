// What viewers see, as far as one press changes it at once: the lines on the screen, and the streamer's own among them.

import { ask } from "/shared/orders.js";
import { word } from "/shared/words.js";
import { part } from "./elements.js";
import { known } from "./known.js";
import { post } from "./orders.js";

export function showScreen() {
  const { screen } = known;
  part.screenPart.hidden = !screen;
  if (!screen) return;
  part.clear.disabled = !screen.clear;
  part.restore.hidden = !screen.undo;
  part.streamer.setAttribute("aria-pressed", String(!screen.streamer_hidden));
}

async function change(path, body, done) {
  if (!(await post(path, body, done))) return;
  const { ok, answer } = await ask("/api/screen");
  if (ok) known.screen = answer;
  showScreen();
}

part.clear.addEventListener("click", () => change("/api/clear", {}, word("cleared")));
part.restore.addEventListener("click", () => change("/api/clear", { undo: true }, word("restored")));
part.streamer.addEventListener("click", () => change("/api/toggle_streamer_chat", { hidden: !known.screen.streamer_hidden }, ""));
