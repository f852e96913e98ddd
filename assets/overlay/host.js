// What the streamer said into the microphone: a caption of her own, which leaves by itself.

const LONG = 40;

/** @param {{box: HTMLElement, name: Element, words: Element, wanted: boolean, told: (whole: string) => void}} places */
export function startHost({ box, name, words, wanted, told }) {
  let leaving = 0;

  function leave() {
    box.hidden = true;
    told("");
  }

  return (spoken, seconds) => {
    clearTimeout(leaving);
    if (!spoken || !wanted || seconds <= 0) {
      leave();
      return;
    }
    name.textContent = spoken.user;
    words.textContent = spoken.text;
    box.classList.toggle("is-long", [...spoken.text].length > LONG);
    box.hidden = false;
    told(spoken.text);
    leaving = setTimeout(leave, seconds * 1000);
  };
}
