// Which line a pointer means, where several run side by side and the reach of one covers the others.

const STEP = 6; // between two points of a line that are measured, in units of the drawing

/** The key of the line that runs nearest to a point of the screen, among those whose reach covers it; "" if none does. */
export function nearest(drawing, { clientX, clientY }) {
  const under = document.elementsFromPoint(clientX, clientY).filter((element) => element.classList.contains("reach"));
  if (under.length < 2) return under[0]?.parentNode.dataset.edge ?? "";
  const at = new DOMPoint(clientX, clientY).matrixTransform(drawing.getScreenCTM().inverse());
  const far = under.map((path) => [distance(path, at), path.parentNode.dataset.edge]);
  return far.reduce((best, one) => (one[0] < best[0] ? one : best))[1];
}

function distance(path, { x, y }) {
  const length = path.getTotalLength();
  let best = Infinity;
  for (let along = 0; along <= length; along += STEP) {
    const point = path.getPointAtLength(along);
    best = Math.min(best, Math.hypot(point.x - x, point.y - y));
  }
  return best;
}
