// The page for an address that the program does not have, with the ways to those it has.

import { startBar } from "./bar.js";
import { again, ask } from "./orders.js";
import { speak } from "./words.js";

const LOOK_MS = 3000;
const WORDS = {
  ko: { title: "없는 페이지예요", hint: "주소를 다시 확인하거나, 위에서 갈 곳을 골라 주세요. 지금 도는 그래프에 있는 페이지만 보여요." },
  en: { title: "There is no such page", hint: "Check the address, or choose where to go above. Only the pages of the running graph are there." },
};

let graph = null;
const show = startBar(document.getElementById("bar"), location.pathname);
speak(WORDS, { onSwitch: () => show(graph) });
again(async () => {
  const { ok, answer } = await ask("/api/graph");
  graph = ok ? answer : null;
  show(graph);
}, LOOK_MS);
