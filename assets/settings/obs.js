// The addresses for OBS, with the size that fits each.

import { copy } from "/shared/copy.js";
import { html } from "/shared/dom.js";
import { languageOnAir, word } from "/shared/words.js";
import { known } from "./known.js";

const SOURCES = [
  { name: "obsScreen", path: "/?obs", page: "/", size: "1920 × 1080" },
  { name: "obsCaption", path: "/?obs&layout=caption", page: "/", size: "1920 × 1080" },
  { name: "obsVertical", path: "/?obs&layout=vertical", page: "/", size: "540 × 960" },
  { name: "obsStage", path: "/stage/?obs", page: "/stage/", size: "1920 × 1080" },
  { name: "obsDock", path: "/dock/", page: "/dock/", size: "" },
];

export function drawObs() {
  const pages = known.show?.pages ?? [];
  const there = SOURCES.filter(({ page }) => pages.includes(page));
  return there.length ? html("div", { class: "sources" }, there.map(row)) : html("p", { class: "empty" }, word("noneHere"));
}

function row({ name, path, size }) {
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
