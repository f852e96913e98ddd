// What is offered for a setting: a list by names for people, each to be heard before it is chosen. What is heard is not
// saved; a choice is a change of the setting like any other.

import { html } from "/shared/dom.js";
import { ask, order } from "/shared/orders.js";
import { language, lexicon, word } from "/shared/words.js";
import { drawDrop, whenDropped } from "./drop.js";
import { button } from "/shared/forms/elements.js";
import { edit, known, keyOf, same, valueOf } from "/shared/forms/known.js";
import { drawMeter } from "./meter.js";
import { played, ready, silence } from "./sound.js";

const HEAR_MS = 65_000; // a voice may have to be loaded first
const AGAIN_MS = 1000;
const DEVICE = "audio.play device";
const { word: loading } = lexicon("loading");
const lists = new Map(); // key of a field -> {of, offers, why}: what was offered for which text of the graph's file, or why not
const asked = new Map(); // key of a field that is being asked for -> whether to ask once more, as it was wanted meanwhile
let hearing = { of: "", state: "", said: "" }; // the one that is made ("making") or heard ("playing"), or what is wrong
let drawn = () => {};

export function whenOffered(draw) {
  drawn = draw;
  whenDropped(draw);
}

/** The list of a field; null if there is none yet, or nothing to choose from and nothing to hear. */
export function drawOffers(field, id, on, byHand) {
  if (!field.spec.offers || !known.graph.running) return null;
  const { offers, why } = lists.get(field.key) ?? {};
  if (lists.get(field.key)?.of !== version()) look(field);
  if (!offers) return { list: html("p", { class: "told", role: "status" }, why ?? loading("loading"), why !== undefined && button("plain", loading("retry"), () => look(field, true), { id: `${id}-retry` })), instead: false };
  if (!offers.length) return { list: html("div", { class: "offers" }, html("p", { class: "one" }, hearButton(field, asIs(field), id)), told(field)), instead: false };
  const groups = [...new Set(offers.map(({ group }) => group))];
  const rows = groups.flatMap((group) => part(field, offers.filter((offer) => offer.group === group), id, on));
  return { list: html("div", { class: "offers", role: "group", "aria-label": field.spec.title }, rows, told(field), tools(field, id), hand(field, id, byHand)), instead: true };
}

function part(field, offers, id, on) {
  const [{ group, inside }] = offers;
  const take = offers.some(({ takes }) => takes) && drawDrop(field, inside, `${id}-${inside.join("-")}`, { look: () => look(field, true), given: (value) => on.given(field, withIt(field, { inside, value })) });
  return [group && html("h4", {}, group), html("ul", {}, offers.map((offer) => row(field, offer, id, on))), ...(take || [])];
}

const version = () => `${known.graph.file} ${known.graph.base} ${language()}`;

async function look(field, again = false) {
  const of = version();
  if (asked.has(field.key)) return void (again && asked.set(field.key, true));
  asked.set(field.key, false);
  const { ok, status, answer } = await ask(`/api/settings/offers?node=${encodeURIComponent(field.node)}&setting=${field.spec.name}`);
  const once = asked.get(field.key);
  asked.delete(field.key);
  if (once) return look(field, true); // what came is older than the click
  const before = lists.get(field.key);
  if (ok) lists.set(field.key, { of, offers: answer.offers });
  else if (status) lists.set(field.key, { of, offers: before?.offers, why: answer.error });
  else return setTimeout(drawn, AGAIN_MS); // it did not answer in time, and is asked again
  if (!again && before && same(before.offers, answer.offers)) return;
  drawn();
}

function row(field, offer, id, on) {
  const own = `${id}-${[...offer.inside, offer.value].join("-").replace(/[^\w가-힣-]/g, "_")}`;
  const only = lists.get(field.key).offers.filter(({ inside }) => same(inside, offer.inside)).length === 1 && offer.group;
  const chosen = isChosen(field, offer);
  const choice = html("input", { type: "radio", id: own, name: `${id}-${offer.inside.join("-")}`, checked: chosen, onchange: () => on.given(field, withIt(field, offer)) });
  const words = html("span", { class: "words" }, html("b", {}, offer.name), offer.about && html("span", {}, offer.about), offer.remedy && html("span", { class: "remedy" }, offer.remedy));
  const label = only ? html("span", { class: "only" }, words) : html("label", { for: own }, choice, words);
  return html("li", { class: `offer${chosen && !only ? " is-chosen" : ""}` }, label, offer.audible && field.spec.offers.hear && hearButton(field, offer, own));
}

