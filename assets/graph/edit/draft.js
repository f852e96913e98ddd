// The graph as it would be: the saved text and, on top of it, the steps that a person has taken and not applied yet. The
// program works out what they make of it; nothing is written before they are applied.

import { confirmCopy } from "/shared/forms/copying.js";
import { note } from "/shared/forms/elements.js";
import { known } from "/shared/forms/known.js";
import { ask, order } from "/shared/orders.js";
import { withHint } from "/shared/problems.js";
import { language, word } from "/shared/words.js";
import { differences } from "./differences.js";

const MOST_EDITS = 100; // of one change; more are sent as the text that they make
const APPLY_MS = 40_000; // a voice finishes its sentence before another graph goes on air

export const draft = {
  base: "", // hash of the text that the steps stand on
  saved: "", // that text
  steps: [], // {edits} or {text}
  undone: [],
  now: null, // what the program answered last: text, nodes, wires, problems
  clash: null, // {theirs, mine}: lines that somebody else changed meanwhile, and those that were changed here
  refusal: "", // why the page may not edit
  busy: false,
  copying: false, // the graph is being copied, so another file comes on air
};

let drawn = () => {};
let queue = Promise.resolve();
let spoken = "";

export const whenDrafted = (draw) => (drawn = draw);

/** One request at a time, in the order in which they were asked for. */
function inTurn(work) {
  queue = queue.catch(() => {}).then(async () => {
    draft.busy = true;
    try {
      return await work();
    } finally {
      draft.busy = false;
      drawn();
    }
  });
  return queue;
}

/** Read the saved text again; the steps stay. */
export const look = () => inTurn(send);

/** Take one more step; whether it could be made. `told` says why not, else the note does. */
export const take = (step, told = (why) => note(why, { wrong: true })) =>
  inTurn(async () => {
    const before = { steps: draft.steps, undone: draft.undone };
    const last = draft.steps.at(-1);
    const again = step.text !== undefined && last?.text !== undefined; // typing goes on
    draft.steps = [...(again ? draft.steps.slice(0, -1) : draft.steps), step];
    draft.undone = [];
    const why = await send();
    if (why) {
      Object.assign(draft, before);
      await send();
      told(why);
    }
    return !why;
  });

/** Work out what the steps make; "" or why that is not possible. */
async function send() {
  if (!known.types || spoken !== language()) {
    const { ok, answer } = await ask("/api/settings/types");
    if (ok) [known.types, spoken] = [answer, language()];
    else if (!known.types) {
      draft.refusal = answer.error ?? "";
      return word("unreached");
    }
  }
  const { status, ok, answer } = await order("/api/settings/draft", { base: draft.base, steps: draft.steps });
  if (!status) return word("unreached");
  draft.refusal = ok ? "" : (answer.error ?? "");
  if (!ok) return draft.refusal;
  moved(answer);
  if (answer.made < draft.steps.length) return withHint(answer.refused[0]);
  draft.now = { ...answer, nodes: answer.nodes ?? null, wires: answer.wires ?? [] };
  known.graph = { ...draft.now, graph: answer.graph ?? {} };
  known.variables ??= {};
  return "";
}

// Somebody else has changed the file. Without steps there is nothing to lose; else both changes are shown.
function moved({ base, saved, made }) {
  if (base === draft.base) return;
  if (draft.base && draft.steps.length) {
    draft.clash = { theirs: differences(draft.saved, saved), mine: differences(draft.saved, draft.now.text), lost: draft.steps.length - made };
    draft.steps = draft.steps.slice(0, made);
    draft.undone = [];
  }
  [draft.base, draft.saved] = [base, saved];
}

/** The change of somebody else is kept either way; `own` tells whether one's own stays on top of it. */
export function settle(own) {
  draft.clash = null;
  if (!own) return discard();
  return look();
}

export function discard() {
  [draft.steps, draft.undone] = [[], []];
  return look();
}

/** Go one step back ("undo") or forth ("redo"): of what is not applied, and then of what was. */
export async function go(which) {
  const [from, to] = which === "undo" ? ["steps", "undone"] : ["undone", "steps"];
  if (draft.clash) return;
  if (draft[from].length) {
    draft[to] = [...draft[to], draft[from].at(-1)];
    draft[from] = draft[from].slice(0, -1);
    return look();
  }
  if (!draft.now?.[which] || draft.steps.length) return;
  await inTurn(async () => {
    const sent = { file: draft.now.file, base: draft.base, [which]: true };
    const { status, ok, answer } = await order("/api/edit", sent, APPLY_MS);
    if (!status || !ok) note(status ? answer.error : word("unreached"), { wrong: true });
    else if (answer.status !== "applied") note(answer.problems[0]?.message ?? word("elsewhere"), { wrong: true });
    else note(word(which === "undo" ? "undone" : "redone"));
    draft.undone = [];
    await send();
  });
}

export const canGo = (which) =>
  !draft.clash && Boolean(draft[which === "undo" ? "steps" : "undone"].length || (!draft.steps.length && draft.now?.[which]));

/** Write the steps into the file, so that they go on air; a graph that came with the program is copied first. */
export async function apply() {
  if (!draft.steps.length || draft.clash || draft.now.problems.length) return;
  if (draft.now.shipped && !(await copied())) return;
  await inTurn(async () => {
    const edits = draft.steps.every((step) => step.edits) ? draft.steps.flatMap((step) => step.edits) : [];
    const change = edits.length && edits.length <= MOST_EDITS ? { edits } : { text: draft.now.text };
    const begun = performance.now();
    const { status, ok, answer } = await order("/api/edit", { file: draft.now.file, base: draft.base, ...change }, APPLY_MS);
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    if (!status || !ok) note(status ? answer.error : word("unreached"), { wrong: true });
    else if (answer.status === "refused") note(`${word("notApplied")} ${answer.problems[0].message}`, { wrong: true });
    else if (answer.status === "applied") {
      [draft.steps, draft.undone, draft.base] = [[], [], ""];
      if (answer.problems.length) note(word("notOnAir", { why: answer.problems[0].message }), { wrong: true });
      else note(word("applied", { seconds }));
    }
    await send(); // after a conflict it shows both changes
  });
}

// The copy is another file: what was done so far goes on top of it.
async function copied() {
  draft.copying = true;
  try {
    return await confirmCopy(() => {
      draft.base = "";
      return look();
    });
  } finally {
    draft.copying = false;
  }
}
