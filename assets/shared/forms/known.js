// What the page knows: what can be set, what the graph's file says, and what a person has changed and not saved yet.

export const known = {
  types: null, // what GET /api/settings/types answered
  graph: null, // what GET /api/settings/graph answered
  show: null, // what GET /api/graph answered
  variables: {}, // variable -> where it is set: "process", "file", "keyring" or ""
  card: "",
  find: "",
  pending: new Map(), // key of a field -> {field, value, was}; value undefined: back to the default
  errors: new Map(), // key of a field -> what is wrong with the value that was given, in words
  clashes: new Map(), // key of a field -> the value that somebody else has saved meanwhile
};

export const keyOf = (node, name) => `${node} ${name}`;

/** The path of a field in the graph's file. */
export const pathOf = ({ node, spec }) => (node ? ["nodes", node, spec.name] : [spec.name]);

/** All settings of the graph's file: {key, node, type, spec, written}, in the order of the file. */
export function allFields() {
  const { types, graph } = known;
  if (!types || !graph?.nodes) return [];
  const own = types.graph.map((spec) => field("", "", spec, graph.graph[spec.name]));
  const ofNode = ({ name, type, settings }) =>
    (types.types[type]?.settings ?? []).map((spec) => field(name, type, spec, settings[spec.name]));
  return [...own, ...graph.nodes.flatMap(ofNode)];
}

const field = (node, type, spec, written) => ({ key: keyOf(node, spec.name), node, type, spec, written });

/** What a field holds as the person sees it: what was changed here, else what the file says, else the default. */
export function valueOf({ key, spec, written }) {
  if (known.pending.has(key)) {
    const { value } = known.pending.get(key);
    return value === undefined ? spec.default : value;
  }
  return written && "value" in written ? written.value : spec.default;
}

/** A change of a field as the program takes it; without a value its default holds again. */
export const edit = ({ field, value }) => (value === undefined ? { op: "unset", path: pathOf(field) } : { op: "set", path: pathOf(field), value });

export const same = (one, other) => JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
