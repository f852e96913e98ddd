// The cards about the show itself: where chat comes from, which of it is answered, and the rehearsal.

import { html, say, set } from "/shared/dom.js";
import { copy } from "/shared/copy.js";
import { order } from "/shared/orders.js";
import { reasonOf } from "/shared/sent.js";
import { word } from "/shared/words.js";
import { giveIfWritten, lamp, variable } from "./cards.js";
import { button, choices, chosen, field, note, outside, steps } from "./elements.js";
import { SWITCH_MS, answerWith, askOften, failure, known, setAll } from "./known.js";

const CENTRE = "https://developers.chzzk.naver.com";
const REDIRECT = "http://localhost:8080/callback";
const SCOPES = "유저 정보 조회, 채팅 메시지 조회, 후원 조회, 구독 조회"; // as the centre has them, in any language
const NAMES = ["CHZZK_CLIENT_ID", "CHZZK_CLIENT_SECRET"];

export const chzzk = {
  draw({ redraw }) {
    const { text, choices: list } = known.start.questions.find((each) => each.key === "chat");
    const how = html(
      "div",
      {},
      steps([
        [word("chzzk1"), " ", outside(CENTRE, word("centre"))],
        [word("chzzk2"), " ", copied(REDIRECT)],
        [word("chzzk3"), " ", html("b", {}, SCOPES)],
        word("chzzk4"),
      ]),
      variable(NAMES[0], word("clientId")),
      variable(NAMES[1], word("clientSecret")),
      known.variables && html("div", { class: "login" }, button("primary", word("login"), () => logIn(redraw), { id: "login" }), html("div", { id: "loginState", role: "status" })),
    );
    const show = (kind) => (how.hidden = kind !== "chzzk");
    show(known.start.answers.chat);
    return [choices("chat", list, known.start.answers.chat, { legend: text, onChoose: show }), how, known.start.answers.chat === "chzzk" && lamp("chat")].filter(Boolean);
  },
  async save() {
    const wrong = chosen("chat") === "chzzk" ? await credentials() : "";
    return wrong || answerWith({ chat: chosen("chat") });
  },
};

const entered = () => NAMES.every((name) => known.variables?.[name]);

async function credentials() {
  for (const name of NAMES) {
    const wrong = await giveIfWritten(name);
    if (wrong) return wrong;
  }
  return entered() || !known.variables ? "" : word("idNeeded");
}

async function logIn(redraw) {
  const wrong = await credentials();
  note(wrong, true);
  if (wrong) return;
  redraw(); // what has been saved is set now
  document.getElementById("login")?.focus();
  await askLogin({});
}

async function askLogin(said) {
  const reply = await order("/api/start/login", said, SWITCH_MS);
  if (reply.ok) known.start.login = reply.answer.login;
  note(failure(reply), true);
  showLogin();
}

/** Show how the login is, without drawing the card again. */
export function showLogin() {
  const place = document.getElementById("loginState");
  if (!place) return;
  const { state, page, text, paste } = known.start.login;
  set(place, "data-state", state);
  const key = `${state} ${page} ${text} ${paste}`;
  if (place.key === key) return;
  place.key = key;
  if (state !== "waiting") place.replaceChildren(text);
  else if (paste) {
    place.replaceChildren(outside(page, word("consent")), ...pasting(paste));
    place.scrollIntoView({ block: "nearest" });
  } else place.replaceChildren(outside(page, word("consent")), " ", word("consentHint"));
}

/** A field for the address to which CHZZK sends the browser, where that does not come back by itself. */
function pasting(why) {
  const input = html("input", { autocomplete: "off", spellcheck: "false", maxlength: 4096, "data-once": true, onkeydown: onEnter });
  const give = () => askLogin({ pasted: input.value });
  function onEnter(event) {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation(); // it is not the card that is done
    give();
  }
  return [field("pasted", word("pasteAddress"), input, `${why} ${word("pasteHint")}`), button("plain", word("pasteGive"), give, { id: "paste" })];
}

function copied(text) {
  const shown = html("code", {}, text);
  const made = button("quiet", word("copy"), () => copy(made, text, () => getSelection().selectAllChildren(shown)), { "data-text": "copy", "aria-label": `${word("copy")}: ${text}` });
  return html("span", {}, shown, " ", made);
}

