// The overlay page: a fold over the changes that the node overlay.web sends (nodes/overlay/_state.py does the same fold).

import { say } from "/shared/dom.js";
import { link } from "/shared/link.js";
import { showLine } from "/shared/show.js";
import { speak, word, wordsOf } from "/shared/words.js";
import { startCaption } from "./caption.js";
import { startDesk } from "./desk.js";
import { fadeWhole } from "./fade.js";
import { startHost } from "./host.js";
import { answer, imageReady, imagesReady, line, nameChannels, several } from "./lines.js";
import { styleOf } from "./look.js";
import { withSample } from "./sample.js";

const query = new URLSearchParams(location.search);
const onAir = query.has("obs") || "obsstudio" in window;
const previewed = query.has("preview"); // on the page of the settings: silent, and not what viewers see
const counters = (window.__overlay = { opens: 0, lines: 0, answers: 0, caption: "", revealed: "", host: "" });
const root = document.documentElement;
const page = Object.fromEntries(
  [...document.querySelectorAll("[class^=aischoco-]")].map((element) => [element.className.slice(9), element]),
);

let shown = { title: "AIsChoco", max_lines: 50, fade_s: 600, lines: [], answers: [], caption: null, host: null, show: null };
let ahead = 0; // the server's clock minus ours, in seconds
const seconds = () => performance.now() / 1000;
const caption = startCaption({
  box: page.caption,
  said: page.said,
  rest: page.rest,
  told: (whole, revealed) => Object.assign(counters, { caption: whole, revealed }),
});
const host = startHost({
  box: page.host,
  name: page["host-name"],
  words: page["host-words"],
  wanted: query.get("host") !== "off",
  told: (whole) => (counters.host = whole),
});

// The look: the address of the page takes precedence over the settings of the node.

const upright = matchMedia("(max-aspect-ratio: 1/1)");

const chosen = (name, other) => (/^[a-z][a-z0-9-]{0,30}$/.test(query.get(name) || "") ? query.get(name) : other);

function layout() {
  const named = chosen("layout", shown.layout || "auto");
  return named === "auto" ? (upright.matches ? "vertical" : "wide") : named;
}

function dress() {
  root.className = [
    `theme-${chosen("theme", shown.theme || "default")}`,
    `layout-${layout()}`,
    onAir ? "is-on-air" : "is-desk",
    shown.streamer_hidden ? "is-without-streamer" : "",
  ].join(" ");
}
upright.addEventListener("change", dress);
for (const [property, value] of Object.entries(styleOf(query))) root.style.setProperty(property, value);

// The built-in avatar behind the lines, if the node has one to show.

let staged = null;
let invited = 0;

// A page of one part shows the avatar only where its address asks for it: another source shows her already.
const SINGLE = ["caption", "chat", "answer", "show"];

function invite() {
  const wanted = Boolean(shown.avatar) && chosen("avatar", SINGLE.includes(layout()) ? "off" : "on") !== "off";
  page.stage.hidden = !wanted;
  if (!wanted) return;
  if (staged) {
    dispatchEvent(new Event("resize")); // while hidden, it had no size
    return;
  }
  // a module that failed to load stays failed under its address for the life of the page
  staged = import(invited ? `/stage/stage.js?${invited}` : "/stage/stage.js").then(
    ({ startStage }) => startStage(page.stage),
    () => {
      staged = null;
      invited += 1;
      page.stage.hidden = true;
      setTimeout(invite, 3000);
    },
  );
}

// The line of the show, only where the address or the layout asks for it.

function about() {
  const wanted = layout() === "show" || chosen("show", "off") !== "off";
  showLine(page.show, wanted ? shown.show : null, seconds() + ahead);
}

// A list of elements, by id; an element that is still correct stays as it is.

function list(box, build, empty) {
  const known = new Map();

  function put(item, settled) {
    const id = String(item.id);
    const { processed, ...content } = item;
    const right = JSON.stringify(content);
    const before = known.get(id);
    let element = before;
    if (!before || before.content !== right) {
      element = build(item);
      element.dataset.id = id;
      element.content = right;
      element.ts = item.ts;
      element.classList.toggle("is-settled", settled || Boolean(before));
      if (before) before.replaceWith(element);
      else box.append(element);
      known.set(id, element);
      age(element);
    }
    element.classList.toggle("is-answered", Boolean(processed));
    return element;
  }

  function drop(id) {
    known.get(id)?.remove();
    known.delete(id);
  }

  return {
    put(item) {
      if (empty(item)) drop(String(item.id));
      else put(item, false);
      while (known.size > shown.max_lines) drop(known.keys().next().value);
    },
    all(items) {
      const wanted = items.filter((item) => !empty(item));
      const ids = new Set(wanted.map((item) => String(item.id)));
      for (const id of [...known.keys()]) if (!ids.has(id)) drop(id);
      wanted.forEach((item, index) => {
        const element = put(item, true);
        if (box.children[index] !== element) box.insertBefore(element, box.children[index] || null);
      });
      const order = wanted.map((item) => [String(item.id), known.get(String(item.id))]);
      known.clear();
      for (const [id, element] of order) known.set(id, element);
    },
    mark(ids) {
      for (const id of ids) known.get(String(id))?.classList.add("is-answered");
    },
    age() {
      known.forEach(age);
    },
    get size() {
      return known.size;
    },
  };
}

