// The language of a page: the one in its address (?lang=ko, ?lang=en), else the one a person chose on any page, else the
// browser's, else the program's. On air only the address and the program decide: what the streamer reads at the desk must
// not change what viewers see.

import { WORDS } from "./catalogue.js"; // made by the program, of assets/ko.po
import { say } from "./dom.js";
import { filled } from "./particles.js";

const KEY = "aischoco.language";
const NAMES = { ko: "한국어", en: "English" };
const OTHER = { ko: "en", en: "ko" };
const PROGRAM = Object.hasOwn(NAMES, document.documentElement.lang) ? document.documentElement.lang : "ko";

// The attributes with which an element names its words, and where each word goes: data-text="name of a word",
// data-title="..." and so on.
const PLACES = {
  text: say,
  title: (element, text) => (element.title = text),
  label: (element, text) => element.setAttribute("aria-label", text),
  placeholder: (element, text) => (element.placeholder = text),
};

let tables = { ko: {}, en: {} };
let spoken = PROGRAM;
let changed = () => {};

/** The words of a page, or of a part of all pages: {ko: {name: text}, en: {name: text}}. */
export const wordsOf = (page) => ({ ko: WORDS.ko[page], en: WORDS.en[page] });

/**
 * Give the page its words, as wordsOf returns them; a text has places for values, as in "{amount}치즈".
 * Elements with data-language become switches between the languages.
 *
 * @param {{onAir?: boolean, onSwitch?: () => void}} options onSwitch is called when the language has changed, after
 *   the elements that name their words were translated.
 */
export function speak(words, { onAir = false, onSwitch = () => {} } = {}) {
  tables = words;
  changed = onSwitch;
  const wanted = [new URLSearchParams(location.search).get("lang"), ...(onAir ? [] : [stored(), browsers()]), PROGRAM];
  spoken = wanted.find((name) => Object.hasOwn(NAMES, name));
  for (const element of document.querySelectorAll("[data-language]")) element.addEventListener("click", switchLanguage);
  translate();
}

export const language = () => spoken;

/** The language that an address must name for a page on air to speak that of this page; "" if the program's is the same. */
export const languageOnAir = () => (spoken === PROGRAM ? "" : spoken);

export const word = (name, values) => named(tables, name, values);

/** A word of a group such as the reasons; a name that is not in the group is returned as it is. */
export const among = (group, name) => grouped(tables, group, name);

/** `word` and `among` for the words of a part that several pages have. */
export function lexicon(part) {
  const own = wordsOf(part);
  return { word: (name, values) => named(own, name, values), among: (group, name) => grouped(own, group, name) };
}

const named = (words, name, values) => (values ? filled(words[spoken][name] ?? name, values) : (words[spoken][name] ?? name));

const grouped = (words, group, name) => (Object.hasOwn(words[spoken][group] ?? {}, name) ? words[spoken][group][name] : name);

function switchLanguage() {
  spoken = OTHER[spoken];
  const address = new URL(location.href);
  address.searchParams.delete("lang"); // otherwise a reload would bring the other language back
  history.replaceState(null, "", address);
  try {
    localStorage.setItem(KEY, spoken);
  } catch {
    // a browser in OBS may have no storage: there the choice lasts until the page is loaded again
  }
  translate();
  changed();
}

function stored() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

const browsers = () => navigator.languages.map((name) => name.split("-")[0]).find((name) => Object.hasOwn(NAMES, name));

function translate() {
  document.documentElement.lang = spoken;
  for (const [place, put] of Object.entries(PLACES)) {
    for (const element of document.querySelectorAll(`[data-${place}]`)) put(element, word(element.dataset[place]));
  }
  for (const element of document.querySelectorAll("[data-language]")) {
    say(element, NAMES[OTHER[spoken]]);
    element.lang = OTHER[spoken];
  }
}
