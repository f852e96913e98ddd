// The controls by the kind of a setting. Each is made of {id, spec, value, label, help}, and calls on.typed(value) while
// a person types or drags, and on.given(value) when that is done.

import { html, set } from "../dom.js";
import { number } from "./number.js";
import { among, word } from "./words.js";

const ROWS = 10;

/** The element of a field's control. */
export function control(given, on) {
  const make = { switch: toggle, number, whole: number, choice, marks, list, map, other }[given.spec.kind] ?? text;
  return make(given, on);
}

function toggle({ id, value, names }, on) {
  const knob = html("i", { "aria-hidden": "true" });
  const said = html("span", {}, word(value ? "on" : "off"));
  return html("button", { id, type: "button", class: "knob", role: "switch", "aria-checked": String(Boolean(value)), ...names, onclick: () => on.given(!value) }, knob, said);
}

function choice({ id, spec, value, names }, on) {
  const known = spec.choices.includes(value) || value === undefined || value === null ? spec.choices : [value, ...spec.choices];
  const empty = spec.empty && html("option", { value: "" }, word("none"));
  const options = known.map((name) => html("option", { value: name, selected: name === value }, among("choices", name)));
  return html("select", { id, ...names, onchange: ({ target }) => on.given(target.value === "" && spec.empty ? null : target.value) }, empty, options);
}

function marks({ id, spec, value, names }, on) {
  const chosen = Array.isArray(value) ? value : [];
  const press = (name) => on.given(chosen.includes(name) ? chosen.filter((each) => each !== name) : spec.choices.filter((each) => each === name || chosen.includes(each)));
  const chips = spec.choices.map((name, i) =>
    html("button", { id: i ? `${id}-${name}` : id, type: "button", class: "chip", "aria-pressed": String(chosen.includes(name)), onclick: () => press(name) }, among("choices", name)),
  );
  return html("div", { class: "chips", role: "group", ...names }, chips);
}

const changes = (read, on) => ({ oninput: ({ target }) => on.typed(read(target.value)), onchange: ({ target }) => on.given(read(target.value)) });

function text({ id, spec, value, names }, on) {
  const read = (typed) => (typed === "" && spec.empty ? null : typed);
  return html("input", { id, type: "text", spellcheck: "false", autocomplete: "off", maxlength: spec.longest, value: value ?? "", ...names, ...changes(read, on) });
}

function area({ id, names }, lines, on, read, more = {}) {
  const rows = Math.min(ROWS, Math.max(2, lines.split("\n").length));
  return html("textarea", { id, rows, spellcheck: "false", ...names, ...more, ...changes(read, on) }, lines);
}

function list(given, on) {
  const { spec, value } = given;
  const numbers = spec.of === "number" || spec.of === "integer";
  const one = (line) => (numbers && line !== "" && !Number.isNaN(Number(line)) ? Number(line) : line);
  const read = (typed) => typed.split("\n").map((line) => line.trim()).filter(Boolean).map(one);
  return area(given, (value ?? []).join("\n"), on, read, { placeholder: word("onePerLine") });
}

function map(given, on) {
  const lines = Object.entries(given.value ?? {}).map(([name, text]) => `${name}: ${text}`);
  const pair = (line) => {
    const at = line.indexOf(":");
    return at < 0 ? [line.trim(), ""] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
  };
  const read = (typed) => Object.fromEntries(typed.split("\n").map(pair).filter(([name]) => name));
  return area(given, lines.join("\n"), on, read, { placeholder: word("pairPerLine") });
}

// Lists of settings and the like, as they would stand in the file.
function other(given, on) {
  const read = (typed) => {
    if (typed.trim() === "") return given.spec.empty ? null : undefined;
    try {
      return JSON.parse(typed);
    } catch {
      return NaN; // told as wrong by the field
    }
  };
  const made = area(given, given.value === undefined || given.value === null ? "" : JSON.stringify(given.value, null, 1), on, read);
  set(made, "class", "code");
  return made;
}
