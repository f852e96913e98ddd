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

const press = () => (pressed = true);
const later = () => setTimeout(release); // the click comes after the release

addEventListener("mousedown", press, true);
addEventListener("keydown", ({ key }) => key === " " && press(), true);
for (const name of ["mouseup", "dragend", "keyup"]) addEventListener(name, later, true);
addEventListener("change", ({ target }) => target.tagName === "SELECT" && later(), true); // its list takes the release
addEventListener("mousemove", ({ buttons }) => buttons || release(), true); // it was released outside of the window
addEventListener("blur", later); // of the window
