// The settings of the node that was pressed, with their values. They are asked for when the node is shown and when it
// was changed, not every second.

import { html } from "/shared/dom.js";
import { ask } from "/shared/orders.js";
import { language, lexicon, word } from "/shared/words.js";

const { word: loading } = lexicon("loading");
let known = { key: "", found: [], error: "" };

/** The elements that show a node's settings; `again` is called when they have come. */
export function settingsOf(node, again) {
  const key = `${node.name} ${node.version} ${language()}`;
  if (known.key !== key) {
    known = { key, found: null, error: "" };
    request(node, key, again);
  }
  const retry = () => {
    known = { key: "", found: [], error: "" };
    again();
  };
  if (known.error) return [html("p", { class: "hint" }, `${word("page_error")}: ${known.error} `, html("button", { type: "button", class: "asLink", onclick: retry }, loading("retry")))];
  if (!known.found) return [html("p", { class: "hint" }, loading("loading"))];
  const [written, rest] = [true, false].map((is) => known.found.filter((one) => one.written === is));
  return [
    html("h4", {}, word("settings")),
    written.length ? list(written) : html("p", { class: "hint" }, word("all_default")),
    rest.length ? html("details", { "data-keep": "defaults" }, html("summary", {}, word("defaults", { count: rest.length })), list(rest)) : null,
  ].filter(Boolean);
}

async function request(node, key, again) {
  const { ok, answer } = await ask(`/api/settings?node=${encodeURIComponent(node.name)}`);
  if (known.key !== key) return;
  known = { key, found: ok ? answer : null, error: ok ? "" : (answer.error ?? loading("away")) };
  again();
}

const list = (settings) => html("dl", { class: "settings" }, settings.map(({ name, value, about }) => html("div", { title: about }, html("dt", {}, name), html("dd", {}, shown(value)))));

const shown = (value) => (value === "" || value === null ? word("none") : typeof value === "object" ? JSON.stringify(value) : String(value));
