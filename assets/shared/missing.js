// The page for an address that the program does not have, with the ways to those it has.

import { startBar } from "./bar.js";
import { again, ask } from "./orders.js";
import { speak, wordsOf } from "./words.js";

const LOOK_MS = 3000;

let graph = null;
const show = startBar(document.getElementById("bar"), location.pathname);
speak(wordsOf("missing"), { onSwitch: () => show(graph) });
again(async () => {
  const { ok, answer } = await ask("/api/graph");
  graph = ok ? answer : null;
  show(graph);
}, LOOK_MS);
