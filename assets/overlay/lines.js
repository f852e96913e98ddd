// Elements for lines and answers. What viewers wrote only ever becomes textContent.

import { words } from "./words.js";

const EMOTE = /\{:([^\s{}:]{1,64}):\}/;
const ANONYMOUS = "익명의 후원자"; // as the server says it
const NAMED = 2; // whom an answer is for: so many names, then a number
const IMAGES = 600;
const ready = new Set(); // keys of pictures that the server has

export function make(tag, name, text = "") {
  const element = document.createElement(tag);
  element.className = name;
  element.textContent = text;
  return element;
}

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
  const element = make(ready.has(key) ? "img" : "span", name);
  element.dataset.image = key;
  if (element.tagName === "SPAN") {
    element.textContent = text;
    return element;
  }
  element.alt = text;
  element.draggable = false;
  element.onerror = () => {
    ready.delete(key);
    if (element.isConnected) element.replaceWith(picture(key, name, text));
  };
  element.src = `/emote/${encodeURIComponent(key)}`;
  return element;
}

function message(text, emotes = {}) {
  const element = make("span", "aischoco-message");
  for (const [index, part] of text.split(new RegExp(EMOTE, "g")).entries()) {
    if (index % 2 === 0) {
      if (part) element.append(part);
    } else if (Object.hasOwn(emotes, part)) element.append(picture(emotes[part], "aischoco-emote", part));
    else element.append(make("span", "aischoco-emote", part));
  }
  element.classList.toggle("is-emotes", Boolean(text.trim()) && !text.split(new RegExp(`${EMOTE.source}|\\s`)).some((part, i) => i % 2 === 0 && part));
  return element;
}

function name(user) {
  const element = make("span", "aischoco-name", user === ANONYMOUS ? words.anonymous : user);
  let hash = 0;
  for (const sign of user) hash = (hash * 31 + sign.codePointAt(0)) % 360;
  element.style.setProperty("--aischoco-hue", hash);
  return element;
}

function badges(item) {
  const made = (item.badges || []).map((key) => picture(key, "aischoco-badge-image", ""));
  if (item.role === "streamer" || item.role === "manager") {
    made.unshift(make("span", "aischoco-badge", words[item.role]));
  }
  return made;
}

export function line(item) {
  const element = make("div", `aischoco-line is-${item.kind} is-${item.role}`);
  if (item.kind === "chat") {
    element.append(...badges(item), name(item.user), message(item.message, item.emotes));
    return element;
  }
  const given = item.kind === "donation" ? words.cheese(item.amount) : words.months(item.months);
  const head = make("div", "aischoco-head");
  const who = make("span", "aischoco-who");
  who.append(...badges(item), name(item.user));
  if (item.tier) who.append(make("span", "aischoco-tier", item.tier));
  head.append(who, make("span", "aischoco-amount-tag", given));
  element.append(head, message(item.message, item.emotes));
  return element;
}

export function answer(item, title) {
  const element = make("div", "aischoco-answer");
  element.dataset.emotion = item.emotion;
  const head = make("div", "aischoco-by");
  head.append(make("span", "aischoco-name", title));
  const users = [...new Set(item.to.map((one) => (one.user === ANONYMOUS ? words.anonymous : one.user)))];
  if (users.length) {
    head.append(make("span", "aischoco-to", words.to(users.slice(0, NAMED), Math.max(0, users.length - NAMED))));
  }
  element.append(head, make("span", "aischoco-message", item.sentences.map((part) => part.text).join(" ")));
  return element;
}
