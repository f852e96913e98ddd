// What is wrong with a value before it is sent, in words of the page. The program checks everything once more.

import { word } from "./words.js";

/** What is wrong with the value of a field; "" if nothing is. */
export function wrong(spec, value) {
  if (value === undefined) return spec.needed ? word("needed") : "";
  if (value === null) return spec.empty ? "" : word("needed");
  if (spec.words?.includes(value)) return "";
  if (spec.kind === "number" || spec.kind === "whole") return wrongNumber(spec, value);
  if (typeof value !== "string" || spec.kind === "secret") return "";
  if (spec.least && value.trim().length < spec.least) return word("needed");
  return spec.longest && value.length > spec.longest ? word("longest", { count: spec.longest }) : "";
}

function wrongNumber(spec, value) {
  if (typeof value !== "number" || Number.isNaN(value)) return word("notNumber");
  if (spec.kind === "whole" && !Number.isInteger(value)) return word("notWhole");
  const { min = -Infinity, max = Infinity, above = -Infinity, below = Infinity } = spec;
  return value < min || value > max || value <= above || value >= below ? word("outside", { range: range(spec) }) : "";
}

/** The numbers that a field takes, in words: "0 ~ 1.5", "0보다 큼". */
export function range({ min, max, above, below }) {
  if (min !== undefined && max !== undefined) return word("fromTo", { min, max });
  const ends = [
    min !== undefined && word("atLeast", { number: min }),
    above !== undefined && word("above", { number: above }),
    max !== undefined && word("atMost", { number: max }),
    below !== undefined && word("below", { number: below }),
  ];
  return ends.filter(Boolean).join(", ");
}
