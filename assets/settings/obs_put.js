// Puts a page into the scene that OBS shows, over OBS's websocket, and only when a person presses a button.

import { html } from "/shared/dom.js";
import { button, note } from "/shared/forms/elements.js";
import { secret } from "/shared/forms/secrets.js";
import { order } from "/shared/orders.js";
import { word } from "/shared/words.js";

const PUT_MS = 15_000;
const found = new Map(); // what was pressed -> {well, text}
let running = "";
let drawn = () => {};

export const whenPut = (draw) => (drawn = draw);

/** The password of OBS, and a button that asks whether OBS answers. */
export function drawConnection() {
  const field = { key: "obs password", spec: { title: word("obsPassword"), variable: "OBS_PASSWORD" }, written: { variables: ["OBS_PASSWORD"] } };
  return html(
    "section",
    { class: "source", "aria-labelledby": "obs-link" },
    html("h3", { id: "obs-link" }, word("obsLink")),
    html("p", { class: "about", id: "obs-about" }, word("obsLinkHint")),
    html("div", { class: "row obs-link" }, html("span", { id: "obs-password-name" }, word("obsPassword")), secret(field, { id: "obs-password", names: { "aria-labelledby": "obs-password-name" } })),
    button("plain", word(running === "try" ? "trying" : "obsTry", { what: "OBS" }), () => send("try", []), { id: "obs-try", disabled: running !== "" }),
    told("try"),
  );
}

/** A button that puts `source()`, {name, path, pixels}, into OBS; `key` tells it from others, also for `told`. */
export function putButton(key, source, described) {
  const press = () => {
    const { name, path, pixels } = source();
    send(key, [{ name: `AIsChoco ${name}`, path, width: pixels[0], height: pixels[1] }]);
  };
  return button("plain", word(running === key ? "obsPutting" : "obsPut"), press, { id: `put-${key}`, disabled: running !== "", "aria-describedby": described });
}

/** What became of the last press. */
export function told(key) {
  const { well, text } = found.get(key) ?? {};
  return html("p", { class: `obs-told${well === false ? " is-wrong" : ""}`, role: "status" }, text ?? "");
}

async function send(key, sources) {
  running = key;
  found.clear();
  drawn();
  const { status, ok, answer } = await order("/api/settings/obs", { sources }, PUT_MS);
  running = "";
  if (!status) note(word("unreached"), { wrong: true });
  else found.set(key, { well: ok, text: ok ? said(answer) : answer.error });
  drawn();
  document.getElementById(key === "try" ? "obs-try" : `put-${key}`)?.focus();
}

function said({ scene, sources }) {
  if (!sources.length) return word("obsThere", { scene });
  return word({ made: "obsMade", mended: "obsMended", same: "obsSame" }[sources[0].done], { scene, name: sources[0].name });
}
