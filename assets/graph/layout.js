// Where nodes and edges go: laid out by dagre, downwards or to the right, whichever can be shown larger.

export const NODE = { width: 182, height: 50 };
const MARGIN = 14;
const LANE = 11; // between the lines of feedback edges
const CORNER = 9;
// beside a line that goes down, astride one that goes to the right
const LABEL = { TB: { width: 104, height: 28, labelpos: "r", labeloffset: 8 }, LR: { width: 104, height: 30, labelpos: "c" } };

export const ENOUGH = 0.75; // at this scale and above the smallest letters can be read

/** `height` of a node with more ports than its usual height has room for. */
export function layout(nodes, edges, room, height = () => NODE.height) {
  const best = (drawings) => drawings.reduce((one, other) => (fit(other, room) > fit(one, room) ? other : one));
  const roomy = best(["TB", "LR"].map((direction) => drawing(nodes, edges, direction, true, height)));
  if (fit(roomy, room) >= ENOUGH) return roomy;
  return best([roomy, ...["TB", "LR"].map((direction) => drawing(nodes, edges, direction, false, height))]);
}

// Without places for labels the drawing is smaller; each label shows only when it has something to say.
function drawing(nodes, edges, direction, labels, height) {
  const sizes = nodes.map(({ name }) => ({ name, width: NODE.width, height: direction === "LR" ? height(name) : NODE.height }));
  const bare = placed(sizes, edges, direction, new Set(), labels ? LABEL[direction].height : 0);
  if (!labels) return withFeedback(bare, edges, direction);
  const labelled = new Set(edges.filter((edge) => near(bare, edge)).map((edge) => edge.key));
  return withFeedback(placed(sizes, edges, direction, labelled, LABEL[direction].height), edges, direction);
}

export const fit = (drawn, room) => Math.min(room.width / drawn.width, room.height / drawn.height);

// A label gets a place of its own where an edge leads to the next rank. Elsewhere it would push the boxes far apart.
// dagre counts two ranks from box to box where edges have labels.
const near = (bare, edge) => !edge.feedback && bare.nodes[edge.target].rank - bare.nodes[edge.source].rank <= 2;

function placed(nodes, edges, direction, labelled, gap) {
  const graph = new window.dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: direction, nodesep: 22, edgesep: 12, ranksep: direction === "TB" ? 24 : 34 });
  for (const { name, width, height } of nodes) graph.setNode(name, { width, height });
  for (const edge of edges.filter((each) => !each.feedback)) {
    const label = labelled.has(edge.key) ? LABEL[direction] : { width: 0, height: gap, labelpos: "c" };
    graph.setEdge(edge.source, edge.target, { ...label }, edge.key);
  }
  window.dagre.layout(graph);
  const at = {};
  for (const name of graph.nodes()) at[name] = graph.node(name);
  const paths = {};
  const corners = Object.values(at).flatMap(({ x, y, width, height }) => [{ x: x - width / 2, y: y - height / 2 }, { x: x + width / 2, y: y + height / 2 }]);
  for (const end of graph.edges()) {
    const { points, ...given } = graph.edge(end);
    const { x, y } = given.x === undefined ? halfway(points) : given; // dagre places only labels that have a width
    const own = labelled.has(end.name);
    corners.push(...points, ...(own ? [{ x: x - LABEL.TB.width / 2, y: y - LABEL.TB.height / 2 }, { x: x + LABEL.TB.width / 2, y: y + LABEL.TB.height / 2 }] : []));
    const beside = { x: own ? x - LABEL.TB.width / 2 : x + 7, y, anchor: "start" };
    const label = direction === "TB" ? beside : { x, y: y - 2, anchor: "middle" };
    paths[end.name] = { d: curve(points), head: arrow(points), label: { ...label, own } };
  }
  return { ...bounds(corners), direction, nodes: at, edges: paths };
}

