// What only a person at the desk sees, never viewers: a line to type into, buttons, what is wrong with the graph.

import { AMOUNTS, beyond } from "/shared/amounts.js";
import { startBar } from "/shared/bar.js";
import { copy } from "/shared/copy.js";
import { html, say, set } from "/shared/dom.js";
import { again, ask, order } from "/shared/orders.js";
import { problemLine } from "/shared/problems.js";
import { startSent } from "/shared/sent.js";
import { languageOnAir, word } from "/shared/words.js";
import { startClear } from "./clear.js";

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
    if (kind === "donation") {
      const wrong = beyond(AMOUNTS.donation, page.amount.value);
      if (wrong) {
        note(wrong);
        page.amount.focus();
        return;
      }
      body.amount = Number(page.amount.value);
    }
    const answer = await post("/api/say", body);
    if (!answer) return;
    page.text.value = "";
    sent.follow(answer.id ?? null);
  }

  page.say.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  const unit = html("span", { class: "aischoco-unit", hidden: true });
  page.amount.after(unit);
  page.say.noValidate = true; // the browser's own words are in its own language
  page.kind.addEventListener("change", () => {
    page.amount.hidden = unit.hidden = page.kind.value !== "donation";
    note("");
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

  const clear = startClear(page.top, post);
  const showBar = startBar(page.bar, "/");
  let graph = null;
  again(async () => {
    const { ok, answer } = await ask("/api/graph");
    graph = ok ? answer : null;
    showBar(graph);
    await clear.look(graph);
  }, LIGHTS_MS);

  // Several rows of buttons in a narrow window push the lines down.
  new ResizeObserver(() => document.documentElement.style.setProperty("--aischoco-head", `${page.top.offsetHeight}px`)).observe(page.top);

  const spoken = () => {
    say(unit, word("amount"));
    set(page.say, "aria-label", word("form"));
    sent.show();
    clear.show();
    showBar(graph);
  };
  spoken();
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
