// Clears the screen, and brings it back: for a graph without a dock, where the same buttons are otherwise.

import { html, say, set } from "/shared/dom.js";
import { ask } from "/shared/orders.js";
import { word } from "/shared/words.js";

/** Make the button behind the others of the top; `post` gives an order. Returns {look, show}. */
export function startClear(top, post) {
  let screen = null; // GET /api/screen, where the graph has no dock
  const button = html("button", { type: "button", class: "aischoco-clear", hidden: true, onclick: press });
  top.append(button);

  async function press() {
    await post("/api/clear", screen?.undo ? { undo: true } : {});
    await read();
  }

  async function read() {
    const { ok, answer } = await ask("/api/screen");
    screen = ok ? answer : null;
    show();
  }

  function show() {
    button.hidden = !screen;
    if (!screen) return;
    const what = screen.undo ? "restore" : "clear";
    say(button, word(what));
    set(button, "title", word(`${what}Title`));
    button.disabled = !screen.undo && !screen.clear;
  }

  /** Look at the screen again; `graph` is what GET /api/graph answered, or null. */
  async function look(graph) {
    if (graph && !(graph.pages ?? []).includes("/dock/")) await read();
    else {
      screen = null;
      show();
    }
  }
  return { look, show };
}
