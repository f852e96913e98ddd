// What people call the nodes of a type.

import { among } from "/shared/words.js";

/** The name that a type of node has for people; "" for one of somebody's own. */
export function called(type) {
  const name = among("types", type);
  return name === type ? "" : name;
}
