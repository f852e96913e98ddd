// The voice in the page: PCM over /ws/sound into an AudioWorklet. Runs in Chromium 103 (OBS 29).

import { link } from "/shared/link.js";

/**
 * Connect and play what the server sends. It sends sound to one page only.
 *
 * window.__sound = {state, played, sent, underruns, rms, maxRms} shows the status: state is "connecting" before the
 * first message, then the AudioContext's; played and sent count frames at the stream's rate since the page was loaded.
 *
 * @param {{onState?: (state: string) => void}} options onState is given each new state; anything but "running" means
 *   that a click is needed (outside OBS).
 */
export function startSound({ onState = () => {} } = {}) {
  const sound = { state: "connecting", played: 0, sent: 0, underruns: 0, rms: 0, maxRms: 0 };
  window.__sound = sound;
  let tell = () => {};
  let voice = null; // {context, node, gain}
  let opening = null;
  let number = 0; // number of the server's take-over being played
  let before = 0; // frames played in earlier take-overs
  let current = 0; // frames played in the current one

  function showState() {
    const state = voice ? voice.context.state : "suspended";
    if (state !== sound.state) {
      sound.state = state;
      onState(state);
    }
    tell({ type: "state", running: state === "running", rate: voice ? voice.context.sampleRate : 0 });
  }

  const resume = () => {
    if (voice && voice.context.state === "suspended") voice.context.resume().catch(() => {});
  };

  async function open({ rate }) {
    let context;
    try {
      context = new AudioContext({ sampleRate: rate, latencyHint: "interactive" });
    } catch {
      context = new AudioContext();
    }
    try {
      await context.audioWorklet.addModule(new URL("./sound-worklet.js", import.meta.url));
    } catch (error) {
      context.close(); // a browser allows only a few, and the next try opens another one
      throw error;
    }
    const node = new AudioWorkletNode(context, "voice", {
      numberOfInputs: 0,
      outputChannelCount: [1],
      processorOptions: { rate },
    });
    const gain = context.createGain();
    node.connect(gain).connect(context.destination);
    node.port.onmessage = ({ data }) => report(data, context, rate);
    context.onstatechange = showState;
    voice = { context, node, gain };
    resume();
  }

  function report({ number: of, played, queued, underruns, rms }, context, rate) {
    if (of !== number) return;
    const latency = queued > 0 ? (context.outputLatency || context.baseLatency || 0) * rate : 0;
    const heard = Math.max(current, Math.floor(played - latency));
    sound.rms = rms;
    sound.maxRms = Math.max(sound.maxRms, rms);
    sound.underruns = underruns;
    if (heard !== current || queued > 0) {
      current = heard;
      sound.played = before + heard;
      tell({ type: "played", number, frames: heard, underruns, rms });
    }
  }

  function play(message) {
    if (message instanceof ArrayBuffer) {
      const pcm = new Int16Array(message);
      const samples = new Float32Array(pcm.length);
      for (let i = 0; i < pcm.length; i++) samples[i] = pcm[i] / 32767;
      sound.sent += samples.length;
      voice.node.port.postMessage(samples, [samples.buffer]);
    } else if (message.type === "begin") {
      before += current;
      current = 0;
      number = message.number;
      voice.gain.gain.value = message.gain;
      voice.node.port.postMessage({ cmd: "begin", number, prebufferMs: message.prebuffer_ms });
    } else if (message.type === "gain") {
      voice.gain.gain.setTargetAtTime(message.gain, voice.context.currentTime, 0.005);
    } else {
      voice.node.port.postMessage({ cmd: message.type });
    }
  }

  function take(message) {
    if (message.type === "config") {
      opening = opening || open(message);
      opening.then(showState, (error) => {
        opening = null;
        sound.state = "failed";
        onState("failed");
        console.error("sound:", error);
      });
    } else if (voice) play(message);
  }

  addEventListener("pointerdown", resume);
  addEventListener("keydown", resume);
  tell = link("/ws/sound", {
    onDown() {
      if (voice) voice.node.port.postMessage({ cmd: "clear" });
    },
    onMessage: take,
  });
}
