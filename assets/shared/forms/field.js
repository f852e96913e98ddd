// One setting: its name and help, its control, and below what it is now: written or as it comes, its range, its line.

import { html } from "../dom.js";
import { range } from "./checks.js";
import { control } from "./controls.js";
import { button } from "./elements.js";
import { known, same, valueOf } from "./known.js";
import { secret } from "./secrets.js";
import { drawText } from "./texts.js";
import { among, word } from "./words.js";

/**
 * The element of a field; on.typed, on.given, on.reset and on.settle tell what a person does, on.unfold is
 * called with the value that comes in the place of a variable, on.write writes a value at once and returns whether that
 * was done. on.offers, if the page has it, gives a list to choose from, beside the control or instead of it.
 */
export function drawField(field, on) {
  const { key, spec, written } = field;
  const id = `f-${key.replace(/[^\w가-힣-]/g, "_")}`;
  const error = known.errors.get(key);
  const changed = known.pending.has(key);
  const names = { "aria-labelledby": `${id}-name`, "aria-describedby": [`${id}-about`, error && `${id}-error`].filter(Boolean).join(" "), "aria-invalid": error && "true" };
  const plainly = () => body(field, { id, names }, on);
  const offered = on.offers?.(field, id, on, plainly);
  return html(
    "section",
    { class: `field${error ? " is-wrong" : ""}${changed ? " is-changed" : ""}${spec.kind === "switch" ? " is-switch" : ""}`, "data-key": key, "aria-labelledby": `${id}-name` },
    html("h3", { id: `${id}-name` }, spec.title),
    spec.live && html("span", { class: "badge" }, word("live")),
    html("p", { class: "about", id: `${id}-about` }, offered?.instead ? "" : spec.about),
    html("div", { class: "control" }, !offered?.instead && plainly(), error && html("p", { class: "error", id: `${id}-error`, role: "alert" }, error)),
    html("p", { class: "facts" }, facts(field), reset(field, on)),
    offered?.list,
    known.clashes.has(key) && clash(field, on),
    paths(field).map((path) => drawText(field, path, id)),
  );
}

function body(field, { id, names }, on) {
  const { key, spec, written } = field;
  if (spec.kind === "secret") return secret(field, { id, names }, on);
  if (written?.variables && !known.pending.has(key)) return variable(field, { id, names }, on);
  const unit = spec.unit && among("units", spec.unit);
  return control({ id, spec, value: valueOf(field), names, unit }, { typed: (value) => on.typed(field, value), given: (value) => on.given(field, value) });
}

// What the file leaves to a variable: its names and what it is now, and a way to write a value instead.
function variable(field, { id, names }, on) {
  const { spec, written } = field;
  const now = "now" in written ? written.now : null;
  return html(
    "div",
    { class: "variable" },
    html("span", { class: "chip is-name" }, word("variable", { names: written.variables.join(", ") })),
    html("span", { class: "now" }, word("nowIs", { value: plain(now) })),
    button("plain", word("writeValue"), () => on.unfold(field, now ?? spec.default), { id, ...names }),
  );
}

// The texts that the file of the graph names here, for a person to write; only those of the graph on air.
function paths({ spec, written, key }) {
  if (!known.graph.running || known.pending.has(key)) return [];
  const value = valueOf({ key, spec, written });
  return spec.kind === "file" && value ? [value] : spec.files && Array.isArray(value) ? value : [];
}

function clash(field, on) {
  const mine = known.pending.get(field.key)?.value;
  return html(
    "div",
    { class: "clash", role: "alert" },
    html("p", {}, word("clash", { theirs: plain(known.clashes.get(field.key)), mine: plain(mine) })),
    button("plain", word("takeMine"), () => on.settle(field, true)),
    button("plain", word("takeTheirs"), () => on.settle(field, false)),
  );
}

function facts({ node, spec, written }) {
  const file = known.graph.file.replace(/^.*\//, "");
  const usual = "default" in spec && !spec.offers && spec.kind !== "secret" && word("usual", { value: plain(spec.default) });
  const where = written ? word("atLine", { file, line: written.line }) : word("notWritten");
  const name = node ? `${node}.${spec.name}` : spec.name;
  return [usual, range(spec), where].filter(Boolean).map((text) => html("span", {}, text)).concat(html("code", {}, name));
}

function reset(field, on) {
  const { spec, written, key } = field;
  const pending = known.pending.get(key);
  if (spec.needed || spec.kind === "secret" || (!written && !pending) || (pending && pending.value === undefined)) return null;
  if (same(valueOf(field), spec.default)) return null;
  return button("asLink", word("reset"), () => on.reset(field));
}

/** A value as a person reads it. */
export function plain(value) {
  if (value === true || value === false) return word(value ? "on" : "off");
  if (value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length)) return word("none");
  if (Array.isArray(value) && value.every((each) => typeof each !== "object")) return value.map((each) => among("choices", String(each))).join(", ");
  return typeof value === "object" ? (Object.keys(value).length ? JSON.stringify(value) : word("none")) : among("choices", String(value));
}
