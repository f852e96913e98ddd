// What only a person at the desk has and nobody on air sees: a line to type into, buttons, what is wrong with the graph.

import { make } from "./lines.js";
import { words } from "./words.js";

const LOOK_MS = 1500;
const COPIED_MS = 1500;
const PATIENCE_MS = 8000; // a program that stands still gives no answer, and closes nothing either

export function startDesk(page) {
  let token = document.querySelector("meta[name=aischoco-token]").content;

  const send = (path, body) =>
    fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Token": token },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });

  // A server that was started anew has a new token; its page tells it.
  async function renew() {
    const text = await (await fetch("/", { signal: AbortSignal.timeout(PATIENCE_MS) })).text();
    token = new DOMParser().parseFromString(text, "text/html").querySelector("meta[name=aischoco-token]").content;
  }

  async function post(path, body = {}) {
    page.note.textContent = "";
    try {
      let reply = await send(path, body);
      if (reply.status === 403) {
        await renew();
        reply = await send(path, body);
      }
      if (reply.ok) return true;
      page.note.textContent = reply.status === 404 ? words.refused : words.failed((await reply.json()).error);
    } catch {
      page.note.textContent = words.away;
    }
    return false;
  }

  async function say() {
    const kind = page.kind.value;
    const body = { kind, text: page.text.value.trim() };
    if (kind === "chat" && !body.text) return;
    if (kind === "donation") body.amount = Number(page.amount.value) || 1000;
    if (await post("/api/say", body)) page.text.value = "";
  }

  page.say.addEventListener("submit", (event) => {
    event.preventDefault();
    say();
  });
  page.kind.addEventListener("change", () => {
    page.amount.hidden = page.kind.value !== "donation";
  });
  page.clear.addEventListener("click", () => post("/api/clear"));
  page.streamer.addEventListener("click", () => post("/api/toggle_streamer_chat"));
  const label = page.address.textContent;
  let copied = 0;
  page.address.addEventListener("click", async () => {
    const query = new URLSearchParams(location.search);
    query.delete("obs");
    const address = `${location.origin}/?${["obs", query.toString()].filter(Boolean).join("&")}`;
    try {
      await navigator.clipboard.writeText(address);
    } catch {
      page.note.textContent = address; // a page of another computer may not write there: a person does
      return;
    }
    page.address.textContent = words.copied;
    clearTimeout(copied);
    copied = setTimeout(() => (page.address.textContent = label), COPIED_MS);
  });

  // What keeps a saved graph from going on air.
  async function look() {
    try {
      const status = await (await fetch("/api/reload", { signal: AbortSignal.timeout(PATIENCE_MS) })).json();
      const told = (status.problems ?? []).map(
        ({ file, line, column, message, hint }) => `${file}:${line}:${column}: ${message}${hint ? `; ${hint}` : ""}`,
      );
      if (told.join("\n") !== [...page.problems.children].map((item) => item.textContent).join("\n")) {
        page.problems.replaceChildren(...told.map((text) => make("li", "aischoco-problem", text)));
      }
      page.problems.hidden = !told.length;
    } catch {
      page.problems.hidden = true; // the connection's own state is told elsewhere
    }
  }
  setInterval(look, LOOK_MS);
}
