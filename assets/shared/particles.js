// Fits the Korean particle after a value to how the value ends, whichever form the text has: 초코는, 별은, Kim은, 3을. The
// same rules as nodes/particles.py.

const PAIRS = [
  "이라고/라고", "이라는/라는", "이라서/라서", "이라도/라도", "이라니/라니", "이라면/라면", "이었어요/였어요", "이에요/예요",
  "이란/란", "이랑/랑", "이나/나", "이야/야", "으로/로", "과/와", "은/는", "이/가", "을/를", "아/야",
]; // after a consonant / after a vowel
const PAIR = Object.fromEntries(PAIRS.flatMap((pair) => pair.split("/").map((form) => [form, pair])));
const FORMS = Object.keys(PAIR).sort((one, other) => other.length - one.length);
const PLACE = new RegExp(`\\{(\\w+)\\}(?:(["'”’」』]?)(${FORMS.join("|")})(?![가-힣]))?`, "g");
const FINALS = { l: "ㄹ", m: "ㅁ", n: "ㄴ", ng: "ㅇ" }; // how the last letters of a Latin word sound
const LETTERS = { L: "ㄹ", M: "ㅁ", N: "ㄴ", R: "ㄹ" }; // as their names end: 엘, 엠, 엔, 알
const DIGITS = { 0: "ㅇ", 1: "ㄹ", 3: "ㅁ", 6: "ㄱ", 7: "ㄹ", 8: "ㄹ" };

/** A text with values in its places; a place without a value stays. */
export const filled = (text, values) =>
  text.replace(PLACE, (place, name, quote, form) => {
    if (values[name] === undefined || values[name] === null) return place;
    const said = String(values[name]);
    return form ? `${said}${quote}${said ? fitting(said, form) : form}` : said;
  });

function fitting(word, form) {
  const [closed, open] = PAIR[form].split("/");
  const sound = final(word);
  return sound && !(sound === "ㄹ" && open === "로") ? closed : open;
}

// The consonant that a word ends in; "" for a vowel and for what cannot be told.
function final(word) {
  const end = word.replace(/[\s\p{P}\p{S}]+$/u, "");
  const last = end.at(-1) ?? "";
  if (/[가-힣]/.test(last)) {
    const code = (last.charCodeAt(0) - 0xac00) % 28;
    return code === 8 ? "ㄹ" : code ? "ㄴ" : "";
  }
  if (/\d/.test(last)) return DIGITS[last] ?? "";
  if (/^[A-Z]+$/.test(end)) return LETTERS[last] ?? "";
  if (/[んン]/.test(last)) return "ㄴ";
  return FINALS[end.slice(-2).toLowerCase()] ?? FINALS[last.toLowerCase()] ?? "";
}
