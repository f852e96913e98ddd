// The chat of CHZZK, where the graph has a chat.moderate: a notice, the shield, the newest lines and what to do about one.

import { html, say } from "/shared/dom.js";
import { ask } from "/shared/orders.js";
import { word } from "/shared/words.js";
import { button, fill, part } from "./elements.js";
import { known } from "./known.js";
import { post } from "./orders.js";

const PATH = "/api/moderate";

/** Ask for the lines and the shield; null where no node keeps order in the chat. */
export async function lookAtChat() {
  const there = known.graph?.nodes.some((node) => node.type === "chat.moderate");
  const { ok, answer } = there ? await ask(PATH) : { ok: false };
  known.chat = ok ? answer : null;
}

export function showChat() {
  const { chat } = known;
  part.chatPart.hidden = !chat;
  if (!chat) return;
  const { up, back, slow_s } = chat.shield;
  part.shield.setAttribute("aria-pressed", String(up));
  part.shieldState.hidden = !(up || back);
  say(part.shieldState, up ? word("shieldUp", { seconds: slow_s }) : back ? word("shieldBack") : "");
  if (!part.lines.matches(":hover, :focus-within")) showLines(); // none may move away from a press that is coming
}

function showLines() {
  const { lines } = known.chat ?? { lines: [] };
  fill(part.lines, lines.length ? lines : [null], row);
}

// What viewers wrote only ever becomes a text node.
function row(line) {
  if (!line) return [html("li", { class: "hint" }, word("noLines"))];
  const { id, user, message, manager } = line;
  const actions = [["hide", "hideTitle", "hidden"], ...(manager ? [] : [["rest", "restTitle", "rested"]])];
  const buttons = actions.map(([order, title, done]) => {
    const press = button("quiet", word(order), () => give({ order, id }, word(done)));
    press.title = word(title);
    press.setAttribute("aria-label", `${word(order)}: ${user}`);
    return press;
  });
  const said = html("span", { class: "grow" }, html("b", {}, user), ` ${message.replace(/\{:([\w-]{1,40}):\}/g, "[$1]")}`);
  return [html("li", { class: "row" }, said, ...buttons)];
}

async function give(order, done) {
  const answer = await post(PATH, order, done);
  await lookAtChat();
  showChat();
  showLines();
  return answer;
}

part.shield.addEventListener("click", () => give({ order: "shield", to: !known.chat.shield.up }, ""));
part.notice.addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = part.noticeText.value.trim();
  if (text && (await give({ order: "notice", text }, word("pinned")))) part.noticeText.value = "";
});
