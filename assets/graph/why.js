// Why was this not answered? A search among the messages of late.
import { byId, html } from "./dom.js";
import { named, span, t } from "./words.js";

const PATIENCE_MS = 250;
let asked = "";
let now = 0;
let timer = 0;
let acts = {};

export function showWhy(given) {
  acts = given;
  const field = html("input", { type: "search", id: "ask", placeholder: t("ask"), "aria-label": t("ask"), maxlength: 200, autocomplete: "off" });
  field.value = asked;
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => search(field.value.trim()), PATIENCE_MS);
  });
  const form = html("form", { class: "ask", role: "search" }, field, html("button", {}, t("search")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    search(field.value.trim());
  });
  byId("why").replaceChildren(form, html("ol", { id: "found", class: "found", "aria-live": "polite" }, html("li", { class: "hint" }, t("ask_hint"))));
  if (asked) search(asked);
}

export const tellTime = (seconds) => {
  now = seconds;
};

async function search(text) {
  asked = text;
  const list = byId("found");
  if (!text) return list.replaceChildren(html("li", { class: "hint" }, t("ask_hint")));
  const answer = await acts.get(`/api/why?q=${encodeURIComponent(text)}`);
  if (text !== asked) return;
  if (!Array.isArray(answer)) return list.replaceChildren(html("li", { class: "hint" }, `${t("page_error")}: ${answer?.error ?? ""}`));
  list.replaceChildren(...(answer.length ? answer.map(message) : [html("li", { class: "hint" }, t("nothing_found"))]));
}

function message(found) {
  return html(
    "li",
    { class: "message", "data-verdict": found.verdict, "data-id": found.id },
    html("p", {}, html("b", {}, found.author), ` ${found.text}`),
    html("p", { class: "verdict" }, chip(found), detail(found), html("small", {}, `${named("kinds", found.kind)} · ${span(Math.max(0, now - found.received))} ${t("ago")}`)),
  );
}

function chip({ verdict }) {
  const word = { answered: "did_answer", waiting: "did_wait", dropped: "did_drop" }[verdict] ?? "unknown";
  return html("span", { class: `chip verdict-${verdict}` }, t(word));
}

function detail({ verdict, reason, turn, where }) {
  if (verdict === "dropped") return html("span", { class: "reason" }, named("reasons", reason));
  const press = (text, act) => html("button", { type: "button", class: "asLink", onclick: act }, text);
  if (where.length) return html("span", {}, `${t("waits_at")} `, press(where[0], () => acts.edge(where[0])));
  if (verdict === "waiting" && !turn) return html("span", {}, t("not_yet"));
  return turn ? press(t("in_turn"), () => acts.turn(turn)) : null;
}
