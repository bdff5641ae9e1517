// What a page knows about itself: its language, `t` and `format`, its place in the address, and what it shows.

import { createFormat } from "./format.js";
import { createTranslate } from "./texts.js";

const root = document.documentElement;
export const language = root.lang;
const { default: catalogue } = await import(`../../texts/${language}.js`);

export const t = createTranslate(catalogue, language);

const DEFAULT_ZONE = "Asia/Jakarta";
let usedZone = DEFAULT_ZONE;
/** Replaced when the display settings are read, before anything is drawn. */
export let format = createFormat({ language, timeZone: DEFAULT_ZONE, t });

/** Use the time zone of the installation. A zone that this browser does not know leaves the default. @param {string} zone */
export function useTimeZone(zone) {
  if (zone === usedZone) return;
  try {
    format = createFormat({ language, timeZone: zone, t });
    usedZone = zone;
  } catch {
    // RangeError: an old browser. Times in the default zone, named beside them, are better than none.
  }
}

/** A parameter of the address. @param {string} name */
export function parameter(name) {
  return new URLSearchParams(location.search).get(name);
}

/**
 * Write a parameter into the address; null removes it. The Back button returns to the address before.
 * @param {string} name
 * @param {string | null} value
 */
export function setParameter(name, value) {
  const url = new URL(location.href);
  if (value === null) url.searchParams.delete(name);
  else url.searchParams.set(name, value);
  if (url.href !== location.href) history.pushState(null, "", url);
}

/** A path of this site that keeps the language of the address. @param {string} path */
export function link(path) {
  const chosen = parameter("lang");
  return chosen ? `${path}${path.includes("?") ? "&" : "?"}lang=${encodeURIComponent(chosen)}` : path;
}

/** The element that a page or its header fills. @param {string} name @returns {HTMLElement} */
export function slot(name) {
  const found = document.querySelector(`[data-slot="${name}"]`);
  return /** @type {HTMLElement} */ (found ?? document.createElement("div"));
}
