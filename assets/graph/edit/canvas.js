// The draft as a picture: boxes, lines, and the ports of each box to connect them.

import { byId, pressable, say, set, svg } from "/shared/dom.js";
import { word } from "/shared/words.js";
import { shortened } from "../drawing.js";
import { NODE, layout } from "../layout.js";
import { nearest } from "../nearest.js";
import { called } from "../types.js";
import { zooming } from "../zoom.js";
import { at, choose, connectFrom } from "./chosen.js";
import { draft } from "./draft.js";
import { faults, fitting, inputsOf, outputsOf } from "./wiring.js";

const NAMES = 16; // above and below, for the names of ports
const APART = 15; // from port to port
const drawing = byId("sketch");
const zoom = zooming(drawing, byId("sketch-scroll"));
export const zoomSketch = zoom.by;
let drawn = null; // where all of it is
let revealed = "";

/** Draw it; `join` is called with the two ends of a new connection. */
export function drawSketch(join) {
  const { nodes, wires } = draft.now;
  if (!nodes) return set(drawing, "class", "is-stale"); // a text that cannot be read: the last picture stays
  const names = new Set(nodes.map(({ name }) => name));
  const edges = [...new Map(wires.filter(({ source }) => names.has(source)).map((wire) => [wire.key, wire])).values()];
  drawn = layout(nodes, edges, zoom.room(), (name) => Math.max(NODE.height, APART * (1 + Math.max(inputsOf(name).length, outputsOf(name).length))));
  const lit = at.end ? fitting(at.end) : [];
  const wrong = faults();
  const held = document.activeElement?.dataset?.focus;
  set(drawing, "class", at.end ? "is-connecting" : "");
  drawing.replaceChildren(
    svg("g", {}, edges.map((wire) => line(wire, drawn.edges[wire.key]))),
    svg("g", {}, nodes.map((node) => box(node, drawn, { lit, join, wrong: wrong.has(node.name), stop: at.node || nodes[0]?.name }))),
  );
  if (held) drawing.querySelector(`[data-focus="${CSS.escape(held)}"]`)?.focus();
  zoom.show({ ...drawn, top: drawn.top - NAMES, height: drawn.height + 2 * NAMES });
  const chosen = at.node || at.wire;
  if (chosen && chosen !== revealed) zoom.reveal(drawing.querySelector(".chosen"));
  revealed = chosen;
}

export const focusOn = (what) => drawing.querySelector(`[data-focus="${CSS.escape(what)}"]`)?.focus();

function line(wire, { d, head }) {
  const press = (event) => choose({ wire: (event?.clientX && nearest(drawing, event)) || wire.key });
  return svg(
    "g",
    {
      class: `edge${wire.feedback ? " feedback" : ""}${at.wire === wire.key ? " chosen" : ""}`, "data-edge": wire.key, "data-focus": `wire ${wire.key}`,
      "aria-label": word("wireOf", { from: `${wire.source}.${wire.output}`, to: `${wire.target}.${wire.input}` }),
      ...pressable(press), ...(at.end || ![wire.key, wire.source, wire.target].some((each) => each === at.wire || each === at.node) ? { tabindex: -1 } : {}),
    },
    svg("path", { class: "reach", d }), svg("path", { class: "wire", d }), svg("path", { class: "head", d: head }),
  );
}

