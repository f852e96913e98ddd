// The addresses for OBS, with the size that fits each, and what puts them into a scene of OBS.

import { html } from "/shared/dom.js";
import { known } from "/shared/forms/known.js";
import { SOURCES, sizeOf, spokenPath } from "/shared/sources.js";
import { word } from "/shared/words.js";
import { addressRow } from "./address.js";
import { drawConnection, putButton, told } from "./obs_put.js";

export function drawObs() {
  const pages = known.show?.pages ?? [];
  const there = SOURCES.filter(({ page }) => pages.includes(page));
  return there.length ? html("div", { class: "sources" }, drawConnection(), there.map(row)) : html("p", { class: "empty" }, word("noneHere"));
}

function row({ name: source, path, pixels }) {
  const name = `obs${source[0].toUpperCase()}${source.slice(1)}`;
  const put = pixels && putButton(source, () => ({ name: word(name), path: spokenPath(path), pixels }), `${name}-name`);
  return html(
    "section",
    { class: "source" },
    html("h3", { id: `${name}-name` }, word(name), pixels && html("small", {}, sizeOf(pixels))),
    html("p", { class: "about" }, word(`${name}Hint`)),
    addressRow(() => spokenPath(path), { label: word(name), described: `${name}-name`, more: put }),
    pixels && told(source),
  );
}
