// The addresses that OBS shows, each with the size that fits it and a button that copies it.

import { copy } from "./copy.js";
import { html } from "./dom.js";
import { language, languageOnAir, wordsOf } from "./words.js";

const WORDS = wordsOf("sources");
/** The addresses, each with the page that has it, and the pixels of a browser source; a dock has none. */
export const SOURCES = [
  { name: "screen", path: "/?obs", page: "/", pixels: [1920, 1080] },
  { name: "caption", path: "/?obs&layout=caption", page: "/", pixels: [1920, 1080] },
  { name: "vertical", path: "/?obs&layout=vertical", page: "/", pixels: [1080, 1920] },
  { name: "stage", path: "/stage/?obs", page: "/stage/", pixels: [560, 640] },
  { name: "dock", path: "/dock/", page: "/dock/" },
];
/** The path with the language that a page on air must be told; an address that is not on air keeps to that of its reader. */
export const spokenPath = (path) => (languageOnAir() && path.includes("?") ? `${path}&lang=${languageOnAir()}` : path);
export const sizeOf = (pixels) => (pixels ? pixels.join(" × ") : "");
const word = (name) => WORDS[language()][name];

let made = 0; // a page may have the list twice, and an id belongs to one row

/** A list of those whose page is among `pages`; null if there is none. */
export function sources(pages) {
  const there = SOURCES.filter(({ page }) => pages.includes(page));
  return there.length ? html("ul", { class: "sources" }, there.map(row)) : null;
}

function row({ name, path, pixels }) {
  const address = `${location.origin}${spokenPath(path)}`;
  const id = `source-${++made}`;
  const shown = html("code", {}, address);
  const button = html("button", { type: "button", class: "source-copy", "data-text": "copy", "aria-describedby": id }, word("copy"));
  button.addEventListener("click", () => copy(button, address, () => getSelection().selectAllChildren(shown), word));
  return html("li", { class: "source" }, html("div", {}, html("b", { id }, word(name)), html("small", {}, sizeOf(pixels) || word("docks")), shown), button);
}
