// What a list stopped of viewers and of the character: which word, which list, and a click that lets exactly this pass.

import { html } from "/shared/dom.js";
import { word } from "/shared/words.js";

const allowed = new Set(); // the ids of what was allowed since this page was opened

/** The line of one stopped message, of the character if it has no author; `allow` gives the order and returns the answer. */
export function stoppedLine({ id, author, text, word: found, by, can_allow }, allow, after) {
  const press = async () => {
    if (!(await allow({ id }))) return;
    allowed.add(id);
    after();
  };
  const end = allowed.has(id)
    ? html("span", { class: "hint" }, word("nowPasses"))
    : can_allow
      ? html("button", { type: "button", class: "quiet allow", onclick: press, title: word("allowTitle") }, word("allow"))
      : "";
  return html(
    "li",
    {},
    html("div", {}, html("b", {}, author ?? word("past")), " ", text.replace(/\{:([\w-]{1,40}):\}/g, "[$1]")),
    html("div", { class: "row" }, html("span", { class: "grow rule" }, word("stoppedBy", { word: found, list: by })), end),
  );
}

/** What makes the list differ: what came, and what was allowed. */
export const stoppedKey = (stopped) => stopped.map((one) => ({ ...one, allowed: allowed.has(one.id) }));
