// The page of the stage: the avatar alone in OBS; elsewhere also the prompt that allows a plugin.

import { copy } from "/shared/copy.js";
import { say } from "/shared/dom.js";
import { order } from "/shared/orders.js";
import { speak, word, wordsOf } from "/shared/words.js";
import { startStage } from "./stage.js";

const onAir = new URLSearchParams(location.search).has("obs") || "obsstudio" in window;
const find = (name) => document.querySelector(`.aischoco-${name}`);
document.documentElement.classList.toggle("is-desk", !onAir);

let up = false;
let called = ""; // the name of the avatar
let asked = null; // the plugin that is waiting to be allowed

function show() {
  find("link").classList.toggle("is-up", up);
  document.title = onAir || !called ? called : `${word("pageName")} · ${called}`;
  find("stage").setAttribute("aria-label", called);
  say(find("question"), asked ? word("question", { who: asked.name, name: called }) : "");
  say(find("link"), word(up ? "up" : "down"));
  find("prompt").hidden = onAir || !asked;
  say(find("by"), asked ? word(asked.page ? "page" : "by", asked) : "");
  say(find("note"), "");
}

async function decide(allow) {
  if (!asked) return;
  const { status, ok, answer } = await order("/api/stage/allow", { id: asked.id, allow });
  if (!ok) say(find("note"), status ? word("failed", { why: answer.error }) : word("away"));
}

speak(wordsOf("stage"), { onAir, onSwitch: show });
show();
startStage(find("stage"), {
  onLink(now) {
    up = now;
    show();
  },
  onName(name) {
    called = name;
    show();
  },
  onPrompt(prompt) {
    asked = prompt;
    show();
  },
});
find("allow").addEventListener("click", () => decide(true));
find("deny").addEventListener("click", () => decide(false));
find("address").addEventListener("click", () => copy(find("address"), `${location.origin}/stage/?obs`, (text) => say(find("address"), text)));
