// What a person tells the character to do: the three switches, words to say, a feeling to show.

import { html } from "/shared/dom.js";
import { among, word } from "/shared/words.js";
import { button, fill, part } from "./elements.js";
import { known } from "./known.js";
import { give } from "./orders.js";

const SWITCHES = [["pause", "paused"], ["approving", "approving"], ["mute", "muted"]];

export function showSaying() {
  const { sayings, emotions } = known.state;
  for (const [name, field] of SWITCHES) part[name].setAttribute("aria-pressed", String(known.state[field]));
  fill(part.sayings, sayings, (saying) => [
    html("li", { class: "row" }, html("span", { class: "grow" }, saying.text), button("quiet", word("unsay"), () => give({ order: "unsay", turn: saying.id }))),
  ]);
  fill(part.emotions, emotions, (emotion) => [
    button("plain", among("emotions", emotion), () => give({ order: "feel", emotion }, word("done"))),
  ]);
  const chosen = part.sayEmotion.value;
  fill(part.sayEmotion, ["", ...emotions], (emotion) => {
    return [html("option", { value: emotion }, emotion ? among("emotions", emotion) : word("asIs"))];
  });
  part.sayEmotion.value = chosen;
}

async function sayThis(at_once) {
  const body = { order: "say", text: part.sayText.value.trim(), emotion: part.sayEmotion.value, at_once };
  if (body.text && (await give(body))) [part.sayText.value, part.sayEmotion.value] = ["", ""];
}

for (const [name, field] of SWITCHES) {
  part[name].addEventListener("click", () => give({ order: name, to: !known.state[field] }));
}
part.say.addEventListener("submit", (event) => {
  event.preventDefault();
  sayThis(false);
});
part.sayNow.addEventListener("click", () => sayThis(true));
part.sayText.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  sayThis(false);
});
