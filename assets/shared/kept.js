// What a page keeps in the browser, for itself alone.

/** Return what was kept under a name; null if nothing was, or the browser keeps nothing. */
export function kept(name) {
  try {
    return JSON.parse(localStorage.getItem(`aischoco.${name}`));
  } catch {
    return null;
  }
}

export function keep(name, value) {
  try {
    localStorage.setItem(`aischoco.${name}`, JSON.stringify(value));
  } catch {
    // a browser that keeps nothing forgets it with the page
  }
}
