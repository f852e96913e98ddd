// Which lines of a text were taken away, and which came.

const MOST = 60; // lines that are shown

/** The lines that differ, in their order: {sign: "−" or "+", text}. */
export function differences(old, now) {
  const [one, other] = [old.split("\n"), now.split("\n")];
  let start = 0;
  while (start < one.length && one[start] === other[start]) start += 1;
  let end = 0;
  while (end < Math.min(one.length, other.length) - start && one.at(-1 - end) === other.at(-1 - end)) end += 1;
  const [gone, came] = [one.slice(start, one.length - end), other.slice(start, other.length - end)];
  const stays = kept(gone, came);
  const lines = [];
  let [i, j] = [0, 0];
  for (const [a, b] of [...stays, [gone.length, came.length]]) {
    while (i < a) lines.push({ sign: "−", text: gone[i++] });
    while (j < b) lines.push({ sign: "+", text: came[j++] });
    [i, j] = [a + 1, b + 1];
  }
  return lines.filter(({ text }) => text.trim()).slice(0, MOST);
}

// Pairs of indices of the longest run of lines that both have; lines that come often only if the texts are short.
function kept(one, other) {
  if (one.length * other.length > 1_000_000) return [];
  const long = Array.from({ length: one.length + 1 }, () => new Uint32Array(other.length + 1));
  for (let i = one.length - 1; i >= 0; i--) {
    for (let j = other.length - 1; j >= 0; j--) long[i][j] = one[i] === other[j] ? long[i + 1][j + 1] + 1 : Math.max(long[i + 1][j], long[i][j + 1]);
  }
  const pairs = [];
  let [i, j] = [0, 0];
  while (i < one.length && j < other.length) {
    if (one[i] === other[j]) pairs.push([i++, j++]);
    else if (long[i + 1][j] >= long[i][j + 1]) i += 1;
    else j += 1;
  }
  return pairs;
}
