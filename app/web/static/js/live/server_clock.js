// The server's time, and the tick by which ages count. The clock of a phone or a wall screen may be wrong by hours.

const TICK = 10_000;
/** The header Date has whole seconds: less than this is not a difference. */
const SLACK = 2_000;

let offset = 0;
let isKnown = false;
/** How far the device's clock is before the time that it has been running, which nobody can set. */
let lead = Date.now() - performance.now();
/** @type {Set<() => void>} */
const listeners = new Set();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** The server's time now, in milliseconds. Setting the device's clock back does not make anything younger. */
export function now() {
  const date = Date.now();
  const found = date - performance.now();
  if (found < lead - SLACK) offset += lead - found;
  lead = found;
  return date + offset;
}

/**
 * Learn the server's time from a response that has just arrived.
 * @param {string | null} date the header Date, or any moment that the server calls now
 */
export function learn(date) {
  const stated = date ? Date.parse(date) : Number.NaN;
  if (Number.isNaN(stated)) return;
  const found = stated + 500 - Date.now();
  if (isKnown && Math.abs(found - offset) < SLACK) return;
  offset = found;
  isKnown = true;
  tick();
}

/**
 * Call a function every ten seconds, at the same moment as all others; returns how to stop that.
 * @param {() => void} listener
 */
export function onTick(listener) {
  listeners.add(listener);
  if (timer === undefined) schedule();
  return () => {
    listeners.delete(listener);
  };
}

function schedule() {
  timer = setTimeout(
    () => {
      tick();
      schedule();
    },
    TICK - (now() % TICK),
  );
}

function tick() {
  for (const listener of [...listeners]) listener();
}

// A screen that was asleep shows its true ages at once.
globalThis.document?.addEventListener("visibilitychange", () => {
  if (!document.hidden) tick();
});