// Settings of the node chat.batch for each way in which the character answers.
const WAYS = {
  lively: { quiet_s: 0.4, max_wait_s: 2, max_items: 10, only_mentions: false },
  calm: { quiet_s: 1.5, max_wait_s: 6, max_items: 20, only_mentions: false },
  called: { quiet_s: 0.4, max_wait_s: 2, max_items: 10, only_mentions: true },
};

let batch = ""; // the name of that node

export const rules = {
  async look() {
    batch = known.graph?.nodes.find((each) => each.type === "chat.batch")?.name ?? "";
    const { ok, answer } = batch ? await askOften(`/api/settings?node=${encodeURIComponent(batch)}`) : { ok: false };
    const now = ok ? Object.fromEntries(answer.map(({ name, value }) => [name, value])) : {};
    rules.now = Object.keys(WAYS).find((way) => Object.entries(WAYS[way]).every(([name, value]) => now[name] === value)) ?? "";
  },
  draw() {
    if (!batch) return [html("p", { class: "aside" }, word("noBatch"))];
    const list = Object.keys(WAYS).map((way) => ({ value: way, text: word(`way_${way}`), about: word(`wayHint_${way}`) }));
    return [choices("way", list, rules.now, { legend: word("ways") }), html("p", { class: "aside" }, word("rulesHint"))];
  },
  save() {
    const way = chosen("way");
    return batch && way ? setAll(Object.entries(WAYS[way]).map(([name, value]) => [batch, name, value])) : "";
  },
};

export const rehearsal = {
  own: true, // it has its own buttons
  draw({ redraw, onEnd }) {
    const { running, passed_s, seconds, report } = known.start.rehearsal;
    if (running) {
      return [
        html("p", { class: "aside" }, word("rehearsing")),
        html("progress", { id: "progress", max: seconds, value: passed_s, "aria-label": word("rehearsalRuns") }),
        html("p", { id: "left" }, word("left", { seconds: Math.ceil(seconds - passed_s) })),
        html("div", { class: "row" }, button("plain", word("stopRehearsal"), () => give({ stop: true }, redraw))),
      ];
    }
    return [
      report && html("div", { class: "report" }, html("h3", {}, word("reportTitle")), html("ul", {}, lines(report).map((line) => html("li", { class: line.wrong ? "is-wrong" : "" }, line.text)))),
      html("div", { class: "row" }, button(report ? "plain" : "primary", word(report ? "again" : "rehearse"), () => give({}, redraw))),
      report && html("div", { class: "live" }, html("p", {}, word(known.start.answers.chat === "chzzk" ? "ready" : "readyPractice")), button("primary big", word("goLive"), onEnd)),
    ].filter(Boolean);
  },
};

/** Show how far the rehearsal is, without drawing the card again. */
export function showProgress() {
  const { passed_s, seconds } = known.start.rehearsal;
  const bar = document.getElementById("progress");
  if (!bar) return;
  bar.value = passed_s;
  say(document.getElementById("left"), word("left", { seconds: Math.ceil(seconds - passed_s) }));
}

async function give(body, redraw) {
  const reply = await order("/api/start/rehearsal", body, SWITCH_MS);
  if (reply.ok) known.start.rehearsal = reply.answer.rehearsal;
  note(failure(reply), true);
  redraw();
}

/** What the rehearsal showed, in words: {text, wrong}. */
function lines(report) {
  const good = (text) => ({ text, wrong: false });
  const bad = (text) => ({ text, wrong: true });
  const told = [good(word("reportIn", { count: report.in, turns: report.turns }))];
  if (report.usual_s !== null) {
    const late = report.usual_s > 5;
    told.push({ text: word(report.turns === 1 ? "reportOnce" : "reportUsual", { usual: report.usual_s.toFixed(1), slowest: report.slowest_s.toFixed(1) }), wrong: late });
    if (late) told.push(bad(word("reportLate")));
  } else told.push(bad(word(report.turns ? "reportUnheard" : "reportNothing")));
  for (const [why, count] of Object.entries(report.dropped)) told.push(good(word("reportDropped", { count, why: reasonOf(why) })));
  if (report.written) told.push(good(word("reportWritten", { count: report.written })));
  for (const { node, text } of report.problems) told.push(bad(word("reportProblem", { node, why: text })));
  return told;
}

/** Go on air: what was practised with a recording goes to CHZZK. */
export async function goLive() {
  if (known.start.answers.chat === "chzzk") return "";
  return known.variables && !entered() ? word("chzzkFirst") : answerWith({ chat: "chzzk" });
}