function age(element) {
  element.classList.toggle("is-faded", seconds() + ahead - element.ts > shown.fade_s);
}

fadeWhole(page.chat);
fadeWhole(page.answers);
const lines = list(page.chat, line, () => false);
const answers = list(page.answers, (item) => answer(item, shown.title), (item) => !item.sentences.length);

function count() {
  counters.lines = lines.size;
  counters.answers = answers.size;
  page.chat.classList.toggle("is-of-several", several(shown.lines));
}

setInterval(() => {
  lines.age();
  answers.age();
  about();
}, 1000);

// What the server sends.

const left = (spoken) => (spoken ? spoken.until - (seconds() + ahead) : 0); // seconds that it is still shown

function put(items, item) {
  const next = items.some((old) => old.id === item.id)
    ? items.map((old) => (old.id === item.id ? item : old))
    : [...items, item];
  return next.slice(-shown.max_lines);
}

function all() {
  lines.all(shown.lines);
  answers.all(shown.answers);
}

// Builds every element again, even those whose content is the same.
function renew() {
  lines.all([]);
  answers.all([]);
  all();
}

const CHANGES = {
  hello(change) {
    const names = ({ title, channels }) => JSON.stringify([title, channels]); // the lines show them
    const renamed = names(change) !== names(shown);
    shown = previewed ? withSample(change, word) : change;
    page.title.textContent = change.title;
    name();
    imagesReady(change.images);
    nameChannels(change.channels ?? {});
    dress();
    invite();
    if (renamed) renew();
    else all();
    caption(shown.caption);
    host(shown.host, left(shown.host));
    about();
  },
  line(change) {
    shown.lines = put(shown.lines, change.line);
    lines.put(change.line);
  },
  withdraw(change) {
    shown.lines = shown.lines.filter((item) => !change.ids.includes(item.id));
    shown.answers = shown.answers.map((item) => ({
      ...item,
      to: item.to.filter((one) => !change.ids.includes(one.id)),
    }));
    all();
  },
  answered(change) {
    shown.lines = shown.lines.map((item) => (change.ids.includes(item.id) ? { ...item, processed: true } : item));
    lines.mark(change.ids);
  },
  answer(change) {
    shown.answers = put(shown.answers, change.answer);
    answers.put(change.answer);
  },
  caption(change) {
    caption((shown.caption = change.caption));
  },
  host(change) {
    host((shown.host = change.host), left(change.host));
  },
  show(change) {
    shown.show = change.show;
    about();
  },
  clear() {
    shown.lines = [];
    shown.answers = [];
    all();
  },
  restore(change) {
    shown.lines = change.lines;
    shown.answers = change.answers;
    all();
  },
  streamer(change) {
    shown.streamer_hidden = change.hidden;
    dress();
  },
  image(change) {
    imageReady(change.id);
  },
};

const SPEECHLESS_MS = 4000; // a caption whose voice can no longer be followed goes away after this
let speechless = 0;

function linked(up) {
  page.link.classList.toggle("is-up", up);
  say(page.link, word(up ? "up" : "down"));
}

function follow() {
  const tell = link("/ws/overlay", {
    onUp() {
      if (onAir && !previewed) tell({ on_air: true });
      counters.opens += 1;
      clearTimeout(speechless);
      speechless = 0;
      linked(true);
    },
    onDown() {
      linked(false);
      if (!speechless) speechless = setTimeout(() => caption(null), SPEECHLESS_MS);
    },
    onMessage(change) {
      ahead = change.now - seconds();
      if (shown.sampled && ["line", "answer"].includes(change.type)) {
        shown.sampled = false; // what is real takes the place of the sample
        CHANGES.clear();
      }
      CHANGES[change.type]?.(change);
      count();
    },
  });
}

let desk = null; // what only a person at the desk has

// Several pages are open side by side at the desk.
function name() {
  document.title = onAir ? shown.title : `${word("pageName")} · ${shown.title}`;
}

function spoken() {
  name();
  desk?.spoken();
  page.chat.dataset.empty = word("noChat");
  page.answers.dataset.empty = word("noAnswers");
  linked(page.link.classList.contains("is-up"));
  about();
  renew();
}

speak(wordsOf("overlay"), { onAir, onSwitch: spoken });
spoken();
dress();
if (!onAir) desk = startDesk(page);
follow();

// The voice comes from its own module; without it the page still shows everything.
function listen(tries = 0) {
  const onState = (state) => (page.sound.hidden = onAir || state !== "suspended");
  import(tries ? `./sound.js?${tries}` : "./sound.js").then(
    ({ startSound }) => startSound({ onState }),
    (error) => {
      console.warn("no sound on this page yet:", error);
      setTimeout(listen, 5000, tries + 1);
    },
  );
}
if (!previewed) listen();
