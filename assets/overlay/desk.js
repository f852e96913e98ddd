// What only a person at the desk sees, never viewers: a line to type into, buttons, what is wrong with the graph.

import { startBar } from "/shared/bar.js";
import { copy } from "/shared/copy.js";
import { html, say } from "/shared/dom.js";
import { again, ask, order } from "/shared/orders.js";
import { problemLine } from "/shared/problems.js";
import { languageOnAir, word } from "/shared/words.js";
import { startSent } from "./sent.js";

const LOOK_MS = 1500;
const LIGHTS_MS = 3000;

export function startDesk(page) {
  const note = (text) => say(page.note, text);
  const sent = startSent(page.sent);

  async function post(path, body) {
    note("");
    const { status, ok, answer } = await order(path, body);
    if (!status) note(word("away"));
    else if (status === 404) note(word("refused"));
    else if (!ok) note(word("failed", { why: answer.error }));
    return ok ? answer : null;
  }

  async function send() {
    const kind = page.kind.value;
    const body = { kind, text: page.text.value.trim() };
    if (kind === "chat" && !body.text) return;
    if (kind === "donation") body.amount = Number(page.amount.value) || 1000;
    const answer = await post("/api/say", body);
    if (!answer) return;
    page.text.value = "";
    sent.follow(answer.id ?? null);
  }

  page.say.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  page.kind.addEventListener("change", () => {
    page.amount.hidden = page.kind.value !== "donation";
  });
  page.address.addEventListener("click", () => copy(page.address, onAirAddress(), note));

  // What keeps a saved graph from going on air.
  async function look() {
    const { ok, answer } = await ask("/api/reload");
    const problems = ok ? (answer.problems ?? []) : []; // whether the program answers at all is shown elsewhere
    const lines = problems.map(problemLine);
    if (lines.join("\n") !== [...page.problems.children].map((item) => item.textContent).join("\n")) {
      page.problems.replaceChildren(...lines.map((text) => html("li", { class: "aischoco-problem" }, text)));
    }
    page.problems.hidden = !lines.length;
  }
  again(look, LOOK_MS);

  const showBar = startBar(page.bar, "/");
  let graph = null;
  again(async () => {
    const { ok, answer } = await ask("/api/graph");
    graph = ok ? answer : null;
    showBar(graph);
  }, LIGHTS_MS);
  const spoken = () => {
    sent.show();
    showBar(graph);
  };
  return { spoken }; // called when another language is chosen
}

// This page as OBS shows it, in the language of the desk.
function onAirAddress() {
  const query = new URLSearchParams(location.search);
  query.delete("obs");
  query.delete("lang");
  if (languageOnAir()) query.set("lang", languageOnAir());
  return `${location.origin}/?${["obs", query.toString()].filter(Boolean).join("&")}`;
}
