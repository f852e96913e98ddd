// The words of the forms, which are the same on every page that has one.

import { lexicon } from "../words.js";

export const { among, word } = lexicon("forms");
