// How pages write numbers and times.

import { language, wordsOf } from "./words.js";

const WORDS = wordsOf("numbers");
const LOCALES = { ko: "ko-KR", en: "en-US" };

export const whole = (number) => number.toLocaleString(LOCALES[language()]);

export const sum = (counts) => Object.values(counts).reduce((all, one) => all + one, 0);

/** A number with its unit. */
export const seconds = (number) => WORDS[language()].seconds.replace("{n}", number);

/** A duration: "<1 ms", "302 ms", "3.3초", "12초". */
export function span(duration) {
  if (duration === null || duration === undefined) return "–";
  if (duration < 0.001) return "<1 ms";
  if (duration < 0.9995) return `${Math.round(duration * 1000)} ms`;
  return seconds(duration < 9.95 ? duration.toFixed(1) : Math.round(duration));
}

/** How long ago something was: "방금", "3초 전", "2분 전". */
export function ago(duration) {
  const named = WORDS[language()];
  if (duration < 1) return named.now;
  const [unit, length] = duration < 60 ? ["second", 1] : duration < 3600 ? ["minute", 60] : ["hour", 3600];
  return named[unit].replace("{n}", String(Math.floor(duration / length)));
}

export function rate(perSecond) {
  if (!perSecond) return "0";
  return perSecond < 0.095 ? perSecond.toFixed(2) : perSecond < 9.95 ? perSecond.toFixed(1) : String(Math.round(perSecond));
}

/** A time of the run: "1:32", "2:05:09". */
export function clock(time) {
  const all = Math.floor(time);
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(all / 3600), Math.floor(all / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(all % 60)}` : `${minutes}:${two(all % 60)}`;
}
