// The addresses for OBS, with the size that fits each.

import { copy } from "/shared/copy.js";
import { html } from "/shared/dom.js";
import { SOURCES } from "/shared/sources.js";
import { languageOnAir, word } from "/shared/words.js";
import { known } from "./known.js";

export function drawObs() {
  const pages = known.show?.pages ?? [];
  const there = SOURCES.filter(({ page }) => pages.includes(page));
  return there.length ? html("div", { class: "sources" }, there.map(row)) : html("p", { class: "empty" }, word("noneHere"));
}

function row({ name: source, path, size }) {
  const name = `obs${source[0].toUpperCase()}${source.slice(1)}`;
  const language = languageOnAir() && path.includes("?") ? `&lang=${languageOnAir()}` : "";
  const address = `${location.origin}${path}${language}`;
  const shown = html("input", { readonly: true, value: address, "aria-label": word(name) });
  return html(
    "section",
    { class: "source" },
    html("h3", { id: `${name}-name` }, word(name), size && html("small", {}, size)),
    html("p", { class: "about" }, word(`${name}Hint`)),
    html("div", { class: "row" }, shown, html("button", { type: "button", class: "plain", "data-text": "copy", "aria-describedby": `${name}-name`, onclick: ({ target }) => copy(target, address, () => shown.select()) }, word("copy"))),
  );
}
