// Says for screen readers, at most once a minute, which figures have changed.

import { slot, t } from "./page.js";

const INTERVAL = 60_000;

/** @type {Map<string, string>} */
const changes = new Map();
let isWaiting = false;

/** Announce a figure that changed, with all others of this minute. @param {string} key @param {string} sentence */
export function announce(key, sentence) {
  changes.set(key, sentence);
  if (!isWaiting) setTimeout(say, INTERVAL);
  isWaiting = true;
}

function say() {
  isWaiting = false;
  const what = [...changes.values()].slice(0, 3).join(", ");
  slot("announce").textContent = t("changed.announce", { n: changes.size, what });
  changes.clear();
}
