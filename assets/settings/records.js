// What was changed lately, newest first.

import { html } from "/shared/dom.js";
import { known } from "/shared/forms/known.js";
import { language, word } from "/shared/words.js";

const LOCALES = { ko: "ko-KR", en: "en-US" };

export function drawRecords() {
  const lines = known.graph.kept.filter(({ what }) => what.length).map(({ time, what }) => {
    const when = new Date(time).toLocaleString(LOCALES[language()], { dateStyle: "short", timeStyle: "medium" });
    return html("li", {}, html("time", { datetime: time }, when), html("code", {}, what.join(", ")));
  });
  return html("section", { class: "records" }, html("h3", {}, word("records")), lines.length ? html("ol", {}, lines) : html("p", { class: "about" }, word("noRecords")));
}
