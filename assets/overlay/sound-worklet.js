// Jitter-buffered player of mono PCM. In: Float32Array at the stream's rate, or {cmd: "begin", number,
// prebufferMs} | {cmd: "end" | "clear"}.
// Out, about every 25 ms and at each end: {number, played, queued, underruns, rms}; frames count at the stream's rate.
// Where sound breaks off (a cut, a gap), the last sample fades out within 5 ms, so that nothing clicks.
const FADE_S = 0.005;

class Voice extends AudioWorkletProcessor {
  constructor(options) {
    super();
    this.rate = options.processorOptions.rate;
    this.step = this.rate / sampleRate; // 1 if the context could be opened at the stream's rate
    this.prebuffer = 0;
    this.reportEvery = Math.round(sampleRate * 0.025);
    this.since = 0;
    this.square = 0;
    this.number = 0;
    this.fadeLength = Math.round(sampleRate * FADE_S);
    this.left = 0; // samples of the fade still to come
    this.last = 0;
    this.clear();
    this.port.onmessage = ({ data }) => this.take(data);
  }

  clear() {
    this.pieces = [];
    this.offset = 0; // position of the next sample in pieces[0]; may be fractional
    this.queued = 0;
    this.played = 0;
    this.underruns = 0;
    this.playing = false;
    this.ended = true;
  }

  take(data) {
    if (data instanceof Float32Array) {
      this.pieces.push(data);
      this.queued += data.length;
      this.ended = false;
    } else if (data.cmd === "end") {
      this.ended = true;
    } else {
      this.clear();
      this.number = data.number || 0;
      this.prebuffer = Math.round((this.rate * (data.prebufferMs || 0)) / 1000);
    }
  }

  next() {
    const head = this.pieces[0];
    const at = Math.floor(this.offset);
    const part = this.offset - at;
    let value = head[at];
    if (part > 0) {
      const after = at + 1 < head.length ? head[at + 1] : this.pieces.length > 1 ? this.pieces[1][0] : value;
      value += (after - value) * part;
    }
    this.offset += this.step;
    while (this.pieces.length && this.offset >= this.pieces[0].length) {
      const length = this.pieces.shift().length;
      this.offset -= length;
      this.queued -= length;
      this.played += length;
    }
    if (!this.pieces.length) this.offset = 0;
    return value;
  }

  process(_, outputs) {
    const out = outputs[0][0];
    let count = 0;
    if (!this.playing && this.queued > 0 && (this.ended || this.queued >= this.prebuffer)) this.playing = true;
    const played = this.playing;
    while (this.playing && count < out.length && this.pieces.length) {
      const value = this.next();
      out[count++] = value;
      this.square += value * value;
    }
    if (count) {
      this.last = out[count - 1];
      this.left = this.fadeLength;
    }
    for (let i = count; i < out.length && this.left > 0; i++) out[i] = (this.last * --this.left) / this.fadeLength;
    if (this.playing && !this.pieces.length) {
      this.playing = false;
      if (!this.ended) this.underruns++;
    }
    this.since += out.length;
    if (this.since >= this.reportEvery || (played && !this.playing)) {
      this.port.postMessage({
        number: this.number,
        played: this.played + Math.floor(this.offset),
        queued: this.queued - Math.floor(this.offset),
        underruns: this.underruns,
        rms: Math.sqrt(this.square / this.since),
      });
      this.since = 0;
      this.square = 0;
    }
    return true;
  }
}

registerProcessor("voice", Voice);
