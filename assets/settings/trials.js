// Checks of what stands behind a card (a key, a server, a device), by the program's own doctor, with what is shown here.

import { html } from "/shared/dom.js";
import { button, typeName } from "/shared/forms/elements.js";
import { edit, keyOf, known } from "/shared/forms/known.js";
import { order } from "/shared/orders.js";
import { word } from "/shared/words.js";

const found = new Map(); // node -> what its last check found: {lines} or {error}
let running = "";
let drawn = () => {};

export const whenTried = (draw) => (drawn = draw);

export function drawTrials(fields) {
  const nodes = [...new Set(fields.map(({ node }) => node))].filter((node) => known.graph.checked?.includes(node));
  if (!nodes.length || known.card === "advanced" || !known.graph.running) return null;
  return html("section", { class: "trials" }, html("h3", {}, word("trials")), html("p", {}, word("trialsHint")), nodes.map(row));
}

function row(node) {
  const type = known.graph.nodes.find(({ name }) => name === node).type;
  const what = typeName(type);
  const label = word(running === node ? "trying" : "tryOut", { what });
  const { lines = [], error } = found.get(node) ?? {};
  const told = error ? [{ ok: false, what: error, remedy: "" }] : lines;
  return html(
    "div",
    { class: "trial" },
    button("plain", label, () => check(node), { id: `try-${node}`, disabled: running !== "" }),
    html("ul", { role: "status" }, told.map(line)),
  );
}

function line({ ok, what, remedy }) {
  return html("li", { class: ok ? "is-fine" : "is-wrong" }, html("span", {}, what, !ok && remedy && html("span", { class: "remedy" }, remedy)));
}

async function check(node) {
  running = node;
  found.delete(node);
  drawn();
  const mine = [...known.pending.values()].filter(({ field }) => field.node === node && !known.errors.has(keyOf(node, field.spec.name)));
  const { status, ok, answer } = await order("/api/settings/check", { node, edits: mine.map(edit) }, 40_000);
  running = "";
  found.set(node, ok ? answer : { error: status ? answer.error : word("unreached") });
  drawn();
  document.getElementById(`try-${node}`)?.focus();
}
