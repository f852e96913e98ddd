// The parts that cards are made of.

import { byId, html, say } from "/shared/dom.js";
import { word } from "/shared/words.js";

export const button = (kind, text, act, more = {}) => html("button", { type: "button", class: kind, onclick: act, ...more }, text);

export function note(text, wrong = false) {
  byId("note").classList.toggle("is-wrong", wrong);
  say(byId("note"), text);
}

/** Large choices of which one holds; `chosen` is its value. Arrow keys move among them; something may stand `beside` one. */
export function choices(name, list, chosen, { legend, onChoose = () => {} }) {
  return html(
    "fieldset",
    { class: "choices" },
    html("legend", { class: "unseen" }, legend),
    list.map(({ value, text, about, remedy, beside }) => {
      const choice = html(
        "label",
        { class: "choice" },
        html("input", { type: "radio", name, value, checked: value === chosen, onchange: () => onChoose(value) }),
        html("span", {}, html("b", {}, text), about && html("small", {}, about), remedy && html("small", { class: "is-wrong" }, remedy)),
      );
      return beside ? html("div", { class: "beside" }, choice, beside) : choice;
    }),
  );
}

export const chosen = (name) => document.querySelector(`input[name="${name}"]:checked`)?.value ?? "";

export function field(id, label, control, hint) {
  control.id = id;
  if (hint) control.setAttribute("aria-describedby", `${id}Hint`);
  return html("div", { class: "field" }, html("label", { for: id }, label), control, hint && html("small", { id: `${id}Hint` }, hint));
}

/** A field for a secret: what is set is never shown. `where` is "" if nothing is. */
export function secret(id, label, where, hint) {
  const input = html("input", { type: "password", autocomplete: "off", spellcheck: "false", maxlength: 4096, placeholder: word(where ? "keepSecret" : "paste") });
  const state = html("span", { class: where ? "chip is-set" : "chip" }, word(where ? "isSet" : "isUnset"));
  const made = field(id, label, input, hint);
  made.querySelector("label").append(" ", state);
  return made;
}

export const steps = (list) => html("ol", { class: "how" }, list.filter(Boolean).map((each) => html("li", {}, each)));

export const outside = (address, text) => html("a", { href: address, target: "_blank", rel: "noreferrer" }, text);
