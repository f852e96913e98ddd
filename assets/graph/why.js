// Why was this not answered? A search among recent messages.

import { byId, html } from "/shared/dom.js";
import { ago } from "/shared/numbers.js";
import { ask } from "/shared/orders.js";
import { among, lexicon, word } from "/shared/words.js";

const PATIENCE_MS = 250;
const { word: loading } = lexicon("loading");
let asked = "";
let now = 0;
let timer = 0;
let acts = {};

export function showWhy(given) {
  acts = given;
  const field = html("input", { type: "search", id: "query", placeholder: word("ask"), "aria-label": word("ask"), maxlength: 200, autocomplete: "off" });
  field.value = asked;
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => search(field.value.trim()), PATIENCE_MS);
  });
  const form = html("form", { class: "ask", role: "search" }, field, html("button", {}, word("search")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    search(field.value.trim());
  });
  byId("why").replaceChildren(form, html("ol", { id: "found", class: "found", "aria-live": "polite" }, html("li", { class: "hint" }, word("ask_hint"))));
  if (asked) search(asked);
}

export const tellTime = (time) => {
  now = time;
};

async function search(text) {
  asked = text;
  const list = byId("found");
  if (!text) return list.replaceChildren(html("li", { class: "hint" }, word("ask_hint")));
  const { answer } = await ask(`/api/why?q=${encodeURIComponent(text)}`);
  if (text !== asked) return;
  if (!Array.isArray(answer)) return list.replaceChildren(html("li", { class: "hint" }, `${word("page_error")}: ${answer.error ?? loading("away")}`));
  list.replaceChildren(...(answer.length ? answer.map(message) : [html("li", { class: "hint" }, word("nothing_found"))]));
}

function message(found) {
  return html(
    "li",
    { class: "message", "data-verdict": found.verdict, "data-id": found.id },
    html("p", {}, html("b", {}, found.author), ` ${found.text}`),
    html("p", { class: "verdict" }, chip(found), detail(found), html("small", {}, `${among("kinds", found.kind)}${found.channel_id ? ` · ${word("channel")} ${found.channel_id.slice(0, 6)}` : ""} · ${ago(now - found.received)}`)),
  );
}

function chip({ verdict }) {
  const name = { answered: "did_answer", waiting: "did_wait", dropped: "did_drop" }[verdict] ?? "unknown";
  return html("span", { class: `chip verdict-${verdict}` }, word(name));
}

function detail({ verdict, reason, turn, where, stopped }) {
  const rule = stopped ? ` (${stopped.word} · ${stopped.by})` : "";
  if (verdict === "dropped") return html("span", { class: "reason" }, `${among("reasons", reason)}${rule}`);
  const press = (text, act) => html("button", { type: "button", class: "asLink", onclick: act }, text);
  if (where.length) return html("span", {}, `${word("waits_at")} `, press(where[0], () => acts.edge(where[0])));
  if (verdict === "waiting" && !turn) return html("span", {}, word("not_yet"));
  return turn ? press(word("in_turn"), () => acts.turn(turn)) : null;
}
