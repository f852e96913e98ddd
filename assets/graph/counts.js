// What became of the chat: received = answered + waiting + dropped, as a bar and in numbers.

import { byId, html } from "/shared/dom.js";
import { span, sum, whole } from "/shared/numbers.js";
import { among, language, word } from "/shared/words.js";

let shown = "";

export function showCounts(state) {
  const { viewer_events: chat, loop, nodes, usage } = state;
  const errors = nodes.reduce((all, node) => all + node.errors, 0);
  const now = JSON.stringify([chat, loop, errors, usage, language()]);
  if (now === shown) return;
  shown = now;
  const lost = sum(chat.dropped);
  byId("counts").replaceChildren(...[
    tile("came", whole(chat.in)),
    html("div", { class: "balance", "aria-hidden": "true" }, part("answered", chat.answered, chat.in), part("waiting", chat.waiting, chat.in), part("dropped", lost, chat.in)),
    tile("answered", whole(chat.answered)),
    tile("waiting", whole(chat.waiting)),
    tile("dropped", whole(lost), reasons(chat.dropped)),
    html("span", { class: "space" }),
    errors ? tile("errors", whole(errors)) : null,
    loop ? tile("stall", span(loop.lag_max_s)) : null,
    ...(usage ? taken(usage) : []),
  ].filter(Boolean));
}

const tile = (name, value, more, title = "") => html("div", { class: `tile ${name}`, title }, html("span", {}, word(name)), html("b", {}, value), more ? html("small", { title: more }, more) : null);

// What the processes of the show take together; a tooltip has each of them.
function taken({ cores, processes, gpus }) {
  const all = (what) => processes.reduce((so, each) => so + each[what], 0);
  const each = (what, form) => processes.map((one) => `${one.name} ${one.pid}: ${form(one[what])}`).join("\n");
  const busy = (many) => `${Math.round(many * 100)} %`;
  return [
    tile("cpu", `${busy(all("cores"))} / ${busy(cores)}`, null, each("cores", busy)),
    tile("memory", size(all("memory_mb")), null, each("memory_mb", size)),
    ...gpus.map((gpu) => tile("gpu", `${size(gpu.used_mb)} / ${size(gpu.total_mb)}`, null, `${gpu.name}\n${each("gpu_mb", size)}`)),
  ];
}

const size = (mb) => (mb < 1000 ? `${Math.round(mb)} MB` : `${(mb / 1000).toFixed(1)} GB`);

const part = (name, many, all) => html("i", { class: name, style: `width:${all ? (many / all) * 100 : 0}%` });

const reasons = (dropped) => Object.entries(dropped).sort((a, b) => b[1] - a[1]).map(([why, many]) => `${among("reasons", why)} ${many}`).join(" · ");
