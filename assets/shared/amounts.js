// The numbers of a message that is typed as a viewer would send it: what they count, and their limits.

import { whole } from "./numbers.js";
import { word } from "./words.js";

export const AMOUNTS = {
  donation: { min: 100, max: 1000000, step: 100, value: 1000, word: "amount" },
  subscription: { min: 1, max: 1200, step: 1, value: 1, word: "unitMonths" },
};
/** What is wrong with the number, in words of the page; "" if nothing is. */
export function beyond(limits, text) {
  const number = Number(text);
  const unit = word(limits.word);
  if (!Number.isInteger(number) || number < limits.min) return word("atLeast", { number: whole(limits.min), unit });
  return number > limits.max ? word("atMost", { number: whole(limits.max), unit }) : "";
}
