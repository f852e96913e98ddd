// Everything about the node or edge that was pressed, and the events that pass along an edge.

import { copy } from "/shared/copy.js";
import { byId, html, say } from "/shared/dom.js";
import { clock, rate, span, sum, whole } from "/shared/numbers.js";
import { among, word } from "/shared/words.js";
import { settingsOf } from "./settings.js";
import { turnParts } from "./turn.js";
import { called } from "./types.js";

const KEPT = 60; // events on the page
let held = false;
let newest = 0; // number of the newest event shown, counted from when the tap was opened
let tapOf = "";

export function showNothing() {
  byId("look").replaceChildren(html("p", { class: "hint" }, word("choose")));
  tapOf = "";
}

export function showNode(node, state, choose) {
  tapOf = "";
  if (!node) return byId("look").replaceChildren(html("p", { class: "hint" }, word("gone")));
  const edges = (end) => state.edges.filter((edge) => edge[end] === node.name).map((edge) => chooser(edge.key, choose));
  fill(
    html("h3", {}, called(node.type) || node.name, called(node.type) && html("code", {}, node.name), html("span", { class: `chip is-${node.state}` }, among("states", node.state))),
    html("p", { class: "about" }, html("code", {}, node.type), ` ${node.about}`),
    place(state, node.line),
    facts([
      [word("in"), `${whole(node.events_in)} · ${rate(node.rate_in)}/s`],
      [word("out"), `${whole(node.events_out)} · ${rate(node.rate_out)}/s`],
      [word("errors"), whole(node.errors)],
      [word("restarts"), whole(node.restarts)],
    ]),
    node.last_error && html("div", { class: "fault" }, html("strong", {}, word("last_error")), html("pre", {}, node.last_error)),
    ...settingsOf(node, () => showNode(node, state, choose)),
    html("h4", {}, word("inputs")), html("ul", { class: "chooser" }, edges("target")),
    html("h4", {}, word("outputs")), html("ul", { class: "chooser" }, edges("source")),
  );
}

export function showTurn(turn, steps, again) {
  tapOf = "";
  if (!turn) return byId("look").replaceChildren(html("p", { class: "hint" }, word("turn_gone")));
  fill(...turnParts(turn, steps, again));
}

export function showEdge(edge, choose) {
  if (!edge) {
    tapOf = "";
    return byId("look").replaceChildren(html("p", { class: "hint" }, word("closed_here")));
  }
  if (tapOf !== edge.key || !byId("passing")) {
    tapOf = edge.key;
    newest = 0;
    held = false;
    byId("look").replaceChildren(html("div", { id: "edge-facts" }), tapHead(), html("ol", { id: "passing", class: "passing", tabindex: 0, "aria-label": word("passing") }));
  }
  const lost = Object.entries(edge.dropped);
  replace(
    byId("edge-facts"),
    html("h3", {}, `${edge.source}.${edge.output} → ${edge.target}.${edge.input}`),
    html("p", { class: "about" }, html("code", {}, edge.event), edge.feedback ? ` ${word("feedback")}` : "", " ", link(edge.source, () => choose("node", edge.source)), " → ", link(edge.target, () => choose("node", edge.target))),
    facts([
      [word("rate"), `${rate(edge.rate)} · ${word("total")} ${whole(edge.count)}`],
      [word("queue"), `${edge.length}/${edge.capacity} · ${word("most")} ${edge.queue_max}`],
      [word("policy"), among("policies", edge.policy)],
      [word("age"), `${span(edge.age_p95_s)} · ${word("age50")} ${span(edge.age_p50_s)}`],
      [word("drops"), lost.length ? `${sum(edge.dropped)}: ${lost.map(([why, many]) => `${among("reasons", why)} ${many}`).join(", ")}` : word("none")],
    ]),
  );
}

export const wantsTap = () => (held ? "" : tapOf);

export function showTap(key, tap) {
  const list = byId("passing");
  if (!list || key !== tapOf || held) return;
  if (tap.error) return list.replaceChildren(html("li", { class: "hint" }, `${word("page_error")}: ${tap.error}`));
  if (tap.count < newest) newest = 0;
  const fresh = tap.items.slice(0, Math.min(tap.items.length, tap.count - newest));
  newest = tap.count;
  if (!newest && !list.firstChild) list.append(html("li", { class: "hint" }, word("nothing_passed")));
  if (!fresh.length) return;
  list.querySelector(".hint")?.remove();
  list.prepend(...fresh.map(passed));
  while (list.children.length > KEPT) list.lastChild.remove();
}

function tapHead() {
  const button = html("button", { type: "button", class: "quiet", "aria-pressed": "false" }, word("pause"));
  button.addEventListener("click", () => {
    held = !held;
    say(button, word(held ? "go_on" : "pause"));
    button.setAttribute("aria-pressed", String(held));
  });
  return html("div", { class: "tap-head" }, html("h4", {}, word("passing")), button);
}

function passed({ t: at, event }) {
  const { type, ...rest } = event;
  const fields = Object.entries(rest).filter(([, value]) => value !== null && value !== "" && !empty(value));
  return html(
    "li",
    { class: "passed" },
    html("time", {}, clock(at)),
    html("code", {}, type),
    html("span", {}, fields.map(([name, value]) => html("span", { class: "value" }, html("i", {}, name), ` ${shown(value)} `))),
  );
}

const empty = (value) => typeof value === "object" && !Object.keys(value).length;
const shown = (value) => (typeof value === "object" ? JSON.stringify(value) : String(value));

// The line in the graph's file, if the server says where the file is.
export function place(state, line) {
  const name = `${state.file}:${line}`;
  if (!state.path) return html("p", { class: "place" }, html("code", {}, name));
  return html(
    "p",
    { class: "place" },
    html("a", { href: editorLink(state.path, line), title: word("open_line") }, name),
    copier(`${state.path}:${line}`),
  );
}

export const editorLink = (path, line) => `vscode://file/${encodeURI(path.replace(/^\//, "")).replace(/[?#]/g, encodeURIComponent)}:${line}`;

export function copier(text) {
  const button = html("button", { type: "button", class: "quiet", title: text, "data-text": "copy" }, word("copy"));
  button.addEventListener("click", () => copy(button, text, (refused) => say(button, refused)));
  return button;
}

const facts = (pairs) => html("dl", { class: "facts" }, pairs.map(([name, value]) => html("div", {}, html("dt", {}, name), html("dd", {}, value))));
const chooser = (key, choose) => html("li", {}, link(key, () => choose("edge", key)));
const link = (text, act) => html("button", { type: "button", class: "asLink", onclick: act }, text);

function fill(...children) {
  replace(byId("look"), ...children);
}

// The refresh a second later must not lose the focus of a button or a text selection.
function replace(host, ...children) {
  const fresh = html("div", {}, ...children);
  if (host.dataset.shown === fresh.innerHTML && host.firstChild) return;
  host.dataset.shown = fresh.innerHTML;
  const held = [...host.querySelectorAll("button, a, summary")].indexOf(document.activeElement);
  const open = [...host.querySelectorAll("details[open]")].map((part) => part.dataset.keep);
  host.replaceChildren(...fresh.childNodes);
  for (const part of host.querySelectorAll("details")) part.open = open.includes(part.dataset.keep);
  if (held >= 0) host.querySelectorAll("button, a, summary")[held]?.focus();
}
