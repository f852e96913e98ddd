// What is drawn anew or moves between the press and the release of a button loses the click: it waits until nothing is
// pressed. A person who has typed into a field presses the next thing, and with that the field is left and drawn again.

const waiting = new Set();
let pressed = ""; // by what: "mouse", "key", or "field" that was left
let timer = 0;

/** Call `draw` at once, or as soon as nothing is pressed, then once however often it was asked for. */
export function unpressed(draw) {
  if (pressed) waiting.add(draw);
  else draw();
}

function press(by) {
  clearTimeout(timer); // a release before it is no release of this press
  timer = 0;
  pressed = by;
}

function release() {
  timer = 0;
  pressed = "";
  const draws = [...waiting];
  waiting.clear();
  for (const draw of draws) draw();
}

function later() {
  if (pressed && !timer) timer = setTimeout(release); // the click comes after the release
}

// A field that was changed is left for the next one: what is drawn before the focus is there would lose it. The list of a
// select takes the release for itself.
function moveOn({ target }) {
  if (pressed && target.tagName !== "SELECT") return;
  press("field");
  later();
}

addEventListener("mousedown", () => press("mouse"), true);
addEventListener("keydown", ({ key }) => key === " " && press("key"), true);
for (const name of ["mouseup", "dragend", "keyup"]) addEventListener(name, later, true);
addEventListener("change", moveOn, true);
// it was released outside of the window; a browser also tells of a mouse at rest under which something has moved
addEventListener("mousemove", ({ buttons }) => pressed === "mouse" && !buttons && later(), true);
addEventListener("blur", later); // of the window
