// The card about where the voice is heard: the devices of this machine, each with a beep before it is chosen.

import { html } from "/shared/dom.js";
import { order } from "/shared/orders.js";
import { lexicon, word } from "/shared/words.js";
import { lamp, listen } from "./cards.js";
import { button, choices, chosen, note } from "./elements.js";
import { askOften, failure, known, setAll } from "./known.js";

const HEAR_MS = 65_000;
const { word: settings } = lexicon("settings");

let node = ""; // that plays the voice
let now = ""; // the device that holds
let offers = null; // what there is; null where the list could not be had
let why = "";

export const sound = {
  async look() {
    node = known.graph?.nodes.find((each) => each.type === "audio.play")?.name ?? "";
    if (!node) return;
    const [set, list] = await Promise.all([askOften(`/api/settings?node=${encodeURIComponent(node)}`), askOften(`/api/settings/offers?node=${encodeURIComponent(node)}&setting=device`)]);
    now = set.ok ? set.answer.find(({ name }) => name === "device")?.value : "";
    offers = list.ok ? list.answer.offers : null;
    why = failure(list);
  },
  draw({ redraw }) {
    if (!node) return [html("p", { class: "aside" }, word("noSound"))];
    const again = button("plain", settings("lookAgain"), () => sound.look().then(redraw), { id: "lookAgain" });
    if (!offers) return [html("p", { class: "aside", role: "status" }, why), html("div", { class: "row" }, again)];
    const list = offers.map((offer) => ({ ...offer, text: offer.name, beside: offer.audible && beep(offer) }));
    const aloud = button("plain", word("hearThere"), hear, { id: "hearThere" });
    return [choices("device", list, now, { legend: word("title_sound") }), html("div", { class: "row" }, aloud, again), lamp("voice")];
  },
  save() {
    const device = chosen("device");
    return node && device && device !== now ? take(device) : "";
  },
};

async function take(device) {
  const wrong = await setAll([[node, "device", device]]);
  if (!wrong) now = device;
  return wrong;
}

async function hear() {
  const wrong = await sound.save();
  note(wrong, true);
  if (wrong) return;
  if (now === "none") note(word("nothingHeard"));
  else await listen();
}

function beep({ value, name }) {
  const press = button("plain", settings("beep"), play, { "aria-label": settings("hearWhich", { name, what: settings("beep") }), "data-beep": value });
  async function play() {
    press.disabled = true;
    note(settings("making"));
    const edits = [{ op: "set", path: ["nodes", node, "device"], value }];
    const reply = await order("/api/settings/hear", { node, setting: "device", inside: [], edits }, HEAR_MS);
    press.disabled = false;
    press.focus({ preventScroll: true });
    note(failure(reply) || settings("beeped"), Boolean(failure(reply)));
  }
  return press;
}
