// The caption: between two reports it moves on at the pace of the voice, and never goes back.

const GUESS = 7; // characters a second, until the second report
const BLIND_S = 0.6; // how far it goes without a report
const LENGTHS = { "is-long": 46, "is-longer": 90, "is-longest": 150 };
const seconds = () => performance.now() / 1000;

/** @param {{box: Element, said: Element, rest: Element, told: (whole: string, revealed: string) => void}} places */
export function startCaption({ box, said, rest, told }) {
  let voice = null; // {key, signs, fraction, at, pace, shown, ended}
  let drawing = 0;

  function draw() {
    drawing = 0;
    if (!voice) return;
    const blind = Math.min(seconds() - voice.at, BLIND_S);
    const fraction = voice.ended ? 1 : Math.min(1, voice.fraction + voice.pace * blind);
    const count = Math.max(voice.shown, Math.ceil(fraction * voice.signs.length));
    if (count !== voice.shown) {
      voice.shown = count;
      said.textContent = voice.signs.slice(0, count).join("");
      rest.textContent = voice.signs.slice(count).join("");
      told(voice.text, said.textContent);
    }
    if (!voice.ended) drawing = requestAnimationFrame(draw);
  }

  return (now) => {
    box.classList.toggle("is-gone", !now);
    if (!now) {
      voice = null;
      told("", said.textContent);
      return;
    }
    const key = `${now.turn}/${now.sentence}/${now.text}`;
    const at = seconds();
    if (!voice || voice.key !== key) {
      const signs = [...now.text];
      for (const [name, length] of Object.entries(LENGTHS)) box.classList.toggle(name, signs.length > length);
      voice = { key, text: now.text, signs, fraction: now.fraction, at, pace: GUESS / signs.length, shown: -1 };
    } else if (at > voice.at && now.fraction > voice.fraction) {
      voice.pace = (now.fraction - voice.fraction) / (at - voice.at);
      voice.fraction = now.fraction;
      voice.at = at;
    }
    voice.ended = now.ended;
    if (!drawing) draw();
  };
}
