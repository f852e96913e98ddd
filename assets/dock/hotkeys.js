// The hotkeys of the avatar's model: a click tries one, and a choice for each feeling becomes the line for the graph.

import { html, say } from "/shared/dom.js";
import { ask } from "/shared/orders.js";
import { among, word } from "/shared/words.js";

const EVERY = 3; // looks between two requests while the part is open

/** `part`: the elements by id; `fill`, `button`, `post`: of the dock. Returns a function to call at every look. */
export function hotkeys({ part, fill, button, post }) {
  let rest = 0;
  let picks = null; // feeling -> name of a hotkey; what the graph says until a person picks another

  function show({ connected, hotkeys: found, chosen }, emotions) {
    picks ??= { ...chosen };
    say(part.hotkeyHint, connected ? (found.length ? word("hotkeyHint") : word("noHotkeys")) : word("noAvatar"));
    fill(part.hotkeys, found, (one) => [
      button("plain", one.name || one.id, () => post("/api/avatar/hotkey", { hotkey: one.id || one.name }, word("done"))),
    ]);
    const names = [...new Set(found.map((one) => one.name || one.id))];
    fill(part.picks, found.length ? emotions.map((emotion) => [emotion, names, picks[emotion] ?? ""]) : [], row);
    line();
  }

  function row([emotion, names, picked]) {
    const all = ["", ...names, ...(picked && !names.includes(picked) ? [picked] : [])];
    const select = html("select", {}, ...all.map((name) => html("option", { value: name }, name || word("noHotkey"))));
    select.value = picked;
    select.setAttribute("aria-label", among("emotions", emotion));
    select.addEventListener("change", () => {
      picks[emotion] = select.value;
      line();
    });
    return [html("li", { class: "row" }, html("span", { class: "grow" }, among("emotions", emotion)), select)];
  }

  // JSON text is also YAML text, so a name with any sign in it stays what it is.
  function line() {
    const set = Object.entries(picks).filter(([, name]) => name);
    part.hotkeyLine.hidden = !part.picks.childElementCount;
    part.hotkeyLine.value = `hotkeys: {${set.map(([emotion, name]) => `${emotion}: ${JSON.stringify(name)}`).join(", ")}}`;
  }

  part.hotkeyLine.addEventListener("focus", () => part.hotkeyLine.select());

  return async function look(graph, emotions) {
    part.hotkeyPart.hidden = !graph?.nodes.some((node) => node.type === "avatar.vts");
    if (part.hotkeyPart.hidden || !part.hotkeyPart.open) rest = 0;
    else if (rest-- <= 0) {
      rest = EVERY;
      const { ok, answer } = await ask("/api/avatar/hotkeys");
      if (ok) show(answer, emotions);
    }
  };
}
