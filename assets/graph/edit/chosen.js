// What a person has chosen in the draft, and the end from which a connection is being drawn.

export const at = {
  node: "",
  wire: "", // key of a connection
  end: null, // {node, port, side}: the other end is looked for
  sheet: "node", // "node", "add" or "text"
};

let drawn = () => {};

export const whenChosen = (draw) => (drawn = draw);

/** Choose {node} or {wire}; whatever was being connected is left. */
export function choose({ node = "", wire = "", sheet = "node" }) {
  Object.assign(at, { node, wire, sheet, end: null });
  drawn();
}

/** Begin to connect at an end; null ends it. */
export function connectFrom(end) {
  at.end = end;
  if (end) Object.assign(at, { node: end.node, wire: "", sheet: "node" });
  drawn();
}
