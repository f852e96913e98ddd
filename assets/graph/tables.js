// The content of the drawing, as tables.

import { byId, html, say, set } from "/shared/dom.js";
import { rate, span, sum, whole } from "/shared/numbers.js";
import { among, language, word } from "/shared/words.js";

const NODES = {
  heads: ["node", "type", "state", "in", "out", "rate", "errors", "restarts", "last_error"],
  name: (node) => node.name,
  cells: (node) => [node.type, among("states", node.state), whole(node.events_in), whole(node.events_out), rate(Math.max(node.rate_in, node.rate_out)), whole(node.errors), whole(node.restarts), node.last_error],
  mark: (node) => (node.state === "running" || node.state === "completed" ? "" : `is-${node.state}`),
};
const EDGES = {
  heads: ["edge", "event", "rate", "total", "queue", "age", "policy", "drops"],
  name: (edge) => edge.key,
  cells: (edge) => [edge.event, rate(edge.rate), whole(edge.count), `${edge.length}/${edge.capacity}`, span(edge.age_p95_s), among("policies", edge.policy), drops(edge)],
  mark: (edge) => (sum(edge.dropped) ? "lossy" : ""),
};
let shape = "";

export function showTables(state, choose) {
  const wanted = JSON.stringify([language(), state.nodes.map((node) => node.name), state.edges.map((edge) => edge.key)]);
  if (wanted !== shape) {
    shape = wanted;
    byId("tables").replaceChildren(table("nodes", NODES, state.nodes, "node", choose), table("edges", EDGES, state.edges, "edge", choose));
  }
  const [nodes, edges] = byId("tables").querySelectorAll("tbody");
  fill(nodes, NODES, state.nodes);
  fill(edges, EDGES, state.edges);
}

const table = (caption, kind, items, what, choose) => html(
  "table",
  {},
  html("caption", {}, word(caption)),
  html("thead", {}, html("tr", {}, kind.heads.map((head) => html("th", { scope: "col" }, word(head))))),
  html("tbody", {}, items.map((item) => html(
    "tr",
    {},
    html("th", { scope: "row" }, html("button", { type: "button", class: "asLink", onclick: () => choose(what, kind.name(item)) }, kind.name(item))),
    kind.cells(item).map(() => html("td")),
  ))),
);

function fill(body, kind, items) {
  items.forEach((item, i) => {
    const row = body.rows[i];
    set(row, "class", kind.mark(item));
    kind.cells(item).forEach((text, column) => say(row.cells[column + 1], text));
  });
}

const drops = (edge) => Object.entries(edge.dropped).map(([why, many]) => `${among("reasons", why)} ${many}`).join(", ");
