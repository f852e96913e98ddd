// What a person changes goes into the graph's file: live settings at once, the others when saved. Nothing that somebody
// else has changed meanwhile is written over: both values are shown then.

import { wrong } from "/shared/forms/checks.js";
import { confirmCopy } from "/shared/forms/copying.js";
import { button, note } from "/shared/forms/elements.js";
import { allFields, edit, known, pathOf, same } from "/shared/forms/known.js";
import { ask, order } from "/shared/orders.js";
import { withHint } from "/shared/problems.js";
import { word } from "/shared/words.js";

const TRIES = 3; // an edit of another place is no conflict: it is sent again on the new text, at most so often

let busy = false;
let drawn = () => {};

/** `draw` is called when something has changed. */
export const whenSaved = (draw) => (drawn = draw);

/** Read what the file says now; returns the answer of the program. */
export async function load() {
  const { graph } = known;
  const file = new URLSearchParams(location.search).get("file") ?? "";
  const query = `file=${encodeURIComponent(file)}${graph?.base ? `&base=${graph.base}` : ""}`;
  const reply = await ask(`/api/settings/graph?${query}`);
  const { ok, answer } = reply;
  if (ok) known.graph = answer.same ? { ...graph, ...answer } : answer;
  if (ok && !answer.same) settleWithFile();
  return reply;
}

// The file has changed: what was changed here stays, unless the same value was changed there too.
function settleWithFile() {
  for (const field of allFields()) {
    const mine = known.pending.get(field.key);
    if (!mine || same(mine.was, field.written?.value)) continue;
    if (same(mine.value, field.written?.value)) forget(field.key);
    else known.clashes.set(field.key, field.written?.value);
  }
}

export function forget(key) {
  known.pending.delete(key);
  known.clashes.delete(key);
}

/** Keep what a person has typed so far. */
export function keep(field, value) {
  const { key, written } = field;
  const was = known.pending.get(key)?.was ?? written?.value;
  known.pending.set(key, { field, value, was });
  const fault = wrong(field.spec, value);
  if (fault) known.errors.set(key, fault);
  else known.errors.delete(key);
}

/** Write one value at once, whatever its kind; whether it is in the file now. */
export async function write(field, value) {
  keep(field, value);
  await save([field.key]);
  return !known.pending.has(field.key);
}

/** Take a value that a person has given; a live one goes on air. */
export async function give(field, value) {
  keep(field, value);
  const mine = known.pending.get(field.key);
  if (same(value, mine.was) && (value !== undefined) === (mine.was !== undefined)) forget(field.key);
  drawn();
  if (field.spec.live && known.pending.has(field.key) && !known.errors.has(field.key)) await save([field.key]);
}

/** A clash is settled: by the person's own value, or by the one in the file. */
export async function settle(field, own) {
  if (!own) forget(field.key);
  else {
    known.clashes.delete(field.key);
    known.pending.get(field.key).was = field.written?.value;
  }
  drawn();
  if (own && field.spec.live) await save([field.key]);
}

/** Save the changes with these keys, all of them without keys, as one change of the file. */
export async function save(keys = [...known.pending.keys()]) {
  const wanted = keys.filter((key) => known.pending.has(key) && !known.clashes.has(key));
  if (!wanted.length || wanted.some((key) => known.errors.has(key))) return focusFirstError();
  if (busy) return setTimeout(() => save(wanted), 100);
  if (known.graph.shipped && !(await confirmCopy(load))) return drawn();
  busy = true;
  note("");
  try {
    await send(wanted, TRIES);
  } finally {
    busy = false;
    drawn();
  }
}

async function send(keys, tries) {
  const { file, base } = known.graph;
  const edits = keys.map((key) => edit(known.pending.get(key)));
  const sent = keys.map((key) => known.pending.get(key).value);
  const { status, ok, answer } = await order("/api/edit", { file, base, edits });
  if (!status) return note(word("unreached"), { wrong: true });
  if (!ok) return note(answer.error, { wrong: true });
  if (answer.status === "conflict") {
    await load();
    const rest = keys.filter((key) => known.pending.has(key) && !known.clashes.has(key));
    if (rest.length === keys.length && tries > 1) return send(rest, tries - 1);
    return note(word("conflict"), { wrong: true });
  }
  if (answer.status === "refused") return refused(keys, answer.problems);
  keys.forEach((key, i) => {
    known.errors.delete(key);
    if (same(known.pending.get(key)?.value, sent[i])) forget(key);
  });
  await load();
  if (answer.problems.length) note(word("notOnAir", { why: answer.problems[0].message }), { wrong: true, more: [undoButton()] });
  else note(word(answer.on_air ? "onAir" : "saved"), { more: [undoButton()] });
}

// Each problem goes to the field that it is about; the rest to the note.
function refused(keys, problems) {
  const left = problems.filter((problem) => {
    const key = keys.find((each) => same(pathOf(known.pending.get(each).field), problem.path.slice(0, pathOf(known.pending.get(each).field).length)));
    const found = key ?? (keys.length === 1 && problems.length === 1 ? keys[0] : null);
    if (found) known.errors.set(found, withHint(problem));
    return !found;
  });
  note(left.length ? `${word("refused")} ${left[0].message}` : word("refused"), { wrong: true });
  drawn();
  focusFirstError();
}

function focusFirstError() {
  const field = document.querySelector(".field.is-wrong, .field .clash");
  field?.closest(".field").scrollIntoView({ block: "center" });
  field?.querySelector("input, select, textarea, button")?.focus({ preventScroll: true });
}

const undoButton = () => button("plain", word("undo"), () => step("undo"));

/** Go a step back ("undo") or forth ("redo"). */
export async function step(which) {
  if (busy) return;
  busy = true;
  note("");
  const { file, base } = known.graph;
  const { status, ok, answer } = await order("/api/edit", { file, base, [which]: true });
  busy = false;
  if (!status) note(word("unreached"), { wrong: true });
  else if (!ok) note(answer.error, { wrong: true });
  else if (answer.status !== "applied") note(answer.problems[0]?.message ?? word("conflict"), { wrong: true });
  else note(word(which === "undo" ? "undone" : "redone"));
  await load();
  drawn();
}

export function discard() {
  for (const map of [known.pending, known.errors, known.clashes]) map.clear();
  drawn();
}
