// An address of this program that a person copies.

import { copy } from "/shared/copy.js";
import { html } from "/shared/dom.js";
import { word } from "/shared/words.js";

/** A row with the address of `path()`, a button that copies it and `more`; `described` is the id of what names it. */
export function addressRow(path, { label, described, more = null }) {
  const address = () => `${location.origin}${path()}`;
  const shown = html("input", { readonly: true, value: address(), "aria-label": label });
  const press = ({ target }) => copy(target, address(), () => shown.select());
  return html("div", { class: "row address" }, shown, html("button", { type: "button", class: "plain", "data-text": "copy", "aria-describedby": described, onclick: press }, word("copy")), more);
}
