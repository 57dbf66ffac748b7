/**
 * What the page itself says. The sentences about a failure are not here: they
 * come from the tables.
 */
import { language } from "./language.js";
import { en } from "./text/en.js";
import { zh } from "./text/zh.js";

export const text = { en, zh }[language];
