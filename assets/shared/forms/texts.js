// The files that a person writes (persona, banned words, prepared answers ...): an editor below the setting that names
// the file, and a trial of what is written there, saved or not.

import { html } from "../dom.js";
import { ask, order } from "../orders.js";
import { withHint } from "../problems.js";
import { wordsOf, language } from "../words.js";
import { button, note } from "./elements.js";
import { known } from "./known.js";
import { word } from "./words.js";

const open = new Map(); // path -> {text, base, saved, theirs, error, typed, tried}
const TRIALS = {
  "chat.filter banned_words": "tryBanned",
  "reply.guard banned_words": "tryBanned",
  "reply.canned replies": "tryCanned",
  "reply.split pronunciation": "tryRead",
};
const REASONS = wordsOf("dock");
let drawn = () => {};

export const whenWritten = (draw) => (drawn = draw);
export const textsUnsaved = () => [...open.values()].some(({ text, saved }) => text !== saved);

export function drawText(field, path, id) {
  const file = path.replace(/^.*\//, "");
  const sheet = open.get(path);
  if (!sheet) return html("div", { class: "text" }, button("plain", word("write", { file }), () => read(path, id), { id: `${id}-write-${file}` }));
  return html("div", { class: "text" }, html("div", { class: "sheet" }, editor(sheet, path, file, id), sheet.theirs === undefined ? null : conflict(sheet, path, file), trial(sheet, field, path, id)));
}

async function read(path, id) {
  const { ok, answer } = await ask(`/api/settings/text?path=${encodeURIComponent(path)}`);
  if (!ok) return note(answer.error ?? word("unreached"), { wrong: true });
  open.set(path, { text: answer.text, saved: answer.text, base: answer.base, typed: "", error: "" });
  drawn();
  document.getElementById(`${id}-sheet`)?.focus();
}

function editor(sheet, path, file, id) {
  const state = html("span", { class: "state" }, sheet.text === sheet.saved ? "" : word("unsavedText"));
  const keep = button("primary", word("saveText"), () => write(path, file), { id: `${id}-keep`, disabled: sheet.text === sheet.saved });
  const area = html("textarea", {
    id: `${id}-sheet`, spellcheck: "false", "aria-label": file,
    oninput: () => {
      sheet.text = area.value;
      state.textContent = sheet.text === sheet.saved ? "" : word("unsavedText");
      keep.disabled = sheet.text === sheet.saved;
    },
  }, sheet.text);
  const close = () => {
    open.delete(path);
    drawn();
  };
  return [area, sheet.error && html("p", { class: "error", role: "alert" }, sheet.error), html("div", { class: "row" }, state, button("plain", word("closeText"), close), keep)];
}

async function write(path, file, base = open.get(path).base) {
  const sheet = open.get(path);
  const { text } = sheet;
  const { status, ok, answer } = await order("/api/settings/text", { path, base, text });
  if (!status) note(word("unreached"), { wrong: true });
  else if (!ok) note(answer.error, { wrong: true });
  else if (answer.status === "refused") {
    const [problem] = answer.problems;
    sheet.error = word("textRefused", { line: problem.line, why: withHint(problem) });
  } else if (answer.status === "conflict") Object.assign(sheet, { theirs: answer.theirs, theirBase: answer.base });
  else {
    const before = sheet.saved;
    Object.assign(sheet, { saved: text, base: answer.base, error: "", theirs: undefined });
    note(word("textSaved", { file }), { more: [button("plain", word("undo"), () => back(path, file, before))] });
  }
  drawn();
}

function back(path, file, text) {
  const sheet = open.get(path);
  if (!sheet) return;
  sheet.text = text;
  write(path, file);
}

function conflict(sheet, path, file) {
  const take = () => {
    Object.assign(sheet, { text: sheet.theirs, saved: sheet.theirs, base: sheet.theirBase, theirs: undefined });
    drawn();
  };
  return html(
    "div",
    { class: "clash", role: "alert" },
    html("p", {}, word("textConflict", { file })),
    html("textarea", { readonly: true, rows: 6, "aria-label": word("textTheirs") }, sheet.theirs),
    button("plain", word("takeMyText"), () => write(path, file, sheet.theirBase)),
    button("plain", word("takeTheirText"), take),
  );
}

function trial(sheet, field, path, id) {
  const name = TRIALS[`${field.type} ${field.spec.name}`];
  if (!name) return null;
  const input = html("input", { id: `${id}-try`, type: "text", maxlength: 300, value: sheet.typed, placeholder: word("tryText"), "aria-label": word("tryText"), oninput: () => (sheet.typed = input.value) });
  const go = () => tryOut(sheet, field, path);
  input.addEventListener("keydown", ({ key }) => key === "Enter" && go());
  const aloud = name === "tryRead" && known.show?.pages?.includes("/dock/") && button("plain", word("readAloud"), () => sayAloud(sheet.typed), { id: `${id}-aloud` });
  return html("div", { class: "try" }, input, button("plain", word(name), go, { id: `${id}-go` }), aloud, sheet.tried && html("p", { class: sheet.tried.stopped ? "tried is-stopped" : "tried", role: "status" }, sheet.tried.said));
}

async function tryOut(sheet, { node, type }, path) {
  const { status, ok, answer } = await order("/api/settings/trial", { node, text: sheet.typed, texts: { [path]: sheet.text } });
  if (ok) sheet.tried = told(type, answer, sheet.typed);
  else sheet.tried = { stopped: true, said: status ? answer.error : word("unreached") };
  drawn();
}

function told(type, { out, reason, word: found, list }, typed) {
  const text = out.map(({ text: shown, spoken }) => (type === "reply.split" ? spoken || shown : shown)).join(" ");
  const stopped = found ? word("stoppedWord", { word: found, list }) : reason && word("stoppedBy", { reason: REASONS[language()].reasons[reason] ?? reason });
  if (type === "reply.guard" && text !== typed) return { stopped: true, said: [stopped, word("insteadText", { text })].filter(Boolean).join(" · ") };
  if (stopped) return { stopped: true, said: stopped };
  if (type === "reply.canned") return { stopped: !text, said: text ? word("answersText", { text }) : word("noAnswer") };
  return { stopped: false, said: word(type === "reply.split" ? "readsText" : "passesText", { text }) };
}

async function sayAloud(text) {
  if (!text.trim()) return;
  const { ok, answer } = await order("/api/dock", { order: "say", text, emotion: "", at_once: false });
  note(ok ? word("saidAloud") : (answer.error ?? word("unreached")), { wrong: !ok });
}
