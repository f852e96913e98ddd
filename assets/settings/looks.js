// How the overlay looks: a person chooses, sees it at once, and takes the address that says so to OBS.

import { html, say } from "/shared/dom.js";
import { button } from "/shared/forms/elements.js";
import { known } from "/shared/forms/known.js";
import { SOURCES, sizeOf, spokenPath } from "/shared/sources.js";
import { among, language, word } from "/shared/words.js";
import { addressRow } from "./address.js";
import { putButton, told } from "./obs_put.js";

const CHOICES = {
  layout: ["wide", "vertical", "caption", "chat", "answer", "show"],
  show: ["on"],
  theme: ["default", "pastel", "dark-glass", "outline"],
  avatar: ["on", "off"],
};
const GROUNDS = ["game", "dark", "bright"];
const PIXELS = { chat: [560, 900], answer: [900, 560], show: [1200, 80] }; // those of a part alone; the others have a source of their own
const USUAL_SIZE = 100;
const chosen = { layout: "", show: "", theme: "", avatar: "", size: USUAL_SIZE, accent: "" };
let ground = GROUNDS[0];
let made = { of: "", element: null, again: () => {} };

/** The same element again and again, as long as language and choices stay: the preview in it must not load again. */
export function drawLooks() {
  if (!known.show?.pages?.includes("/")) return null;
  const of = `${language()} ${offered()}`;
  if (made.of !== of) made = { of, ...make() };
  else made.again();
  return made.element;
}

/** The choices: those of the line of the show only where the graph has one. */
function offered() {
  const there = known.graph.nodes.some(({ type }) => type === "chat.show");
  return there ? Object.keys(CHOICES) : Object.keys(CHOICES).filter((name) => name !== "show");
}

const valuesOf = (name) => CHOICES[name].filter((value) => value !== "show" || offered().includes("show"));

function make() {
  const preview = makePreview();
  const result = html("div", { class: "look-result" });
  const again = () => result.replaceChildren(...link());
  const show = () => {
    preview.show();
    again();
  };
  const set = (name, value) => {
    chosen[name] = value;
    show();
  };
  const form = html("div", { class: "look-form" }, offered().map((name) => select(name, valuesOf(name), chosen[name], set)), size(set), accent(set), groundChoice(preview));
  show();
  const element = html(
    "section",
    { class: "looks", "aria-labelledby": "looks" },
    html("h3", { id: "looks" }, word("looks")),
    html("p", { class: "about" }, word("looksHint")),
    html("div", { class: "look-room" }, form, preview.element),
    result,
  );
  return { element, again };
}

// The choices.

const labelled = (name, control) => html("div", { class: "look" }, html("label", { for: `look-${name}` }, among("looksOf", name)), control);

function select(name, values, value, set) {
  const usual = name === "show" ? among("looksNamed", "show-off") : word("looksUsual"); // no setting of the graph shows it
  const options = ["", ...values].map((each) => html("option", { value: each, selected: each === value }, each ? among("looksNamed", `${name}-${each}`) : usual));
  return labelled(name, html("select", { id: `look-${name}`, onchange: ({ target }) => set(name, target.value) }, options));
}

function size(set) {
  const shown = html("output", { for: "look-size" }, `${chosen.size}%`);
  const input = html("input", { id: "look-size", type: "range", min: 60, max: 200, step: 5, value: chosen.size });
  input.addEventListener("input", () => say(shown, `${input.value}%`));
  input.addEventListener("change", () => set("size", Number(input.value)));
  return labelled("size", html("div", { class: "number" }, input, shown));
}

function accent(set) {
  const input = html("input", { id: "look-accent", type: "color", value: chosen.accent ? `#${chosen.accent}` : "#5ee6b8" });
  const back = button("asLink", word("looksOfLook"), () => change(""), { id: "look-accent-usual" });
  const change = (colour) => {
    back.hidden = !colour;
    set("accent", colour);
  };
  back.hidden = !chosen.accent;
  input.addEventListener("change", () => change(input.value.slice(1)));
  return labelled("accent", html("div", { class: "row" }, input, back));
}

function groundChoice(preview) {
  const options = GROUNDS.map((each) => html("option", { value: each, selected: each === ground }, among("looksNamed", `ground-${each}`)));
  return labelled("ground", html("select", { id: "look-ground", onchange: ({ target }) => preview.lay((ground = target.value)) }, options));
}

// The address.

function path() {
  const said = { layout: chosen.layout, show: chosen.show, theme: chosen.theme, avatar: chosen.avatar, size: chosen.size === USUAL_SIZE ? "" : chosen.size, accent: chosen.accent };
  const query = Object.entries(said).filter(([, value]) => value).map(([name, value]) => `&${name}=${value}`);
  return spokenPath(`/?obs${query.join("")}`);
}

const pixels = () => PIXELS[chosen.layout] ?? SOURCES.find(({ name }) => name === (chosen.layout || "screen"))?.pixels ?? SOURCES[0].pixels;

function link() {
  const title = html("h4", { id: "look-link" }, word("looksLink"), html("small", {}, word("looksSize", { size: sizeOf(pixels()) })));
  const name = () => (chosen.layout ? among("looksNamed", `layout-${chosen.layout}`) : word("obsScreen"));
  const put = putButton("look", () => ({ name: name(), path: path(), pixels: pixels() }), "look-link");
  return [title, addressRow(path, { label: word("looksLink"), described: "look-link", more: put }), told("look")];
}

// The page itself, as small as there is room for.

function makePreview() {
  const frame = html("iframe", { title: word("looksPreview"), tabindex: "-1" });
  const element = html("div", { class: "look-frame" }, frame);
  const lay = (kind) => (element.dataset.ground = kind);
  const fit = () => {
    const [width] = pixels();
    frame.style.transform = `scale(${element.clientWidth / width})`;
  };
  const show = () => {
    const [width, height] = pixels();
    Object.assign(frame.style, { width: `${width}px`, height: `${height}px` });
    Object.assign(element.style, { aspectRatio: `${width} / ${height}`, maxWidth: `${Math.round((width / height) * 420)}px` });
    frame.src = `${path()}&preview`;
    fit();
  };
  new ResizeObserver(fit).observe(element);
  lay(ground);
  return { element, show, lay };
}
