// Elements for lines and answers. What viewers wrote only ever becomes textContent.

import { html } from "/shared/dom.js";
import { whole } from "/shared/numbers.js";
import { word } from "/shared/words.js";

const EMOTE = /\{:([^\s{}:]{1,64}):\}/;
const ANONYMOUS = "익명의 후원자"; // as the server says it
const NAMED = 2; // whom an answer is for: at most this many names, then a number
const IMAGES = 600;
const OWN = "/emotes/"; // pictures that come with this page
const ready = new Set(); // keys of pictures that the server has

// Pictures: a name until the picture is there, and again if it cannot be had.

export function imagesReady(keys) {
  ready.clear();
  for (const key of keys) imageReady(key);
}

export function imageReady(key) {
  ready.add(key);
  if (ready.size > IMAGES) ready.delete(ready.values().next().value);
  for (const place of document.querySelectorAll(`[data-image="${CSS.escape(key)}"]`)) {
    if (place.tagName !== "IMG") place.replaceWith(picture(key, place.className, place.textContent));
  }
}

function picture(key, name, text) {
  const own = key.startsWith(OWN);
  const element = html(own || ready.has(key) ? "img" : "span", { class: name, "data-image": key });
  if (element.tagName === "SPAN") {
    element.textContent = text;
    return element;
  }
  element.alt = text;
  element.draggable = false;
  element.onerror = () => {
    ready.delete(key);
    if (element.isConnected) element.replaceWith(own ? html("span", { class: name }, text) : picture(key, name, text));
  };
  element.src = own ? key : `/emote/${encodeURIComponent(key)}`;
  return element;
}

function message(text, emotes = {}) {
  const element = html("span", { class: "aischoco-message" });
  for (const [index, part] of text.split(new RegExp(EMOTE, "g")).entries()) {
    if (index % 2 === 0) {
      if (part) element.append(part);
    } else if (Object.hasOwn(emotes, part)) element.append(picture(emotes[part], "aischoco-emote", part));
    else element.append(html("span", { class: "aischoco-emote" }, part));
  }
  element.classList.toggle("is-emotes", Boolean(text.trim()) && !text.split(new RegExp(`${EMOTE.source}|\\s`)).some((part, i) => i % 2 === 0 && part));
  return element;
}

function name(user) {
  const element = html("span", { class: "aischoco-name" }, user === ANONYMOUS ? word("anonymous") : user);
  let hash = 0;
  for (const sign of user) hash = (hash * 31 + sign.codePointAt(0)) % 360;
  element.style.setProperty("--aischoco-hue", hash);
  return element;
}

// Which channel a line came through; it is seen only while the page has lines of several.
function channel(item) {
  return item.channel && html("span", { class: "aischoco-channel", title: item.channel }, channelNames[item.channel] || item.channel.slice(0, 6));
}

let channelNames = {};
export const nameChannels = (names) => (channelNames = names);
export const several = (items) => new Set(items.map((item) => item.channel).filter(Boolean)).size > 1;

function badges(item) {
  const made = (item.badges || []).map((key) => picture(key, "aischoco-badge-image", ""));
  if (item.role === "streamer" || item.role === "manager") {
    made.unshift(html("span", { class: "aischoco-badge" }, word(item.role)));
  }
  return made;
}

function given(item) {
  if (item.kind === "donation") return item.amount ? word("cheese", { amount: whole(item.amount) }) : word("donated");
  if (item.gifts) return word("gifts", { count: item.gifts });
  return word(item.months === 1 ? "firstMonth" : "months", { months: item.months });
}

export function line(item) {
  const box = { class: `aischoco-line is-${item.kind} is-${item.role}` };
  if (item.kind === "chat") return html("div", box, channel(item), badges(item), name(item.user), message(item.message, item.emotes));
  const tier = item.tier && html("span", { class: "aischoco-tier" }, item.tier);
  const who = html("span", { class: "aischoco-who" }, channel(item), badges(item), name(item.user), tier);
  const head = html("div", { class: "aischoco-head" }, who, html("span", { class: "aischoco-amount-tag" }, given(item)));
  return html("div", box, head, message(item.message, item.emotes));
}

function addressed(to) {
  const users = [...new Set(to.map((one) => (one.user === ANONYMOUS ? word("anonymous") : one.user)))];
  const others = users.length - NAMED;
  return users.length ? word(others > 0 ? "toMore" : "to", { users: users.slice(0, NAMED).join(", "), others }) : "";
}

export function answer(item, title) {
  const to = addressed(item.to);
  return html(
    "div",
    { class: "aischoco-answer", "data-emotion": item.emotion },
    html("div", { class: "aischoco-by" }, html("span", { class: "aischoco-name" }, title), to && html("span", { class: "aischoco-to" }, to)),
    html("span", { class: "aischoco-message" }, item.sentences.map((part) => part.text).join(" ")),
  );
}
