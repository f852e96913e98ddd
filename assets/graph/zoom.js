// A drawing that fits its room, and can be made smaller and larger.

import { set } from "/shared/dom.js";
import { ENOUGH, fit } from "./layout.js";

const LEAST = 0.45; // below this nothing can be read: the picture scrolls instead
const NARROW = matchMedia("(max-width: 900px)"); // there it has little room, and scrolls rather than shrink
const LARGEST = 1.35;

export function zooming(drawing, scroll) {
  let drawn = null;
  let zoom = 1;

  const room = () => ({ width: Math.max(200, scroll.clientWidth - 4), height: Math.max(200, scroll.clientHeight - 4) });
  const base = () => Math.min(LARGEST, Math.max(NARROW.matches ? ENOUGH : LEAST, fit(drawn, room())));

  function resize() {
    if (!drawn) return;
    const scale = base() * zoom;
    set(drawing, "width", Math.round(drawn.width * scale));
    set(drawing, "height", Math.round(drawn.height * scale));
  }

  /** Show what layout() returned. */
  function show(next) {
    drawn = next;
    set(drawing, "viewBox", `${drawn.left} ${drawn.top} ${drawn.width} ${drawn.height}`);
    resize();
  }

  /** Make it larger by this factor; null: as large as it fits. */
  function by(factor) {
    if (!drawn) return;
    zoom = factor === null ? fit(drawn, room()) / base() : Math.min(3, Math.max(0.5, zoom * factor));
    resize();
  }

  /** Scroll, the picture alone, until an element of it can be seen. */
  function reveal(element) {
    const [box, room] = [element.getBoundingClientRect(), scroll.getBoundingClientRect()];
    scroll.scrollBy(beyond(box.left, box.right, room.left, room.right), beyond(box.top, box.bottom, room.top, room.bottom));
  }

  return { room, resize, show, by, reveal };
}

const EDGE = 24;

// How far something that goes from `from` to `to` is beyond a room that goes from `least` to `most`.
const beyond = (from, to, least, most) => (from < least ? from - least - EDGE : to > most ? to - most + EDGE : 0);
