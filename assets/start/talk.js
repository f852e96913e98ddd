// The scene: the character, what she is saying, and a line to type. What is typed here is answered first.

import { byId, say } from "/shared/dom.js";
import { link } from "/shared/link.js";
import { order } from "/shared/orders.js";
import { startSent } from "/shared/sent.js";
import { failure, lightOf } from "./known.js";

const AGAIN_MS = 3000;

/** @param {() => void} onAnswered called when a typed line has been answered */
export function startTalk(onAnswered) {
  const sent = startSent(byId("sent"), onAnswered);
  byId("talk").addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = byId("line").value.trim();
    if (!text) return;
    const reply = await order("/api/say", { kind: "chat", text });
    const wrong = failure(reply);
    sent.follow(wrong ? null : (reply.answer.id ?? null));
    if (wrong) say(byId("sent"), wrong);
    else byId("line").value = "";
  });
  return sent;
}

/** Show what she says, as far as the graph has a page that shows it. */
export function startCaption() {
  const show = (caption) => say(byId("said"), caption?.text ?? "");
  link("/ws/overlay", {
    onMessage(change) {
      if (change.type === "hello" || change.type === "caption") show(change.caption);
    },
  });
}

let drawn = false;

/** Draw her, once the graph has the built-in avatar. */
export async function startScene(pages) {
  const there = pages.includes("/stage/");
  byId("stage").hidden = !there;
  byId("elsewhere").hidden = there || (lightOf("avatar")?.state ?? "none") === "none";
  if (!there || drawn) return;
  drawn = true;
  try {
    const { startStage } = await import("/stage/stage.js");
    startStage(byId("stage"));
  } catch {
    setTimeout(() => (drawn = false), AGAIN_MS);
  }
}

let heard = false;

/** Play the voice, where the graph sends it to pages. */
export async function startVoice(pages) {
  if (heard || !pages.includes("/")) return;
  heard = true;
  try {
    const { startSound } = await import("/sound.js");
    startSound({ onState: (state) => (byId("sound").hidden = state !== "suspended") });
  } catch {
    setTimeout(() => (heard = false), AGAIN_MS);
  }
}
