// What the address of the page says of its look beside names: a size and a colour, and nothing else gets into the style.

const LEAST = 50;
const MOST = 250; // percent
const COLOUR = /^[0-9a-f]{6}$/i;
const DARK = "#20120e";
const LIGHT = "#ffffff";

/** The properties that ?size= and ?accent= set: {name: value}. */
export function styleOf(query) {
  const size = Number(query.get("size"));
  const accent = query.get("accent") ?? "";
  return {
    ...(size >= LEAST && size <= MOST ? { "--aischoco-scale": String(size / 100) } : {}),
    ...(COLOUR.test(accent) ? { "--aischoco-accent": `#${accent}`, "--aischoco-on-accent": legible(accent) } : {}),
  };
}

// The darker or the lighter ink, whichever has more contrast with the colour (WCAG 2, relative luminance).
function legible(colour) {
  const [red, green, blue] = [0, 2, 4].map((at) => linear(parseInt(colour.slice(at, at + 2), 16) / 255));
  const bright = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return (bright + 0.05) ** 2 > 0.0577 * 1.05 ? DARK : LIGHT;
}

const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
