// Does what the doctor offers to do about a light at one press: settings of its node are changed in the graph on air. A
// graph that came with the program is copied first, as anywhere else.

import { ask, order } from "./orders.js";
import { withHint } from "./problems.js";

const SWITCH_MS = 40_000; // another graph goes on air when the voice of the old one has finished its sentence

/** Returns {ok, file}, or {ok, why} with why not; "" if the program did not answer. */
export async function mended({ node, mend }) {
  let seen = await ask("/api/settings/graph");
  if (!seen.ok) return failed(seen);
  if (seen.answer.shipped) {
    const copy = await order("/api/settings/copy", { file: seen.answer.file }, SWITCH_MS);
    if (!copy.ok) return failed(copy);
    seen = await ask(`/api/edit?file=${encodeURIComponent(copy.answer.file)}`);
    if (!seen.ok) return failed(seen);
  }
  const { file, base } = seen.answer;
  const edits = Object.entries(mend.settings).map(([name, value]) => ({ op: "set", path: ["nodes", node, name], value }));
  const reply = await order("/api/edit", { file, base, edits }, SWITCH_MS);
  return reply.ok && !reply.answer.problems.length ? { ok: true, file } : failed(reply);
}

function failed({ answer }) {
  const [problem] = answer.problems ?? [];
  return { ok: false, why: problem ? withHint(problem) : (answer.error ?? "") };
}
