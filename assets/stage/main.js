// The page of the stage: the avatar alone in OBS; elsewhere also the prompt that allows a plugin.

import { startStage } from "./stage.js";

const onAir = new URLSearchParams(location.search).has("obs") || "obsstudio" in window;
const find = (name) => document.querySelector(`.aischoco-${name}`);
document.documentElement.classList.toggle("is-desk", !onAir);

let token = document.querySelector("meta[name=aischoco-token]").content;
let asked = null;

startStage(find("stage"), {
  onLink(up) {
    find("link").classList.toggle("is-up", up);
    find("link").textContent = up ? "연결됨" : "다시 연결하는 중…";
  },
  onPrompt(prompt) {
    asked = prompt;
    find("prompt").hidden = onAir || !prompt;
    find("who").textContent = prompt ? prompt.name : "";
    find("by").textContent = prompt ? `만든 이: ${prompt.developer}` : "";
    find("note").textContent = "";
  },
});

const post = (body) =>
  fetch("/api/stage/allow", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Token": token },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(8000),
  });

// A server that was started anew has a new token; its page tells it.
async function renew() {
  const text = await (await fetch("/stage/")).text();
  token = new DOMParser().parseFromString(text, "text/html").querySelector("meta[name=aischoco-token]").content;
}

async function decide(allow) {
  if (!asked) return;
  try {
    const body = { id: asked.id, allow };
    let reply = await post(body);
    if (reply.status === 403) {
      await renew();
      reply = await post(body);
    }
    if (!reply.ok) find("note").textContent = `보내지 못했어요: ${(await reply.json()).error}`;
  } catch {
    find("note").textContent = "서버에 닿지 않아요. 잠시 뒤에 다시 눌러 주세요.";
  }
}

find("allow").addEventListener("click", () => decide(true));
find("deny").addEventListener("click", () => decide(false));
find("address").addEventListener("click", async () => {
  await navigator.clipboard.writeText(`${location.origin}/stage/?obs`);
  find("address").textContent = "복사했어요";
  setTimeout(() => (find("address").textContent = "OBS 주소 복사"), 1500);
});
