// The link to the program: a WebSocket that is opened again whenever it is lost.

const SOONEST_MS = 250;
const LATEST_MS = 5000;

/**
 * Keep a WebSocket to `path` open. The pause before each new try doubles, with jitter, so that many pages do not come
 * back at the same moment.
 *
 * @param {{onUp?: () => void, onDown?: () => void, onMessage: (message: any) => void}} on onMessage gets an object for
 *   text, and an ArrayBuffer for bytes. onDown is also called after each failed try.
 * @returns {(message: object) => void} sends a message; does nothing while the link is down
 */
export function link(path, { onUp = () => {}, onDown = () => {}, onMessage }) {
  let socket = null;
  let pause = SOONEST_MS;

  function connect() {
    socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      pause = SOONEST_MS;
      onUp();
    };
    socket.onmessage = ({ data }) => onMessage(typeof data === "string" ? JSON.parse(data) : data);
    socket.onclose = () => {
      setTimeout(connect, pause * (0.75 + Math.random() / 2));
      pause = Math.min(pause * 2, LATEST_MS);
      onDown();
    };
  }

  connect();
  return (message) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  };
}
