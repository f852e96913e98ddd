// What the dock knows: what the program sent last. Every part of the page shows some of it.

const NOTHING = { paused: false, approving: false, muted: false, turns: [], held: [], sayings: [], past: [], emotions: [], show: null };

export const known = {
  state: NOTHING, // of the node overlay.dock (nodes/overlay/_dock_state.py)
  graph: null, // GET /api/graph
  turns: [], // GET /api/turns
  reload: null, // GET /api/reload
  stopped: [], // GET /api/stopped
  chat: null, // GET /api/moderate, where the graph has a chat.moderate
  mic: null, // what it hears, where the graph has a microphone
  screen: null, // GET /api/screen, where the graph has an overlay
  ahead: 0, // the program's clock minus ours, in seconds
  graphs: null, // GET /api/graphs
  title: "", // the name of the character
  channels: {}, // channel id -> its name
  up: false, // whether the dock's own connection stands
};

/** Seconds since the run started. */
export const now = () => performance.now() / 1000 + known.ahead;

/** The turn that speaks, else the one that an answer is being made for. */
export const current = () => known.state.turns.find((turn) => turn.speaking) ?? known.state.turns[0];

/** What the engine says about the turn with this id, if anything. */
export const reportOf = (id) => known.turns.find((turn) => turn.id === id);
