// A change of the graph in words: how far it is, and what it turned on and off.

import { html, say } from "/shared/dom.js";
import { word } from "/shared/words.js";
import { fill, part } from "./elements.js";
import { known } from "./known.js";

const VOICE = ["speech", "audio"];
// What a person calls the nodes of a type or a family; the rest is only in the details.
const PARTS = {
  "chat.chzzk": "partChzzk", "chat.chzzk_anon": "partChzzk", "chat.replay": "partRecording", "chat.send": "partSend",
  "chat.moderate": "partOrder",
  llm: "partModel", speech: "partVoice", audio: "partSound", avatar: "partBody", alert: "partAlert", tool: "partSearch", bus: "partBus",
};

const family = (type) => type.split(".")[0];

/** What is waited for while the graph changes; "" if it does not. */
export function progress() {
  const change = known.reload?.changing;
  if (!change) return "";
  const voice = change.waits.some(({ type }) => VOICE.includes(family(type)));
  return word(voice ? "waitsForVoice" : "changing", { seconds: Math.floor(change.seconds) });
}

/** The name of the graph on air; while it changes, of both. The list says the same at the same time. */
export function onAir() {
  const { graph, reload, graphs } = known;
  const named = (file) => graphs.find((choice) => choice.file === file)?.name || file.replace(/^.*\/|\.ya?ml$/g, "");
  if (!graph) return "";
  if (!reload?.changing || reload.changing.file === reload.file) return graph.name;
  return `${named(reload.file)} → ${named(reload.changing.file)}`;
}

/** What the last change turned on and off, and under it the whole difference. */
export function showChange() {
  const { reload } = known;
  const waiting = progress();
  part.progress.hidden = !waiting;
  say(part.progress, waiting);
  const last = reload?.last;
  part.changePart.hidden = !last;
  say(part.changed, last ? inWords(last) : "");
  fill(part.change, last ? [`#${reload.generation}`, ...last.changes] : [], (line) => [html("li", {}, line)]);
}

export function inWords({ came = [], went = [] }) {
  const named = (types) => [...new Set(types.map((type) => PARTS[type] ?? PARTS[family(type)]).filter(Boolean))];
  const [on, off] = [named(came), named(went)];
  const both = (names, others) => names.filter((name) => !others.includes(name)).map((name) => word(name));
  const swapped = on.filter((name) => off.includes(name)).map((name) => word(name));
  const told = [["turnedOn", both(on, off)], ["turnedOff", both(off, on)], ["swapped", swapped]];
  const lines = told.filter(([, names]) => names.length).map(([how, names]) => word(how, { parts: names.join(", ") }));
  return lines.join(" ") || word("changedDetails");
}
