// Plays a sound that the program made, in this browser.

let context = null;
let source = null;

/** Get ready while a person presses a button: a browser lets a page sound only then. */
export function ready() {
  context ??= new AudioContext();
  context.resume();
}

/** Play a WAV that came as base64; resolves when it is over. */
export async function played(base64) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const buffer = await context.decodeAudioData(bytes.buffer);
  silence();
  const mine = (source = new AudioBufferSourceNode(context, { buffer }));
  mine.connect(context.destination);
  mine.start();
  await new Promise((over) => mine.addEventListener("ended", over));
}

export function silence() {
  source?.stop();
  source = null;
}