// dagre's own size does not include lines that go around boxes.
function bounds(corners) {
  const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)];
  const [left, top] = [Math.min(...xs) - MARGIN, Math.min(...ys) - MARGIN];
  return { left, top, width: Math.max(...xs) + MARGIN - left, height: Math.max(...ys) + MARGIN - top };
}

// Feedback edges close cycles: laid out with the rest, they would turn the graph upside down. They go around the side,
// all edges from one output in one lane, the short ones innermost.
function withFeedback(drawn, edges, direction) {
  const lanes = new Map();
  for (const edge of edges.filter((each) => each.feedback)) {
    const key = `${edge.source}.${edge.output}`;
    lanes.set(key, [...(lanes.get(key) ?? []), edge]);
  }
  const flat = direction === "LR";
  const along = (name) => (flat ? drawn.nodes[name].x : drawn.nodes[name].y);
  const reach = (lane) => Math.max(...lane.map((edge) => Math.abs(along(edge.source) - along(edge.target))));
  const sorted = [...lanes.values()].sort((a, b) => reach(a) - reach(b));
  sorted.forEach((lane, number) => {
    const out = (flat ? drawn.top + drawn.height : drawn.left + drawn.width) + number * LANE;
    for (const edge of lane) drawn.edges[edge.key] = around(drawn.nodes[edge.source], drawn.nodes[edge.target], out, flat, number);
  });
  const more = sorted.length ? sorted.length * LANE + MARGIN : 0;
  return { ...drawn, width: drawn.width + (flat ? 0 : more), height: drawn.height + (flat ? more : 0) };
}

function around(source, target, out, flat, number) {
  const shift = ((number % 5) - 2) * 5; // so that lines at the same box are kept apart
  const points = flat
    ? [side(source, shift, flat), { x: source.x + shift, y: out }, { x: target.x - shift, y: out }, side(target, -shift, flat)]
    : [side(source, shift, flat), { x: out, y: source.y + shift }, { x: out, y: target.y - shift }, side(target, -shift, flat)];
  const tip = points[3];
  return { d: rounded(points), head: arrow(points), label: { x: tip.x + 12, y: tip.y - 4, anchor: "start", own: false } };
}

const side = (node, shift, flat) => (flat ? { x: node.x + shift, y: node.y + node.height / 2 } : { x: node.x + node.width / 2, y: node.y + shift });

// A smooth line through the midpoints of the segments.
function curve(points) {
  const parts = [`M${place(points[0])}`];
  for (let i = 1; i < points.length - 1; i++) {
    const end = i === points.length - 2 ? points[i + 1] : middle(points[i], points[i + 1]);
    parts.push(`Q${place(points[i])} ${place(end)}`);
  }
  if (points.length === 2) parts.push(`L${place(points[1])}`);
  return parts.join("");
}

function rounded(points) {
  const parts = [`M${place(points[0])}`];
  for (let i = 1; i < points.length - 1; i++) {
    parts.push(`L${place(towards(points[i], points[i - 1]))}`, `Q${place(points[i])} ${place(towards(points[i], points[i + 1]))}`);
  }
  return [...parts, `L${place(points.at(-1))}`].join("");
}

function towards(from, to) {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const part = Math.min(CORNER, length / 2) / length;
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}

function arrow(points) {
  const [before, tip] = points.slice(-2);
  const length = Math.hypot(tip.x - before.x, tip.y - before.y) || 1;
  const [x, y] = [(tip.x - before.x) / length, (tip.y - before.y) / length];
  const wing = (sign) => place({ x: tip.x - 8 * x - sign * 4 * y, y: tip.y - 8 * y + sign * 4 * x });
  return `M${place(tip)}L${wing(1)}L${wing(-1)}Z`;
}

const place = ({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`;

function halfway(points) {
  const at = Math.ceil(points.length / 2);
  return middle(points[at - 1], points[Math.min(at, points.length - 1)]);
}

const middle = (a, b) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
