// What is wrong in a graph's file, as a line that a person reads.

import { filled } from "./particles.js";
import { language, wordsOf } from "./words.js";

const WORDS = wordsOf("problems");

/** What is wrong, and what to do. */
export const withHint = ({ message, hint }) => (hint ? `${message} (${hint})` : message);

/** One line for a problem; what only lacks a value is said without its place in the file. */
export function problemLine({ unset, ...problem }) {
  const { file, line, column } = problem;
  if (!unset) return `${file ? `${file}:` : ""}${line}:${column}: ${withHint(problem)}`;
  const words = WORDS[language()];
  const name = Object.hasOwn(words.names, unset) ? words.names[unset] : filled(words.value, { variable: unset });
  return filled(words.unset, { name, variable: unset });
}
