// A secret is never shown: only whether it is set, and where. A new one goes into the system's keyring or the file .env.

import { html } from "../dom.js";
import { ask, order } from "../orders.js";
import { button, note } from "./elements.js";
import { known } from "./known.js";
import { word } from "./words.js";

let open = ""; // the id of the secret that is being given
let drawn = () => {};

export const whenGiven = (draw) => (drawn = draw);

/** Read which variables are set. */
export async function lookAtVariables() {
  const { ok, answer } = await ask("/api/settings/env");
  if (ok) known.variables = answer.variables;
}

export function secret(field, { id, names }, on) {
  const { spec, written } = field;
  const name = written?.variables?.[0] ?? spec.variable;
  if (!name) return html("p", { class: "hint", id, ...names }, word("secretNone"));
  const where = written?.variables ? (known.variables?.[name] ?? "") : "";
  if (open === id) return form(field, name, id, names, on);
  const change = () => {
    open = id;
    drawn();
    document.getElementById(id)?.focus();
  };
  return html(
    "div",
    { class: "secret" },
    html("span", { class: where ? "chip is-set" : "chip is-unset" }, word(where ? "isSet" : "isUnset")),
    button("plain", word(where ? "changeSecret" : "enterSecret"), change, { id, ...names, "aria-label": `${spec.title}: ${word(where ? "changeSecret" : "enterSecret")}` }),
    where === "process" && html("p", { class: "hint" }, word("byProcess", { name })),
  );
}

function form(field, name, id, names, on) {
  const input = html("input", { id, type: "password", autocomplete: "off", spellcheck: "false", maxlength: 4096, placeholder: word("paste"), ...names });
  const close = () => {
    open = "";
    drawn();
    document.getElementById(id)?.focus();
  };
  const give = async () => {
    const value = input.value.trim();
    if (!field.written?.variables && !(await on.write(field, `\${${name}:-}`))) return;
    if (await set(name, value)) close();
  };
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") give();
    if (event.key === "Escape") close();
  });
  return html(
    "div",
    { class: "secret" },
    input,
    html("div", { class: "row" }, button("primary", word("keepSecret"), give), button("plain", word("copyNot"), close)),
    html("p", { class: "hint" }, word("goesToEnv", { name })),
  );
}

async function set(name, value) {
  const { status, ok, answer } = await order("/api/settings/env", { name, value });
  if (!status) note(word("unreached"), { wrong: true });
  else if (!ok) note(answer.error, { wrong: true });
  else {
    known.variables = answer.variables;
    if (answer.shadowed) note(word("byProcess", { name }), { wrong: true });
    else note(word(!value ? "secretEmptied" : answer.variables[name] === "keyring" ? "secretInKeyring" : "secretKept"));
  }
  return Boolean(ok);
}
