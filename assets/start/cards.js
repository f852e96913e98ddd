// The cards: who she is, her voice, what answers, her body, the addresses for OBS. Each has `draw`, which fills the card,
// and perhaps `save`, which returns what is wrong, "" if all is well.

import { html } from "/shared/dom.js";
import { order } from "/shared/orders.js";
import { sources } from "/shared/sources.js";
import { word } from "/shared/words.js";
import { button, choices, chosen, field, note, outside, secret, steps } from "./elements.js";
import { answerWith, askOften, failure, give, known, lightOf } from "./known.js";
import { trial } from "./trial.js";

const question = (key) => known.start.questions.find((each) => each.key === key);

function asked(key, onChoose = () => {}) {
  const { text, choices: list } = question(key);
  return choices(key, list, known.start.answers[key], { legend: text, onChoose });
}

/** How it is with a light, in a line that changes by itself. */
export function lamp(name) {
  const { state = "unknown", text = "" } = lightOf(name) ?? {};
  return html("p", { class: "lamp", "data-lamp": name, "data-state": state }, html("i", { "aria-hidden": "true" }), html("span", {}, text || word(`lamp_${state}`)));
}

const value = (id) => document.getElementById(id)?.value.trim() ?? "";

let persona = null; // what the file says about her: {path, text, base}; null where the graph names none

export const character = {
  async look() {
    const path = known.start?.persona;
    const { ok, answer } = path ? await askOften(`/api/settings/text?path=${encodeURIComponent(path)}`) : { ok: false };
    persona = ok ? answer : null;
  },
  draw() {
    const name = html("input", { value: known.start.answers.name, maxlength: 30, autocomplete: "off" });
    const text = html("textarea", { rows: 9, maxlength: 20000 });
    text.value = persona?.text ?? "";
    return [field("name", word("name"), name, word("nameHint")), persona && field("persona", word("persona"), text, word("personaHint"))].filter(Boolean);
  },
  async save() {
    const name = value("name");
    if (!name) return word("nameNeeded");
    const wrong = await describe(value("persona"));
    return wrong || answerWith({ name });
  },
};

async function describe(text) {
  if (!persona || text === persona.text.trim()) return "";
  if (!text) return word("personaNeeded");
  const reply = await order("/api/settings/text", { path: persona.path, base: persona.base, text: `${text}\n` });
  if (!reply.ok || reply.answer.status === "refused") return failure(reply);
  persona.base = reply.answer.base;
  if (reply.answer.status === "conflict") return word("personaConflict");
  persona.text = text;
  return "";
}

export const voice = {
  draw() {
    const address = field("address", word("server"), html("input", { type: "url", inputmode: "url", placeholder: "http://192.168.0.10:5000" }), word("serverHint"));
    const show = (kind) => (address.hidden = kind !== "server" || Boolean(known.variables?.TTS_REMOTE_URL));
    show(known.start.answers.voice);
    return [asked("voice", show), address, html("div", { class: "row" }, button("plain", word("listen"), listen)), lamp("voice")];
  },
  async save() {
    const kind = chosen("voice");
    if (kind === "server" && !known.variables?.TTS_REMOTE_URL) {
      if (!known.variables) return word("secretsAway", { name: "TTS_REMOTE_URL" });
      if (!/^https?:\/\/\S+$/.test(value("address"))) return word("serverNeeded");
      const wrong = await give("TTS_REMOTE_URL", value("address"));
      if (wrong) return wrong;
    }
    return answerWith({ voice: kind });
  },
};

/** Let her say something, as she sounds now. */
export async function listen() {
  const reply = await order("/api/dock", { order: "say", text: word("sample", { name: known.start.answers.name }), emotion: "happy", at_once: true });
  note(failure(reply), true);
}

export const answers = {
  draw({ redraw }) {
    const key = html("div", {}, steps([[word("groq1"), " ", outside("https://console.groq.com/keys", "console.groq.com/keys")], word("groq2")]), variable("GROQ_API_KEY", word("groqKey")));
    const model = html("div", {}, steps([[word("ollama1"), " ", outside("https://ollama.com", "ollama.com")], word("ollama2")]), variable("OLLAMA_MODEL", word("ollamaModel"), "gemma3:4b"));
    const show = (kind) => {
      key.hidden = kind !== "groq";
      model.hidden = kind !== "ollama";
    };
    show(known.start.answers.model);
    const set = known.variables?.[known.start.answers.model === "ollama" ? "OLLAMA_MODEL" : "GROQ_API_KEY"];
    const tried = trial("llm.reply", answers.save, redraw);
    return [asked("model", show), key, model, tried, html("p", { class: "aside" }, word("withoutKey")), set && lamp("reply")].filter(Boolean);
  },
  async save() {
    const name = chosen("model") === "ollama" ? "OLLAMA_MODEL" : "GROQ_API_KEY";
    const wrong = await giveIfWritten(name);
    return wrong || answerWith({ model: chosen("model") });
  },
};

/** A field for a variable of .env; where the program takes none from a page, what to write where. */
export function variable(name, label, placeholder = "") {
  if (!known.variables) return html("p", { class: "aside" }, word("secretsAway", { name }));
  if (placeholder) return field(name, label, html("input", { autocomplete: "off", placeholder }), known.variables[name] ? word("keepValue") : "");
  return secret(name, label, known.variables[name] ?? "");
}

export const giveIfWritten = async (name) => (value(name) ? give(name, value(name)) : "");

export const body = {
  draw({ redraw }) {
    const vts = html("div", {}, steps([word("vts1"), word("vts2"), word("vts3")]), trial("avatar.vts", body.save, redraw));
    const show = (kind) => (vts.hidden = kind !== "vts");
    show(known.start.answers.avatar);
    return [asked("avatar", show), vts, lamp("avatar"), html("div", { class: "row feelings", role: "group", "aria-label": word("feelings") }, FEELINGS.map(feel))];
  },
  save: () => answerWith({ avatar: chosen("avatar") }),
};

const FEELINGS = ["happy", "sad", "surprised", "angry", "excited", "neutral"];

const feel = (emotion) =>
  button("plain", word(`feel_${emotion}`), async () => note(failure(await order("/api/dock", { order: "feel", emotion })), true));

export const obs = {
  draw: () => [sources(known.graph?.pages ?? []), steps([word("obs1"), word("obs2")]), lamp("obs")],
};
