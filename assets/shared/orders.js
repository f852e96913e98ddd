// Questions and orders to the program, as JSON. Both carry the token of the page; a restarted program has a new one,
// which is fetched without reloading the page.
//
// Both give {status, ok, answer}: answer is what the program said, {error} if it refused; status is 0 if it did not
// answer in time.

import { languageOnAir } from "./words.js";

const ASK_MS = 4000; // a program that hangs neither answers nor closes the connection
const ORDER_MS = 8000;

let token = tokenIn(document);

function tokenIn(page) {
  return page.querySelector("meta[name=aischoco-token]")?.content ?? "";
}

const request = (path, most, options) =>
  fetch(path, { ...options, cache: "no-store", signal: AbortSignal.timeout(most) });

async function settled(work) {
  try {
    const reply = await work();
    return { status: reply.status, ok: reply.ok, answer: await reply.json() };
  } catch {
    return { status: 0, ok: false, answer: {} };
  }
}

// The program answers in its own language where an address names none.
function inLanguage(path) {
  const other = languageOnAir();
  return other ? `${path}${path.includes("?") ? "&" : "?"}lang=${other}` : path;
}

export const ask = (path) =>
  settled(async () => {
    const read = () => request(inLanguage(path), ASK_MS, { headers: token ? { "X-Token": token } : {} });
    const reply = await read();
    return reply.status === 403 && token && (await renew()) ? read() : reply;
  });

export const order = (path, body = {}, most = ORDER_MS) =>
  settled(async () => {
    const address = inLanguage(path);
    const reply = await send(address, body, most);
    return reply.status === 403 && (await renew()) ? send(address, body, most) : reply;
  });

const send = (path, body, most) =>
  request(path, most, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Token": token },
    body: JSON.stringify(body),
  });

// Whether the program has a different token by now.
async function renew() {
  const text = await (await request(location.pathname, ORDER_MS)).text();
  const found = tokenIn(new DOMParser().parseFromString(text, "text/html"));
  if (!found || found === token) return false;
  token = found;
  return true;
}

/** Repeat `work` with a pause in between, which is longer while nobody sees the page. */
export async function again(work, pause, unseen = pause) {
  for (;;) {
    await work();
    await new Promise((done) => setTimeout(done, document.hidden ? unseen : pause));
  }
}
