// A button that copies a text.

import { say } from "./dom.js";
import { word } from "./words.js";

const COPIED_MS = 1500;
const running = new WeakMap(); // button -> timer

/**
 * Copy a text; the button says so for a moment, with the word "copied", and then shows its own word again, which it
 * names in data-text. A page opened from another computer may not write to the clipboard: there `shown` gets the text,
 * for a person to select and copy.
 *
 * @param {(name: string) => string} words where the two words are; those of the page
 */
export async function copy(button, text, shown, words = word) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    shown(text);
    return;
  }
  say(button, words("copied"));
  clearTimeout(running.get(button));
  running.set(button, setTimeout(() => say(button, words(button.dataset.text)), COPIED_MS));
}
