// The graph as a picture: boxes and lines that can be pressed to look closer.

import { byId, pressable, say, set, svg } from "/shared/dom.js";
import { rate, span, sum, whole } from "/shared/numbers.js";
import { among, word } from "/shared/words.js";
import { NODE, layout } from "./layout.js";
import { nearest } from "./nearest.js";
import { called } from "./types.js";
import { zooming } from "./zoom.js";

const FLASH_MS = 2600;

const drawing = byId("drawing");
const zoom = zooming(drawing, byId("scroll"));
let parts = { nodes: {}, edges: {} };

export function draw(state, choose) {
  const drawn = layout(state.nodes, state.edges, zoom.room());
  parts = { nodes: {}, edges: {} };
  const lines = state.edges.map((edge) => line(edge, drawn.edges[edge.key], choose));
  const labels = state.edges.map((edge) => parts.edges[edge.key].label);
  const boxes = state.nodes.map((node) => box(node, drawn.nodes[node.name], choose));
  const held = document.activeElement?.dataset?.focus;
  drawing.replaceChildren(svg("g", {}, lines), svg("g", { "aria-hidden": "true" }, labels), svg("g", {}, boxes));
  if (held) drawing.querySelector(`[data-focus="${CSS.escape(held)}"]`)?.focus();
  zoom.show(drawn);
}

export function update(state, chosen) {
  for (const node of state.nodes) updateNode(node, parts.nodes[node.name], chosen);
  for (const edge of state.edges) updateEdge(edge, parts.edges[edge.key], chosen);
}

export function flash(names, keys) {
  const found = [...names.map((name) => parts.nodes[name]?.group), ...keys.map((key) => parts.edges[key]?.group)];
  for (const group of found.filter(Boolean)) {
    group.classList.add("flash");
    setTimeout(() => group.classList.remove("flash"), FLASH_MS);
  }
}

export const zoomBy = zoom.by;
export const resize = zoom.resize;

function box(node, at, choose) {
  const text = (name, x, y, more = {}) => svg("text", { class: name, x, y, ...more });
  const name = text("name", 14, 20);
  const type = text("type", 14, 38);
  const speed = text("speed", NODE.width - 10, 20, { "text-anchor": "end" });
  const state = text("state", NODE.width - 10, 38, { "text-anchor": "end" });
  const group = svg(
    "g",
    {
      class: "node", "data-node": node.name, "data-focus": `node ${node.name}`,
      transform: `translate(${at.x - NODE.width / 2},${at.y - NODE.height / 2})`, ...pressable(() => choose("node", node.name)),
    },
    svg("rect", { class: "card", width: NODE.width, height: NODE.height, rx: 9 }),
    svg("rect", { class: "stripe", x: 5, y: 9, width: 3, height: NODE.height - 18, rx: 1.5 }),
    name, " ", type, " ", speed, " ", state, // the blanks part the words for those who hear them
  );
  const human = called(node.type);
  say(name, shortened(human || node.name, human ? 9 : 14));
  say(type, shortened(human ? `${node.name} · ${node.type}` : node.type, 24));
  parts.nodes[node.name] = { group, texts: [name, type, speed, state], speed, state };
  return group;
}

function updateNode(node, part, chosen) {
  const troubled = node.errors || node.restarts;
  const usual = node.state === "running" || node.state === "completed";
  const flow = Math.max(node.rate_in, node.rate_out);
  say(part.speed, flow ? `${rate(flow)}/s` : "");
  say(part.state, usual ? (troubled ? `${word("errors")} ${whole(node.errors)}` : "") : among("states", node.state));
  const marks = `node is-${node.state}${troubled ? " troubled" : ""}${isChosen(chosen, "node", node.name)}`;
  restyle(part.group, marks);
  const seen = part.texts.map((text) => text.textContent).filter(Boolean).join(" "); // a name that is heard begins with what is seen
  set(part.group, "aria-label", `${seen}, ${node.name}, ${node.type}, ${among("states", node.state)}` + (node.errors ? `, ${word("errors")} ${node.errors}` : ""));
}

function line(edge, at, choose) {
  const { d, head } = at;
  const press = (event) => choose("edge", (event?.clientX && nearest(drawing, event)) || edge.key);
  const group = svg(
    "g",
    { class: "edge", "data-edge": edge.key, "data-focus": `edge ${edge.key}`, ...pressable(press) },
    svg("path", { class: "reach", d }),
    svg("path", { class: "wire", d }),
    svg("path", { class: "head", d: head }),
  );
  const first = svg("text", { class: "flow", x: at.label.x, y: at.label.y - 2, "text-anchor": at.label.anchor });
  const second = svg("text", { class: "full", x: at.label.x, y: at.label.y + 12, "text-anchor": at.label.anchor });
  const label = svg("g", { class: "label", "data-own": at.label.own, onclick: () => choose("edge", edge.key) }, first, second);
  parts.edges[edge.key] = { group, label, first, second };
  return group;
}

function updateEdge(edge, part, chosen) {
  const lost = sum(edge.dropped);
  const filled = edge.capacity ? edge.length / edge.capacity : 0;
  const level = edge.policy === "latest" ? "" : filled > 0.8 ? " full" : filled > 0.4 ? " filling" : "";
  const waits = edge.length && edge.policy !== "latest" ? `${edge.length}/${edge.capacity}` : "";
  const flows = edge.rate > 0;
  say(part.first, flows ? `${rate(edge.rate)}/s · ${span(edge.age_p95_s)}` : "");
  say(part.second, [waits, lost ? `−${whole(lost)}` : ""].filter(Boolean).join("  "));
  const marks = `edge${edge.feedback ? " feedback" : ""}${flows ? " flows" : ""}${level}${isChosen(chosen, "edge", edge.key)}`;
  restyle(part.group, marks);
  set(part.label, "class", `label${lost ? " lossy" : ""}${level}${isChosen(chosen, "edge", edge.key)}`);
  set(part.group, "aria-label", `${edge.key}, ${edge.event}, ${rate(edge.rate)}/s, ${word("queue")} ${edge.length}/${edge.capacity}, ${word("age")} ${span(edge.age_p95_s)}, ${word("drops")} ${lost}`);
}

function restyle(group, marks) {
  const kept = ["flash", "near"].filter((name) => group.classList.contains(name));
  set(group, "class", [marks, ...kept].join(" "));
}

// The line that a press would choose is the one that lights up.
drawing.addEventListener("pointermove", (event) => point(nearest(drawing, event)));
drawing.addEventListener("pointerleave", () => point(""));

function point(key) {
  for (const [name, { group }] of Object.entries(parts.edges)) group.classList.toggle("near", name === key);
}

const isChosen = (chosen, kind, name) => (chosen?.kind === kind && chosen.name === name ? " chosen" : "");
export const shortened = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
