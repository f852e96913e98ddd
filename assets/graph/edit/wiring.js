// Which output can go to which input: the events fit, they are not connected yet, and no circle closes but where an input
// is made for that.

import { known } from "/shared/forms/known.js";
import { draft } from "./draft.js";

const typeOf = (node) => known.types.types[draft.now.nodes.find(({ name }) => name === node)?.type];

export const inputsOf = (node) => typeOf(node)?.inputs ?? [];
export const outputsOf = (node) => typeOf(node)?.outputs ?? [];

/** The ends that fit one end, {node, port, side}: inputs for an output and the other way round. */
export function fitting({ node, port, side }) {
  const others = draft.now.nodes.map(({ name }) => name);
  if (side === "out") {
    return others.flatMap((name) => inputsOf(name).filter((input) => fits(node, port, name, input)).map((input) => ({ node: name, port: input.name, side: "in" })));
  }
  const input = inputsOf(node).find(({ name }) => name === port);
  return others.flatMap((name) => outputsOf(name).filter((output) => fits(name, output.name, node, input)).map((output) => ({ node: name, port: output.name, side: "out" })));
}

function fits(source, output, target, input) {
  const given = outputsOf(source).find(({ name }) => name === output);
  if (!input.takes.includes(given.event)) return false;
  const there = draft.now.wires.some((wire) => wire.source === source && wire.output === output && wire.target === target && wire.input === input.name);
  return !there && (input.feedback || !leads(target, source));
}

// Whether what one node gives comes to another, by connections that are no feedback.
function leads(from, to, seen = new Set()) {
  if (from === to) return true;
  seen.add(from);
  return draft.now.wires.some((wire) => wire.source === from && !wire.feedback && !seen.has(wire.target) && leads(wire.target, to, seen));
}

/** The edit that connects two ends, whichever of them is the output. */
export function connecting(one, other) {
  const [output, input] = one.side === "out" ? [one, other] : [other, one];
  const from = outputsOf(output.node).length === 1 ? output.node : `${output.node}.${output.port}`;
  return { op: "connect", node: input.node, port: input.port, from };
}

/** The nodes that give something which no node takes. */
export const unused = () => draft.now.nodes.map(({ name }) => name).filter((name) => outputsOf(name).length && !draft.now.wires.some(({ source }) => source === name));

export const disconnecting = (wire) => ({ op: "disconnect", node: wire.target, port: wire.input, from: wire.from });

/** A name that no node has: that of the type, or of the node that is copied, with a number where it is taken. */
export function freeName(wanted) {
  const taken = new Set(draft.now.nodes.map(({ name }) => name));
  const plain = wanted.replace(/^.*\./, "");
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? plain : `${plain}${number}`;
    if (!taken.has(name)) return name;
  }
}

/** What is wrong in the draft, by the node where it is; "" has the rest. */
export function faults() {
  const found = new Map();
  for (const problem of draft.now?.problems ?? []) {
    const [top, node] = problem.path;
    const name = top === "nodes" && draft.now.nodes?.some((each) => each.name === node) ? node : "";
    found.set(name, [...(found.get(name) ?? []), problem]);
  }
  return found;
}
