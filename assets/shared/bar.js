// The bar that all pages at the desk share: the ways to the other pages, and five lights that tell what the show depends
// on and whether it is there. The program computes the lights (graphs/engine/observe/lights.py); this shows them.

import { html, say, set } from "./dom.js";
import { mended } from "./mending.js";
import { filled } from "./particles.js";
import { sources } from "./sources.js";
import { language, wordsOf } from "./words.js";

const LIGHTS = ["chat", "reply", "voice", "avatar", "obs"];
const UNKNOWN = LIGHTS.map((name) => ({ name, state: "unknown", node: "", why: "", text: "" }));
const WORDS = wordsOf("bar");

/**
 * Make the bar in `place`, for the page at the address `here`.
 *
 * @returns {(graph: object | null) => void} shows what GET /api/graph answered; null: the program did not answer
 */
export function startBar(place, here) {
  const tabs = html("nav", { class: "desk-tabs" });
  const buttons = Object.fromEntries(LIGHTS.map((name) => [name, light(name)]));
  const row = html("div", { class: "desk-lights", role: "group" }, Object.values(buttons));
  const panel = html("div", { class: "desk-panel", id: "desk-panel", role: "status", hidden: true });
  let lights = UNKNOWN;
  let pages = [];
  let open = "";
  let pressed = { name: "", running: false, text: "" }; // what became of the press of a mend

  place.classList.add("desk-bar");
  place.setAttribute("role", "region");
  place.append(tabs, row, panel);

  function light(name) {
    return html(
      "button",
      { type: "button", class: "desk-light", "data-light": name, "aria-expanded": "false", "aria-controls": "desk-panel", onclick: () => toggle(name) },
      html("i", { "aria-hidden": "true" }),
      html("span"),
    );
  }

  function toggle(name) {
    open = open === name ? "" : name;
    if (!pressed.running) pressed = { name: "", running: false, text: "" };
    draw();
  }

  async function press(light) {
    pressed = { name: light.name, running: true, text: WORDS[language()].mending };
    draw();
    const { ok, file, why } = await mended(light);
    const words = WORDS[language()];
    pressed = { name: light.name, running: false, text: ok ? filled(words.mended, { file }) : why || words.unmended };
    draw();
  }

  function draw() {
    const words = WORDS[language()];
    set(tabs, "aria-label", words.pages);
    set(place, "aria-label", words.lights);
    set(row, "aria-label", words.lights);
    row.hidden = !lights.length;
    drawTabs(tabs, words, pages, here);
    for (const { name, state } of lights) {
      const button = buttons[name];
      if (!button) continue; // a light of a newer program
      set(button, "data-state", state);
      set(button, "aria-expanded", String(name === open));
      set(button, "aria-label", `${words.names[name]}: ${words.states[state]}`);
      set(button, "title", words.states[state]);
      say(button.lastChild, words.names[name]);
    }
    const chosen = lights.find(({ name }) => name === open);
    panel.hidden = !chosen;
    drawPanel(panel, chosen, pages, pressed, { close: () => toggle(open), press });
  }

  place.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !open) return;
    const button = buttons[open];
    toggle(open);
    button.focus();
  });
  draw();
  return (graph) => {
    lights = graph ? (graph.lights ?? []) : UNKNOWN;
    pages = graph ? (graph.pages ?? []) : pages;
    draw();
  };
}

// Only pages that the running graph has: no way leads nowhere.
function drawTabs(nav, words, pages, here) {
  const there = Object.keys(words.tabs).filter((path) => pages.includes(path));
  const key = JSON.stringify([language(), there]);
  if (nav.key === key) return;
  nav.key = key;
  nav.hidden = !there.length;
  nav.replaceChildren(...there.map((path) => html("a", { href: path, "aria-current": path === here && "page" }, words.tabs[path])));
}

function drawPanel(panel, light, pages, pressed, { close, press }) {
  const key = JSON.stringify([language(), light, pages, pressed]);
  if (panel.key === key) return;
  panel.key = key;
  if (!light) {
    panel.replaceChildren();
    return;
  }
  const words = WORDS[language()];
  const { fact, remedy } = said(light, words);
  set(panel, "data-state", light.state);
  panel.replaceChildren(
    html("p", { class: "desk-fact" }, html("b", {}, words.names[light.name]), ` · ${fact}`),
    remedy && html("p", { class: "desk-remedy" }, remedy),
    light.name === "obs" ? sources(pages) : "",
    pressed.name === light.name ? html("p", { class: "desk-remedy" }, pressed.text) : "",
    html("div", { class: "desk-actions" }, ...actions(light, pages, words, pressed, press), html("button", { type: "button", onclick: close }, words.close)),
  );
}

// What is so, and what to do about it.
function said({ name, state, node, why, text }, words) {
  if (state === "unknown") return { fact: words.unknown, remedy: "" };
  if (why) return { fact: filled(words[why], { node }), remedy: text };
  if (state === "waiting" && text) return { fact: text, remedy: "" };
  return { fact: words.says[name][state], remedy: text };
}

function actions(light, pages, words, { running }, press) {
  const { name, state, mend } = light;
  if (mend) return [html("button", { type: "button", class: "desk-do", disabled: running, onclick: () => press(light) }, mend.text)];
  if (name === "avatar" && ["waiting", "bad"].includes(state) && pages.includes("/stage/")) {
    return [html("a", { class: "desk-do", href: "/stage/", target: "_blank" }, words.stage)];
  }
  return [];
}