function box(node, drawn, { lit, join, wrong, stop }) {
  const { x, y, height } = drawn.nodes[node.name];
  const human = called(node.type);
  const name = svg("text", { class: "name", x: 14, y: 20 });
  const type = svg("text", { class: "type", x: 14, y: 38 });
  say(name, shortened(human || node.name, 11));
  say(type, shortened(human ? `${node.name} · ${node.type}` : node.type, 24));
  const mine = lit.filter((end) => end.node === node.name);
  const fades = at.end && !mine.length && at.end.node !== node.name;
  const chosen = at.node === node.name;
  const card = svg(
    "g",
    {
      class: "press", "data-node": node.name, "data-focus": `node ${node.name}`,
      "aria-label": [human || node.name, node.name, node.type, wrong && word("faulty")].filter(Boolean).join(", "), "aria-pressed": String(chosen),
      ...pressable(() => (at.end && mine.length === 1 ? join(at.end, mine[0]) : choose({ node: node.name }))), ...((at.end ? mine.length : node.name === stop) ? {} : { tabindex: -1 }),
    },
    svg("rect", { class: "card", width: NODE.width, height, rx: 9 }),
    svg("rect", { class: "stripe", x: 5, y: 9, width: 3, height: height - 18, rx: 1.5 }),
    name, type,
    wrong && svg("text", { class: "mark", x: NODE.width - 12, y: 22, "text-anchor": "end", "aria-hidden": "true" }, "!"),
  );
  return svg(
    "g",
    { class: `node${wrong ? " is-wrong" : ""}${chosen ? " chosen" : ""}${fades ? " fades" : ""}`, transform: `translate(${x - NODE.width / 2},${y - height / 2})` },
    card,
    ports(node, "in", inputsOf(node.name), { direction: drawn.direction, height, mine, join }),
    ports(node, "out", outputsOf(node.name), { direction: drawn.direction, height, mine, join }),
  );
}

function ports(node, side, list, { direction, height, mine, join }) {
  return list.map(({ name, optional }, i) => {
    const along = (i + 1) / (list.length + 1);
    const flat = direction === "LR";
    const x = flat ? (side === "in" ? 0 : NODE.width) : NODE.width * along;
    const y = flat ? height * along : side === "in" ? 0 : height;
    const lit = mine.some((end) => end.port === name && end.side === side);
    const held = at.end?.node === node.name && at.end.port === name && at.end.side === side;
    const end = { node: node.name, port: name, side };
    const press = () => (lit ? join(at.end, end) : held ? connectFrom(null) : connectFrom(end));
    const missing = side === "in" && !optional && !draft.now.wires.some((wire) => wire.target === node.name && wire.input === name);
    return svg(
      "g",
      {
        class: `port is-${side}${lit ? " is-lit" : ""}${held ? " is-held" : ""}${missing ? " is-missing" : ""}`, "data-port": `${node.name}.${name}`, "data-side": side,
        "data-focus": `port ${side} ${node.name}.${name}`, "aria-label": word(side === "in" ? "inputOf" : "outputOf", { port: name, node: node.name }),
        ...pressable(press), tabindex: lit || held || (!at.end && at.node === node.name) ? 0 : -1,
      },
      svg("circle", { class: "reach", cx: x, cy: y, r: 11 }),
      svg("circle", { class: "dot", cx: x, cy: y, r: lit || held ? 7 : 4.5 }),
      svg("text", { class: "port-name", x: flat ? (side === "in" ? -12 : x + 12) : x, y: flat ? y + 4 : side === "in" ? -12 : y + 22, "text-anchor": flat ? (side === "in" ? "end" : "start") : "middle", "aria-hidden": "true" }, name),
    );
  });
}

// An empty place of the picture leaves the connection, and then the choice.
byId("sketch-scroll").addEventListener("click", ({ target }) => {
  if (target.closest("[role=button]")) return;
  if (at.end) connectFrom(null);
  else choose({ sheet: at.sheet });
});
// One stop of Tab leads to the boxes; arrows go from each to the nearest one on that side.
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

drawing.addEventListener("keydown", (event) => {
  const [way, from] = [WAYS[event.key], drawn?.nodes[event.target.dataset?.node]];
  if (!way || !from) return;
  event.preventDefault();
  const along = (x, y) => x * way[0] + y * way[1];
  const far = ({ x, y }) => along(x - from.x, y - from.y) + 2 * Math.abs(way[0] ? y - from.y : x - from.x);
  const there = Object.entries(drawn.nodes).filter(([, { x, y }]) => along(x - from.x, y - from.y) > 1);
  const next = there.sort(([, one], [, other]) => far(one) - far(other))[0];
  if (!next) return;
  const card = drawing.querySelector(`[data-node="${CSS.escape(next[0])}"]`);
  zoom.reveal(card);
  card.focus({ preventScroll: true });
});
drawing.addEventListener("pointermove", (event) => point(nearest(drawing, event)));
drawing.addEventListener("pointerleave", () => point(""));

function point(key) {
  for (const group of drawing.querySelectorAll(".edge")) group.classList.toggle("near", group.dataset.edge === key);
}
