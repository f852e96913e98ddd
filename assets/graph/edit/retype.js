// The type of the chosen node, to give it another one: what both types have stays, and what went is said.

import { byId, html } from "/shared/dom.js";
import { button } from "/shared/forms/elements.js";
import { known } from "/shared/forms/known.js";
import { among, word } from "/shared/words.js";
import { called } from "../types.js";
import { choose } from "./chosen.js";
import { draft, take } from "./draft.js";
import { familiesOf, familyOf } from "./palette.js";

let last = { step: null, node: "", left: [] }; // the newest change of a type, and what went with it

/** The types to choose from, the button that gives one, and what went with the last change. */
export function typing({ name, type }) {
  const before = byId("node-type"); // what is chosen stays when the page is drawn again
  const now = before?.dataset.of === `${name} ${type}` ? before.value : type;
  const types = Object.keys(known.types.types);
  const unknown = known.types.types[type] ? null : html("option", { value: type, selected: now === type }, type);
  const select = html("select", { id: "node-type", "data-of": `${name} ${type}`, "aria-describedby": "retype-hint" }, unknown, familiesOf(types).map((family) => html("optgroup", { label: among("families", family) }, types.filter((each) => familyOf(each) === family).map((each) => html("option", { value: each, selected: now === each }, [called(each), each].filter(Boolean).join(" · "))))));
  const fresh = last.node === name && draft.steps.includes(last.step);
  const hint = !fresh ? word("retypeHint") : last.left.length ? word("retypeLeft", { what: last.left.join(", ") }) : word("retypeAll");
  return html("div", { class: "naming" }, html("label", { for: "node-type" }, word("nodeType")), select, button("plain", word("retype"), () => give(name, select.value), { id: "retype" }), html("p", { class: "hint", id: "retype-hint", role: "status" }, hint));
}

async function give(name, value) {
  const before = partsOf(name);
  if (value === before.type) return;
  const step = { edits: [{ op: "type", node: name, value, fit: true }] };
  if (!(await take(step))) return;
  const after = partsOf(name);
  last = { step, node: name, left: [...before.settings.filter((each) => !after.settings.includes(each)), ...cut(before.wires, after.wires)] };
  choose({ node: name });
}

function partsOf(name) {
  const { type, settings } = draft.now.nodes.find((node) => node.name === name);
  return { type, settings: Object.keys(settings), wires: draft.now.wires.filter(({ source, target }) => source === name || target === name) };
}

// Connections that are gone; one between the same two nodes at ports of other names is the same one.
function cut(before, after) {
  const others = [...after];
  const kept = (wire) => {
    const index = others.findIndex(({ source, target }) => source === wire.source && target === wire.target);
    return index >= 0 && others.splice(index, 1).length > 0;
  };
  return before.filter((wire) => !kept(wire)).map(({ source, output, target, input }) => `${source}.${output} → ${target}.${input}`);
}
