// A message as a viewer would send it, to try the show with.

import { AMOUNTS, beyond } from "/shared/amounts.js";
import { say } from "/shared/dom.js";
import { word } from "/shared/words.js";
import { part } from "./elements.js";
import { known } from "./known.js";
import { note, post } from "./orders.js";

export function showTrial() {
  if (!known.graph) return;
  const typed = known.graph.nodes.some((node) => node.type === "chat.typed");
  part.test.hidden = !typed;
  part.noTest.hidden = typed;
}

export function chooseKind() {
  const limits = AMOUNTS[part.testKind.value];
  part.testNumber.hidden = part.testUnit.hidden = !limits;
  part.testText.disabled = part.testKind.value === "subscription";
  if (!limits) return;
  for (const name of ["min", "max", "step", "value"]) part.testNumber[name] = limits[name];
  part.testNumber.setAttribute("aria-label", word(limits.word));
  say(part.testUnit, word(limits.word));
}

part.testKind.addEventListener("change", chooseKind);
part.test.addEventListener("submit", async (event) => {
  event.preventDefault();
  const kind = part.testKind.value;
  const wrong = AMOUNTS[kind] ? beyond(AMOUNTS[kind], part.testNumber.value) : "";
  if (wrong) return note(wrong, true);
  const body = { kind, text: kind === "subscription" ? "" : part.testText.value.trim() };
  if (part.testName.value.trim()) body.name = part.testName.value.trim();
  if (kind === "donation") body.amount = Number(part.testNumber.value);
  if (kind === "subscription") body.months = Number(part.testNumber.value);
  if (await post("/api/say", body, word("sent"))) part.testText.value = "";
});
