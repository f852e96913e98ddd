// How to begin, what each page is for, and what to do when something is not there.

import { startBar } from "/shared/bar.js";
import { html } from "/shared/dom.js";
import { again, ask } from "/shared/orders.js";
import { sources } from "/shared/sources.js";
import { among, language, speak, word, wordsOf } from "/shared/words.js";

const LOOK_MS = 3000;
const SELF = "/help/";
const byId = (id) => document.getElementById(id);
const showBar = startBar(byId("bar"), SELF);
let graph = null;
let drawn = "";

const names = (group) => Object.keys(wordsOf("help").ko[group]);
const link = (href, text) => html("a", { href }, text);
const lines = (terms) => terms.flatMap(([term, text]) => [html("dt", {}, term), html("dd", {}, text)]);
const code = (group) => lines(names(group).map((each) => [html("code", {}, each), among(group, each)]));

function draw() {
  const pages = graph?.pages ?? [];
  document.title = graph?.character ? `${word("pageName")} · ${graph.character}` : word("pageName");
  const now = JSON.stringify([language(), pages]);
  if (now === drawn) return; // nobody loses the place or the copied address of a list that says the same
  drawn = now;
  const tabs = wordsOf("bar")[language()].tabs;
  const cards = wordsOf("settings")[language()].cards;
  byId("pages").replaceChildren(...lines(names("about").filter((each) => pages.includes(each)).map((each) => [link(each, tabs[each]), among("about", each)])));
  byId("sources").replaceChildren(sources(pages) ?? "");
  byId("faults").replaceChildren(...lines(names("fault").map((each) => [among("fault", each), among("mend", each)])));
  byId("next").replaceChildren(...lines(names("change").map((each) => [link(`/settings/#${each}`, cards[each]), among("change", each)])));
  byId("files").replaceChildren(...code("file"));
  byId("commands").replaceChildren(...code("command"));
}

speak(wordsOf("help"), {
  onSwitch: () => {
    showBar(graph);
    draw();
  },
});
draw();
again(async () => {
  const { ok, answer } = await ask("/api/graph");
  showBar(ok ? answer : null);
  if (ok) graph = answer;
  draw();
}, LOOK_MS);
