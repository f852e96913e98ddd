// A graph that came with the program is copied before it is changed, once the person has agreed.

import { html } from "../dom.js";
import { order } from "../orders.js";
import { button, note, part } from "./elements.js";
import { known } from "./known.js";
import { unpressed } from "./pressing.js";
import { word } from "./words.js";

/** Ask, and copy; whether the copy is there and is what the page shows now, once `load` has read it. */
export async function confirmCopy(load) {
  const { id } = document.activeElement ?? {};
  const agreed = await new Promise((done) => unpressed(() => show(done)));
  part.ask.hidden = true;
  document.getElementById(id)?.focus({ preventScroll: true });
  if (!agreed) return false;
  const { ok, answer } = await order("/api/settings/copy", { file: known.graph.file });
  if (!ok) {
    note(answer.error ?? word("unreached"), { wrong: true });
    return false;
  }
  if (!answer.running) history.replaceState(null, "", `?file=${encodeURIComponent(answer.file)}`);
  await load();
  note(word("copyDone", { file: answer.file }));
  return known.graph.file === answer.file;
}

function show(done) {
  const yes = button("primary", word("copyNow"), () => done(true));
  const name = known.graph.file.replace(/^.*\//, "");
  part.ask.replaceChildren(
    html("div", {}, html("b", { id: "askTitle" }, word("copyTitle", { name })), html("p", {}, word("copyHint"))),
    html("div", { class: "row" }, button("plain", word("copyNot"), () => done(false)), yes),
  );
  part.ask.onkeydown = ({ key }) => {
    if (key === "Escape") done(false);
  };
  part.ask.hidden = false;
  part.ask.scrollIntoView({ block: "nearest" });
  yes.focus();
}