function now(field) {
  const { key, written } = field;
  return !known.pending.has(key) && written?.variables && "now" in written ? written.now : valueOf(field);
}

function isChosen(field, { inside, value, usual }) {
  const found = inside.reduce((part, step) => part?.[step], now(field));
  return found === undefined || found === null ? usual : same(found, value);
}

// The value of the setting with an offer in it, the rest as it is written.
function withIt(field, { inside, value }) {
  if (!inside.length) return value;
  const all = structuredClone(valueOf(field));
  const place = inside.slice(0, -1).reduce((part, step) => part[step], all);
  place[inside.at(-1)] = value;
  return all;
}

const asIs = (field) => ({ inside: [], value: now(field) ?? "", name: field.spec.title });

function hearButton(field, offer, id) {
  const of = `${field.key} ${JSON.stringify([offer.inside, offer.value])}`;
  const state = hearing.of === of ? hearing.state : "";
  const text = word({ making: "making", playing: "silence" }[state] ?? (isDevice(field) ? "beep" : "hear"));
  const press = () => (state === "playing" ? stop() : hear(field, offer, of, `${id}-hear`));
  const busy = hearing.state === "making";
  return button(`plain hear${state ? ` is-${state}` : ""}`, text, press, { id: `${id}-hear`, disabled: busy, "aria-label": word("hearWhich", { what: text, name: offer.name }) });
}

const isDevice = ({ type, spec }) => `${type} ${spec.name}` === DEVICE;

function stop() {
  silence();
  hearing = { of: "", state: "", said: "" };
  drawn();
}

async function hear(field, offer, of, id) {
  silence();
  ready();
  hearing = { of, key: field.key, state: "making", said: "" };
  drawn();
  const mine = [...known.pending.values()].filter((each) => each.field.node === field.node && each.field.key !== field.key && !known.errors.has(keyOf(field.node, each.field.spec.name)));
  const edits = [...mine.map(edit), edit({ field, value: withIt(field, offer) })];
  const { status, ok, answer } = await order("/api/settings/hear", { node: field.node, setting: field.spec.name, inside: offer.inside, edits }, HEAR_MS);
  const said = ok ? (answer.wav ? "" : word("beeped")) : status ? (answer.problems?.[0]?.message ?? answer.error) : word("unreached");
  hearing = { of, key: field.key, state: answer.wav ? "playing" : "", said };
  drawn();
  if (document.activeElement === document.body) document.getElementById(id)?.focus({ preventScroll: true });
  if (!answer.wav) return;
  const over = (said) => {
    if (hearing.of !== of) return;
    hearing = { of: "", key: field.key, state: "", said };
    drawn();
  };
  played(answer.wav).then(() => over(""), (error) => over(String(error.message ?? error)));
}

const told = (field) => html("p", { class: "told", role: "status" }, hearing.key === field.key ? hearing.said : "");

function tools(field, id) {
  if (!isDevice(field)) return null;
  const again = button("plain", word("lookAgain"), () => look(field, true), { id: `${id}-again` });
  return html("div", { class: "tools" }, again, drawMeter(field.node));
}

// What the list does not have can be written by hand.
const opened = new Set();

function hand(field, id, byHand) {
  if (field.spec.kind === "choice" && !field.written?.variables) return null;
  const open = opened.has(field.key) || known.errors.has(field.key);
  const remember = ({ target }) => (target.open ? opened.add(field.key) : opened.delete(field.key));
  return html("details", { class: "hand", open, ontoggle: remember }, html("summary", { id: `${id}-hand` }, word("byHand")), html("p", { class: "about" }, field.spec.about), byHand());
}
