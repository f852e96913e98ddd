// What the program has told the page, and what the person has done with each card; that is kept in the browser.

import { keep, kept } from "/shared/kept.js";
import { ask, order } from "/shared/orders.js";
import { withHint } from "/shared/problems.js";
import { word } from "/shared/words.js";

export const STEPS = ["talk", "character", "voice", "answers", "chzzk", "body", "sound", "obs", "rules", "rehearsal"];

/** graph: GET /api/graph; start: GET /api/start; variables: which of .env are set, null where that cannot be asked. */
export const known = { graph: null, start: null, variables: null, at: "talk", cards: {} };

// Another graph goes on air when the voice of the old one has finished its sentence.
export const SWITCH_MS = 40_000;

const before = kept("start") ?? {};
if (STEPS.includes(before.at)) known.at = before.at;
for (const name of STEPS) if (["done", "skipped"].includes(before.cards?.[name])) known.cards[name] = before.cards[name];

const remember = () => keep("start", { at: known.at, cards: known.cards });

/** Note that a card is "done" or "skipped". */
export function mark(name, how) {
  known.cards[name] = how;
  remember();
}

export function goTo(name) {
  known.at = name;
  remember();
}

export const next = (name) => STEPS[STEPS.indexOf(name) + 1] ?? name;

const TRIES = 5;

/** Ask, and again where the program is too busy to answer in time: what is not told must not look as if it were not there. */
export async function askOften(path) {
  let reply = await ask(path);
  for (let left = TRIES - 1; left && !reply.status; left--) reply = await ask(path);
  return reply;
}

export async function lookAtStart() {
  const reply = await ask("/api/start");
  if (reply.ok) known.start = reply.answer;
  return reply;
}

export async function lookAtGraph() {
  const { ok, answer } = await ask("/api/graph");
  known.graph = ok ? answer : null;
}

export async function lookAtVariables() {
  const reply = await askOften("/api/settings/env");
  known.variables = reply.ok ? reply.answer.variables : null;
  return reply;
}

export const lightOf = (name) => known.graph?.lights?.find((one) => one.name === name);

/** What is wrong with an answer of the program, as a line; "" if nothing is. */
export function failure({ status, ok, answer }) {
  if (!status) return word("away");
  if (!ok) return answer.error ?? word("refused");
  const [problem] = answer.problems ?? [];
  return problem ? withHint(problem) : "";
}

/** Save answers to the questions; returns what is wrong, "" if nothing is. */
export async function answerWith(answers) {
  const reply = await order("/api/start", { answers }, SWITCH_MS);
  if (reply.ok) known.start = { ...known.start, ...reply.answer };
  return failure(reply);
}

/** Set a variable of .env; returns what is wrong, "" if nothing is. */
export async function give(name, value) {
  const reply = await order("/api/settings/env", { name, value }, SWITCH_MS);
  if (reply.ok) known.variables = reply.answer.variables;
  if (reply.ok && reply.answer.shadowed) return word("shadowed", { name });
  return reply.ok ? "" : failure(reply);
}

/** Set values of nodes of the graph on air, [[node, setting, value], ...]; returns what is wrong, "" if nothing is. */
export async function setAll(values) {
  const seen = await ask("/api/edit");
  if (!seen.ok) return failure(seen);
  const edits = values.map(([node, setting, value]) => ({ op: "set", path: ["nodes", node, setting], value }));
  const { file, base } = seen.answer;
  return failure(await order("/api/edit", { file, base, edits }, SWITCH_MS));
}
