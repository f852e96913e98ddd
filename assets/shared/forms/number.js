// A number: a slider where both ends are known, a field to type it, and switches for words such as "auto".

import { html } from "../dom.js";
import { among, word } from "./words.js";

const WIDE = 400; // a slider over more than this many units is too coarse to be of use

export function number({ id, spec, value, names, unit }, on) {
  const numeric = typeof value === "number" ? value : null;
  const typed = html("input", {
    id, type: "number", inputmode: "decimal", step: "any", min: spec.min, max: spec.max, value: numeric ?? "", ...names,
    oninput: () => follow(read(typed.value), typed, on.typed),
    onchange: () => on.given(read(typed.value)),
  });
  const slider = sliding(spec) && html("input", {
    id: `${id}-slide`, type: "range", min: spec.min, max: spec.max, step: step(spec), value: numeric ?? spec.default ?? spec.min, ...names, "aria-describedby": null,
    oninput: () => follow(Number(slider.value), slider, on.typed),
    onchange: () => on.given(Number(slider.value)),
  });
  const follow = (now, from, tell) => {
    if (from !== typed) typed.value = now;
    else if (slider && typeof now === "number" && !Number.isNaN(now)) slider.value = now;
    tell(now);
  };
  const words = [...(spec.words ?? []), ...(spec.empty ? [null] : [])];
  const others = words.map((each) =>
    html("button", { id: `${id}-${each ?? "none"}`, type: "button", class: "chip", "aria-pressed": String(value === each), onclick: () => on.given(value === each ? fallback(spec) : each) }, each === null ? word("none") : among("choices", each)),
  );
  return html("div", { class: "number" }, slider, html("span", { class: "typed" }, typed, unit && html("span", { class: "unit" }, unit)), others);
}

const read = (text) => (text.trim() === "" ? NaN : Number(text));

const sliding = ({ min, max }) => min !== undefined && max !== undefined && max - min <= WIDE;

function step({ kind, min, max }) {
  if (kind === "whole") return 1;
  const wide = max - min;
  return wide <= 3 ? 0.05 : wide <= 30 ? 0.1 : wide <= 100 ? 0.5 : 1;
}

const fallback = ({ default: usual, min, above }) => (typeof usual === "number" ? usual : (min ?? (above ?? 0) + 1));
