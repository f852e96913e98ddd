// A place to drop a file that becomes a choice of a setting: a recording, of which a voice is made. The program judges
// it, and keeps only what it can use.

import { html } from "/shared/dom.js";
import { order } from "/shared/orders.js";
import { word } from "/shared/words.js";
import { button } from "/shared/forms/elements.js";

const MOST_BYTES = 12 * 1024 * 1024; // as the program takes it
const SEND_MS = 60_000;
const given = new Map(); // key of a field and place in it -> {name, data, text, sent, lines, offer, error, busy}
let drawn = () => {};

export const whenDropped = (draw) => (drawn = draw);

export function drawDrop(field, inside, id, on) {
  const key = `${field.key} ${inside.join(".")}`;
  const file = given.get(key) ?? {};
  const accept = field.spec.offers.endings.join(",");
  const input = html("input", { id: `${id}-file`, type: "file", class: "unseen", accept, onchange: () => input.files[0] && take(input.files[0]) });
  const take = (taken) => read(taken, key, field, inside, on);
  const choose = html("label", { class: "plain choose", for: `${id}-file` }, word("chooseFile"));
  const zone = html("div", {
    class: "drop",
    ondragover: (event) => {
      event.preventDefault();
      zone.classList.add("is-over");
    },
    ondragleave: () => zone.classList.remove("is-over"),
    ondrop: (event) => {
      event.preventDefault();
      zone.classList.remove("is-over");
      if (event.dataTransfer.files[0]) take(event.dataTransfer.files[0]);
    },
  }, html("p", {}, html("b", {}, word("dropTitle")), html("span", {}, word("dropHint", { kinds: field.spec.offers.endings.join(", ") }))), html("span", {}, input, choose));
  return [zone, html("div", { class: "verdict", role: "status" }, file.busy ? html("p", {}, word("judging", { file: file.name })) : file.name && verdict(file, key, field, inside, id, on))];
}

function verdict(file, key, field, inside, id, on) {
  if (file.error) return html("p", { class: "error" }, file.error);
  const kept = Boolean(file.offer);
  const title = html("p", { class: kept ? "kept" : "refused" }, word(kept ? "voiceKept" : "voiceRefused", { file: file.name }));
  const lines = html("ul", {}, file.lines.map((line) => html("li", {}, line)));
  const area = html("textarea", { id: `${id}-said`, rows: 2, maxlength: 2000, placeholder: word("saidPlace"), "aria-label": word("saidThere"), oninput: () => { file.text = area.value; again.disabled = file.text.trim() === file.sent; } }, file.text);
  const again = button("plain", word("giveText"), () => send(key, field, inside, on), { id: `${id}-text`, disabled: file.text.trim() === file.sent });
  const use = kept && button("primary", word("useVoice"), () => on.given(file.offer.value), { id: `${id}-use` });
  return [title, lines, html("label", { for: `${id}-said` }, word("saidThere")), area, html("div", { class: "row" }, again, use)];
}

async function read(taken, key, field, inside, on) {
  const file = { name: taken.name, text: given.get(key)?.text ?? "", sent: "", lines: [] };
  given.set(key, file);
  if (taken.size > MOST_BYTES) file.error = word("fileTooLarge", { count: MOST_BYTES / 1024 / 1024 });
  else {
    file.data = await base64(taken);
    return send(key, field, inside, on);
  }
  drawn();
}

const base64 = (blob) =>
  new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(blob);
  });

async function send(key, field, inside, on) {
  const file = given.get(key);
  const { name, data, text } = file;
  file.busy = true;
  drawn();
  const { status, ok, answer } = await order("/api/settings/file", { node: field.node, setting: field.spec.name, inside, name, data, text }, SEND_MS);
  Object.assign(file, { busy: false, sent: text.trim(), error: ok ? "" : status ? answer.error : word("unreached") }, ok ? answer : {});
  if (ok && answer.offer) await on.look();
  drawn();
}
