// The cards: the ways to them, and the fields of the one that is open, or of what a person looks for.

import { html, say, set } from "/shared/dom.js";
import { keepingFocus, part, typeName } from "/shared/forms/elements.js";
import { drawField } from "/shared/forms/field.js";
import { allFields, known } from "/shared/forms/known.js";
import { among, word } from "/shared/words.js";
import { drawLooks } from "./looks.js";
import { drawObs } from "./obs.js";
import { drawOffers } from "./offers.js";
import { drawRecords } from "./records.js";
import { give, keep, settle, write } from "./saving.js";
import { drawTempers } from "./tempers.js";
import { drawTrials } from "./trials.js";

const FIRST = { rules: drawTempers, screen: drawLooks }; // what stands before the fields
const MORE = { obs: drawObs, records: drawRecords };
const ACTS = { given: give, typed, reset: (field) => give(field, undefined), settle, unfold, write, offers: drawOffers };
let again = () => {};

export const whenChosen = (draw) => (again = draw);

/** Open the card that the address names, the first one without any. */
export function chooseByAddress() {
  const wanted = decodeURIComponent(location.hash.slice(1));
  known.card = known.types.cards.includes(wanted) ? wanted : known.types.cards[0];
}

export function drawCards() {
  const fields = allFields();
  const shown = known.find.trim() ? found(fields) : ofCard(fields);
  keepingFocus(() => {
    known.types.cards.forEach((card, at) => drawWay(way(card, fields), part.cards.children[at]));
    say(part.cardTitle, known.find.trim() ? word("foundTitle") : among("cards", known.card));
    const about = known.find.trim() ? "" : among("hints", known.card);
    say(part.cardHint, about === known.card ? "" : about);
    before(known.find.trim() ? null : FIRST[known.card]?.());
    const more = known.find.trim() ? [] : [MORE[known.card]?.(), drawTrials(shown)].filter(Boolean);
    part.fields.replaceChildren(...(shown.length || more.length ? [...draw(shown), ...more] : [empty()]));
  });
}

// What stays the same element is not put in again: a picture of a page in it would load anew.
function before(element) {
  if (element && element === part.first.firstChild) return;
  part.first.replaceChildren(...(element ? [element] : []));
}

// One that says the same stays: to leave a field that was changed draws again, in the middle of a click on a way.
function drawWay(made, there) {
  if (!there) part.cards.append(made);
  else if (!there.isEqualNode(made)) there.replaceWith(made);
}

// A way to a card says how much is changed or wrong there.
function way(card, fields) {
  const there = fields.filter(({ spec }) => spec.card === card);
  const open = card === known.card && !known.find.trim();
  const count = there.filter(({ key }) => known.pending.has(key)).length;
  const wrong = there.some(({ key }) => known.errors.has(key) || known.clashes.has(key));
  const mark = (count || wrong) && html("b", { class: wrong ? "count is-wrong" : "count" }, wrong ? "!" : String(count), html("span", { class: "unseen" }, word(wrong ? "wrongHere" : "changedHere")));
  return html("a", { href: `#${card}`, id: `way-${card}`, "aria-current": open && "true", class: there.length || MORE[card] ? "" : "is-empty" }, among("cards", card), mark);
}

const ofCard = (fields) => fields.filter(({ spec }) => spec.card === known.card).sort((one, other) => one.spec.place - other.spec.place);

function found(fields) {
  const words = known.find.trim().toLowerCase().split(/\s+/);
  return fields.filter(({ node, spec }) => {
    const text = `${node}.${spec.name} ${spec.title} ${spec.about}`.toLowerCase();
    return words.every((each) => text.includes(each));
  });
}

// Under "advanced", and where several nodes have the same setting, the fields of a node stay together.
function draw(fields) {
  if (known.card !== "advanced" && !known.find.trim()) return fields.map((field) => drawField(field, ACTS));
  const nodes = [...new Set(fields.map(({ node }) => node))];
  return nodes.map((node) => group(node, fields.filter((field) => field.node === node)));
}

function group(node, fields) {
  const { type } = fields[0];
  const changed = fields.some(({ key }) => known.pending.has(key) || known.errors.has(key));
  const open = known.find.trim() || changed || opened.has(node);
  const summary = html("summary", { id: `group-${node}` }, html("b", {}, node ? typeName(type) : word("graphItself")), node && html("code", {}, `${node} · ${type}`), html("span", { class: "number-of" }, word("count", { count: fields.length })));
  const remember = ({ target }) => (target.open ? opened.add(node) : opened.delete(node));
  return html("details", { class: "group", open: Boolean(open), ontoggle: remember }, summary, fields.map((field) => drawField(field, ACTS)));
}

const opened = new Set();

const empty = () => html("p", { class: "empty" }, word(known.find.trim() ? "foundNothing" : "noneHere"));

// What is typed is kept; only what is beside the field is drawn again, so that typing is not disturbed.
function typed(field, value) {
  keep(field, value);
  again();
}

function unfold(field, value) {
  keep(field, value);
  drawCards();
  again();
}

part.find.addEventListener("input", () => {
  known.find = part.find.value;
  drawCards();
});
part.find.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  part.find.value = known.find = "";
  drawCards();
});
addEventListener("hashchange", () => {
  part.find.value = known.find = "";
  chooseByAddress();
  drawCards();
  set(part.cardTitle, "tabindex", "-1");
  scrollTo({ top: 0 });
  document.getElementById(`way-${known.card}`).scrollIntoView({ block: "nearest", inline: "center" }); // a row on a phone
});
