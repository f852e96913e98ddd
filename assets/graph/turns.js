// Turns as a waterfall: one row each, from the first message to the last sample, with lines for the targets.

import { byId, html, say } from "/shared/dom.js";
import { seconds, span } from "/shared/numbers.js";
import { among, language, word } from "/shared/words.js";

const STEPS = [
  ["gather", "received", "batched"],
  ["think", "batched", "first_token"],
  ["write", "first_token", "first_sentence"],
  ["speak", "first_sentence", "first_pcm"],
  ["start", "first_pcm", "first_sound"],
  ["talk", "first_sound", "ended"],
];
const TICKS = [0.5, 1, 2, 5, 10];
const POINTED_MS = 2500;
let shownFor = "";
let pointed = ""; // the turn that somebody asked to see; kept for a moment

export function showVoice(voice) {
  const { count, p50_s, p95_s } = voice.chat;
  say(byId("voice"), count ? `${word("voice")} ${word("typical")} ${span(p50_s)} · ${word("slow")} ${span(p95_s)}` : "");
}

export function showTurns(turns, targets, now, choose) {
  const running = turns.some((turn) => turn.marks.ended === null && now - begin(turn) < 60);
  const key = JSON.stringify([turns, targets, language()]);
  if (key === shownFor && !running) return;
  shownFor = key;
  const host = byId("turns");
  if (!turns.length) {
    host.replaceChildren(html("p", { class: "hint" }, word("no_turns")));
    return;
  }
  const end = axis(turns, targets);
  const rows = host.querySelector(".rows") ?? html("ol", { class: "rows" });
  if (!rows.isConnected) host.replaceChildren(html("div", { class: "scale" }), rows, html("div", { class: "keys" }));
  rows.setAttribute("aria-label", word("turns"));
  const held = document.activeElement?.closest(".rows [data-turn]")?.dataset.turn;
  rows.replaceChildren(...turns.map((turn) => row(turn, targets, now, end, choose)));
  if (held) rows.querySelector(`[data-turn="${CSS.escape(held)}"] button`)?.focus();
  if (pointed) mark(pointed);
  host.querySelector(".scale").replaceChildren(scale(end));
  host.querySelector(".keys").replaceChildren(legend(targets));
}

export function pointAt(id) {
  pointed = id;
  setTimeout(() => {
    if (pointed === id) pointed = "";
    mark(pointed);
  }, POINTED_MS);
  mark(id)?.scrollIntoView({ block: "nearest" });
}

// Returns the row if there is one yet; the next look at the program builds the rows again.
function mark(id) {
  const rows = [...byId("turns").querySelectorAll("[data-turn]")];
  for (const row of rows) row.classList.toggle("flash", row.dataset.turn === id);
  return rows.find((row) => row.dataset.turn === id);
}

const begin = (turn) => turn.marks.batched ?? 0;

// 0 is where a turn begins: what comes before may be long, because the character may still be talking. The axis ends
// after most first sounds; the bars of a few slow ones are cut off, and their numbers tell how slow they are.
function axis(turns, targets) {
  const sounds = turns.filter((turn) => turn.marks.first_sound !== null).map((turn) => turn.marks.first_sound - begin(turn));
  const usual = sounds.sort((a, b) => a - b)[Math.floor(sounds.length * 0.7)] ?? 0;
  return Math.min(30, Math.max(targets.turn_to_sound * 1.4, usual * 1.3));
}

const before = (end) => end * 0.3;
const across = (at, end) => Math.min(100, Math.max(0, ((at + before(end)) / (end + before(end))) * 100));

function scale(end) {
  const step = TICKS.find((tick) => end / tick <= 5) ?? 10;
  const ticks = [];
  for (let at = 0; at < end - step / 3; at += step) ticks.push(html("span", { class: "tick", style: `left:${across(at, end)}%` }, seconds(at)));
  return html("div", { class: "row axis", "aria-hidden": "true" }, html("span"), html("span", { class: "track" }, ticks), html("span"));
}

const lines = (end, targets) => [
  html("i", { class: "zero", style: `left:${across(0, end)}%` }),
  html("i", { class: "aim", style: `left:${across(targets.turn_to_sound, end)}%` }),
];

/** The steps of a turn that were taken, as [name, seconds], and the time from its begin to the first sound. */
export function stepsOf(turn) {
  const { marks } = turn;
  const done = STEPS.filter(([, first, last]) => marks[first] !== null && marks[last] !== null);
  return {
    each: done.map(([name, first, last]) => [name, marks[last] - marks[first]]),
    total: marks.first_sound === null ? null : marks.first_sound - begin(turn),
  };
}

function row(turn, targets, now, end, choose) {
  const from = begin(turn);
  const sound = turn.marks.first_sound;
  const late = sound !== null && sound - from > targets.turn_to_sound;
  const took = sound === null ? "…" : span(sound - from);
  const parts = [
    html("span", { class: `said lane-${turn.lane}` }, turn.text || among("lanes", turn.lane)),
    html("span", { class: "track" }, bars(turn, from, now, end), lines(end, targets)),
    html("span", { class: late ? "took late" : "took" }, took),
  ];
  const label = `${turn.text || among("lanes", turn.lane)} ${took}, ${among("lanes", turn.lane)}, ${word("to_sound")}`;
  const press = html("button", { type: "button", class: "row", title: told(turn), "aria-label": label, onclick: () => choose("turn", turn.id) }, parts);
  return html("li", { "data-turn": turn.id }, press);
}

function bars(turn, from, now, end) {
  return STEPS.flatMap(([name, first, last]) => {
    const [begun, ended] = [turn.marks[first], turn.marks[last]];
    const open = ended === null && now - from < 60 && !STEPS.some(([, , later], i) => i > STEPS.findIndex((s) => s[0] === name) && turn.marks[later] !== null);
    if (begun === null || (ended === null && !open)) return [];
    const [left, right] = [across(begun - from, end), across((ended ?? now) - from, end)];
    return left >= 100 ? [] : [html("b", { class: `bar ${name}${ended === null ? " open" : ""}`, style: `left:${left}%;width:${right - left}%` })];
  });
}

function told(turn) {
  return [...stepsOf(turn).each.map(([name, took]) => `${word(name)} ${span(took)}`), `${word("batch")} ${turn.batch.length}`, turn.rung && `${word("rung")} ${among("rungs", turn.rung)}`, typeof turn.confidence === "number" && `${word("confidence")} ${Math.round(turn.confidence * 100)}%`, typeof turn.processing_time === "number" && `${word("processing_time")} ${span(turn.processing_time)}`]
    .filter(Boolean)
    .join("\n");
}

const legend = (targets) => html("ul", { class: "legend", "aria-hidden": "true" }, STEPS.map(([name]) => html("li", {}, html("b", { class: `bar ${name}` }), word(name))), html("li", {}, html("i", { class: "aim" }), `${word("to_sound")}: ${word("target")} ${span(targets.turn_to_sound)}`));
