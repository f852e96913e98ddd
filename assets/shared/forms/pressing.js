// What is drawn anew or moves between the press and the release of a button loses the click: it waits until nothing is
// pressed. A person who has typed into a field presses the next thing, and with that the field is left and drawn again.

const waiting = new Set();
let pressed = false;

/** Call `draw` at once, or as soon as nothing is pressed, then once however often it was asked for. */
export function unpressed(draw) {
  if (pressed) waiting.add(draw);
  else draw();
}

function release() {
  if (!pressed) return;
  pressed = false;
  const draws = [...waiting];
  waiting.clear();
  for (const draw of draws) draw();
}

// A field that was changed is left for the next one: what is drawn before the focus is there would lose it. The list of a
// select takes the release for itself.
function moveOn({ target }) {
  if (pressed && target.tagName !== "SELECT") return;
  press();
  later();
}

const press = () => (pressed = true);
const later = () => setTimeout(release); // the click comes after the release

addEventListener("mousedown", press, true);
addEventListener("keydown", ({ key }) => key === " " && press(), true);
for (const name of ["mouseup", "dragend", "keyup"]) addEventListener(name, later, true);
addEventListener("change", moveOn, true);
addEventListener("mousemove", ({ buttons }) => buttons || release(), true); // it was released outside of the window
addEventListener("blur", later); // of the window
