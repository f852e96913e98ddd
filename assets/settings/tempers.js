// Tempers: settings that fit each other, changed as one step once a person has seen what changes.

import { html } from "/shared/dom.js";
import { button } from "/shared/forms/elements.js";
import { plain } from "/shared/forms/field.js";
import { allFields, known, same, valueOf } from "/shared/forms/known.js";
import { among as ofForms } from "/shared/forms/words.js";
import { among, word } from "/shared/words.js";
import { forget, keep, save } from "./saving.js";

let chosen = ""; // the temper of which the changes are shown
let drawn = () => {};

export const whenTempered = (draw) => (drawn = draw);

/** The tempers, if the graph has anything that they set; null if not. */
export function drawTempers() {
  const tempers = Object.keys(known.types.tempers);
  if (!fields(tempers[0]).length) return null;
  return html(
    "section",
    { class: "tempers", "aria-labelledby": "tempers" },
    html("h3", { id: "tempers" }, word("temperTitle")),
    html("p", { class: "about" }, word("temperAbout")),
    html("div", { class: "chips" }, tempers.map(choice)),
    chosen && told(chosen),
  );
}

function choice(temper) {
  const now = !changes(temper).length;
  return button(`chip${now ? " is-now" : ""}`, among("tempers", temper), () => choose(temper === chosen ? "" : temper), { id: `temper-${temper}`, "aria-pressed": String(temper === chosen), "aria-describedby": now ? "temper-now" : null });
}

function choose(temper) {
  chosen = temper;
  drawn();
}

// What a temper is, and what it would change, in words.
function told(temper) {
  const list = changes(temper);
  return html(
    "div",
    { class: "temper", role: "status" },
    html("p", {}, among("temperHints", temper)),
    list.length ? html("h4", {}, word("temperChanges")) : html("p", { id: "temper-now", class: "is-fine" }, word("temperNow")),
    html("ul", {}, list.map(line)),
    html("div", { class: "row" }, list.length > 0 && button("primary", word("temperDo"), () => change(list), { id: "temper-do" }), button("plain", word("closeText"), () => choose(""))),
  );
}

function line({ field, from, to }) {
  const { node, type, spec } = field;
  const several = known.graph.nodes.filter((each) => each.type === type).length > 1;
  const told = (value) => (spec.unit ? word("temperUnit", { value: plain(value), unit: ofForms("units", spec.unit) }) : plain(value));
  return html("li", {}, word("temperLine", { title: several ? `${spec.title} (${node})` : spec.title, from: told(from), to: told(to) }));
}

function fields(temper) {
  const wanted = known.types.tempers[temper];
  return allFields().filter(({ type, spec }) => Object.hasOwn(wanted, `${type}.${spec.name}`));
}

function changes(temper) {
  const wanted = known.types.tempers[temper];
  return fields(temper)
    .map((field) => ({ field, from: now(field), to: wanted[`${field.type}.${field.spec.name}`] }))
    .filter(({ from, to }) => !same(from, to));
}

const now = (field) => (field.written?.variables && !known.pending.has(field.key) && "now" in field.written ? field.written.now : valueOf(field));

async function change(list) {
  const keys = list.map(({ field }) => field.key);
  for (const { field, to } of list) keep(field, to);
  await save(keys);
  if (known.graph.shipped) keys.forEach(forget); // the person wants no copy
  drawn();
}
