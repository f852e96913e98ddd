// The types of nodes by their families, to add one.

import { byId, html } from "/shared/dom.js";
import { keepingFocus } from "/shared/forms/elements.js";
import { known } from "/shared/forms/known.js";
import { among, word } from "/shared/words.js";
import { called } from "../types.js";
import { at, choose } from "./chosen.js";
import { draft, take } from "./draft.js";
import { freeName } from "./wiring.js";

const FAMILIES = ["chat", "listen", "reply", "llm", "tool", "speech", "audio", "pose", "avatar", "overlay", "alert", "bus"];
const search = byId("find-type");

export function drawPalette() {
  const types = Object.keys(known.types.types).filter(fits);
  const families = familiesOf(types);
  keepingFocus(() => byId("types").replaceChildren(html("p", { class: "hint" }, word(at.node ? "addAfter" : "addLast", { node: at.node })), ...families.map((family) => group(family, types.filter((type) => familyOf(type) === family)))));
  if (!families.length) byId("types").append(html("p", { class: "hint" }, word("noSuchType")));
}

export const familyOf = (type) => type.split(".")[0];

/** The families that these types belong to, in the order in which a message passes them. */
export const familiesOf = (types) => [...new Set([...FAMILIES, ...types.map(familyOf)])].filter((family) => types.some((type) => familyOf(type) === family));

function fits(type) {
  const text = `${type} ${called(type)} ${known.types.types[type].about} ${among("families", familyOf(type))}`.toLowerCase();
  return search.value.toLowerCase().trim().split(/\s+/).every((each) => text.includes(each));
}

function group(family, types) {
  return html("section", { class: "family" }, html("h4", {}, among("families", family)), html("ul", { class: "picks" }, types.map(item)));
}

function item(type) {
  const add = async () => {
    const name = freeName(type);
    const after = at.node || draft.now.nodes.at(-1)?.name;
    if (await take({ edits: [{ op: "add_node", node: name, body: { type }, after }] })) choose({ node: name });
  };
  const { about } = known.types.types[type];
  return html("li", {}, html("button", { type: "button", class: "pick", id: `add-${type}`, title: about, disabled: !draft.now.nodes, onclick: add }, html("b", {}, called(type) || type), html("code", {}, type), html("span", { class: "about" }, about)));
}

search.addEventListener("input", drawPalette);
