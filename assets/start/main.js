// The page /start: the living character, and beside her the cards with which a person makes the show their own.

import { startBar } from "/shared/bar.js";
import { byId, html, say, set } from "/shared/dom.js";
import { startLoading } from "/shared/loading.js";
import { again } from "/shared/orders.js";
import { speak, word, wordsOf } from "/shared/words.js";
import { answers, body, character, obs, voice } from "./cards.js";
import { button, note } from "./elements.js";
import { STEPS, answerWith, goTo, known, lightOf, lookAtGraph, lookAtStart, lookAtVariables, mark, next } from "./known.js";
import { moving } from "./moving.js";
import { chzzk, goLive, rehearsal, rules, showLogin, showProgress } from "./show.js";
import { sound } from "./sound.js";
import { startCaption, startScene, startTalk, startVoice } from "./talk.js";
import { forgetTyped, restoreTyped, startTyped } from "./typed.js";

const LOOK_MS = 1500;
// A graph of the person's own is made when they begin, so that every other card has something to change.
const talking = { draw: () => [html("p", {}, word("welcome")), moving()].filter(Boolean), save: () => (known.start.own ? "" : answerWith({})) };
const CARDS = { talk: talking, character, voice, answers, chzzk, body, sound, obs, rules, rehearsal };

const showBar = startBar(byId("bar"), "/start/");
const showLoading = startLoading(byId("loading"), look);
let saving = false;
let ran = false; // whether the rehearsal ran when the page looked last

const talk = startTalk(() => {
  if (known.cards.talk === "done") return;
  mark("talk", "done");
  drawSteps();
  if (known.at === "talk") drawActions();
});

function drawSteps() {
  byId("steps").replaceChildren(
    ...STEPS.map((name, index) => {
      const how = known.cards[name] ?? "";
      const text = [word(`step_${name}`), how && word(`how_${how}`)].filter(Boolean).join(", ");
      return html(
        "li",
        {},
        html(
          "button",
          {
            type: "button", "data-step": name, "data-how": how, "aria-current": name === known.at && "step", "aria-label": text,
            disabled: !known.start?.own && name !== "talk", title: known.start?.own ? null : word("beginFirst"), onclick: () => show(name),
          },
          html("i", { "aria-hidden": "true" }, how === "done" ? "✓" : String(index + 1)),
          html("span", {}, word(`step_${name}`)),
        ),
      );
    }),
  );
}

function drawActions() {
  const card = CARDS[known.at];
  const last = known.at === STEPS.at(-1);
  const on = known.at !== "talk" ? word(card.save ? "save" : "next") : word(known.start?.own ? "next" : known.start?.there ? "goOn" : "begin");
  byId("actions").replaceChildren(
    ...[
      known.at !== STEPS[0] && button("quiet", word("back"), () => show(STEPS[STEPS.indexOf(known.at) - 1])),
      html("span", { class: "space" }),
      !last && card.save && known.at !== "talk" && button("plain", word("skip"), () => leave("skipped")),
      !last && button("primary", on, save, { id: "forward", disabled: saving || !known.start }),
    ].filter(Boolean),
  );
}

function drawCard() {
  const name = known.at;
  say(byId("count"), word("count", { number: STEPS.indexOf(name) + 1, all: STEPS.length }));
  say(byId("cardTitle"), word(`title_${name}`, { name: known.start?.character ?? "" }));
  say(byId("cardHint"), word(`hint_${name}`));
  const parts = known.start ? CARDS[name].draw({ redraw: drawCard, onEnd: end }) : [];
  byId("cardBody").replaceChildren(...parts);
  restoreTyped(byId("cardBody"));
  if (known.start) showLogin();
  drawActions();
}

/** Show a card; the focus goes to its title, so that a screen reader reads on from there. */
async function show(name) {
  goTo(name);
  note("");
  if (CARDS[name].look) await CARDS[name].look();
  drawSteps();
  drawCard();
  byId("cardBody").scrollTop = 0;
  byId("cardTitle").focus({ preventScroll: true });
  byId("card").scrollIntoView({ block: "nearest" });
}

function leave(how) {
  forgetTyped();
  if (known.cards[known.at] !== "done") mark(known.at, how);
  show(next(known.at));
}

async function save() {
  const card = CARDS[known.at];
  if (!card.save) {
    leave("done");
    return;
  }
  await work(card.save, () => {
    forgetTyped();
    if (known.at === "talk") talk.follow(null); // the graph that was asked has been changed for another
    mark(known.at, "done");
    show(next(known.at));
  });
}

async function work(act, then) {
  if (saving) return;
  saving = true;
  drawActions();
  note(word("saving"));
  const wrong = await act();
  saving = false;
  note(wrong, Boolean(wrong));
  if (wrong) drawActions();
  else then();
}

function end() {
  work(goLive, () => {
    mark("rehearsal", "done");
    drawSteps();
    drawCard();
    note(word("live"));
  });
}

startTyped(byId("cardBody"));
byId("cardBody").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || !event.target.matches("input:not(#folder)")) return;
  event.preventDefault();
  byId("forward")?.click();
});

// What changes by itself: lights, and the rehearsal.
function refresh() {
  for (const lamp of document.querySelectorAll("[data-lamp]")) {
    const { state = "unknown", text = "" } = lightOf(lamp.dataset.lamp) ?? {};
    set(lamp, "data-state", state);
    say(lamp.lastChild, text || word(`lamp_${state}`));
  }
  if (known.start) showLogin();
  if (!known.start || known.at !== "rehearsal") return;
  const { running } = known.start.rehearsal;
  if (running !== ran) drawCard();
  else showProgress();
  ran = running;
}

function spoken() {
  document.title = `${word("pageName")} · ${known.start?.character ?? "aischoco"}`;
  say(byId("title"), known.start?.character ?? "aischoco");
  talk.show();
  showBar(known.graph);
  drawSteps();
  drawCard();
}

speak(wordsOf("start"), { onSwitch: () => show(known.at).then(spoken) });
showLoading("loading");
spoken();
startCaption();
let first = true;

async function look() {
  await lookAtGraph();
  const pages = known.graph?.pages ?? [];
  showBar(known.graph);
  startScene(pages);
  startVoice(pages);
  let start = { ok: true };
  if (first || ["chzzk", "rehearsal"].includes(known.at)) {
    start = await lookAtStart();
    if (first && start.ok) {
      if (!known.start.own) known.at = "talk";
      const variables = await lookAtVariables();
      if (variables.status) {
        if (CARDS[known.at].look) await CARDS[known.at].look();
        ran = known.start.rehearsal.running;
        first = false;
        spoken();
      } else start = variables;
    }
  }
  showLoading(known.graph && start.ok ? "there" : "away", start.answer?.error);
  refresh();
}

again(look, LOOK_MS);
