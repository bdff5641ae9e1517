// How fresh a figure is at a moment: what the server said, and what the clock has made of it since. Pure.

/**
 * @typedef {"fresh" | "stale" | "silent" | "lapsed" | "never"} Freshness
 * @typedef {{stale_hours: number, silent_hours: number, lapsed_days: number}} Thresholds
 */

const HOUR = 3600 * 1000;
const DAY = 24 * HOUR;
/** @type {readonly Freshness[]} */
export const FRESHNESS = ["fresh", "stale", "silent", "lapsed", "never"];

/**
 * The freshness of a figure now. The clock only makes it worse: without word from the server nothing becomes fresher.
 * @param {{freshness: Freshness, observedAt: number | null, staleAt: number, silentAt: number, lapsedAt: number}} figure
 * @param {number} now
 * @returns {Freshness}
 */
export function freshnessAt(figure, now) {
  if (figure.observedAt === null) return figure.freshness;
  const byClock = now >= figure.lapsedAt ? 3 : now >= figure.silentAt ? 2 : now >= figure.staleAt ? 1 : 0;
  return FRESHNESS[Math.max(byClock, FRESHNESS.indexOf(figure.freshness))] ?? figure.freshness;
}

/**
 * The moments at which a facility's figures turn, from its document: its own times where it states them.
 * @param {{freshness: Freshness, observed_at: string | null, stale_at?: string | null, silent_at?: string | null,
 *   thresholds?: Thresholds}} document
 */
export function momentsOf(document) {
  const observedAt = document.observed_at === null ? null : Date.parse(document.observed_at);
  const lapsed = document.thresholds ? (observedAt ?? 0) + document.thresholds.lapsed_days * DAY : Infinity;
  return {
    freshness: document.freshness,
    observedAt,
    staleAt: document.stale_at ? Date.parse(document.stale_at) : Infinity,
    silentAt: document.silent_at ? Date.parse(document.silent_at) : Infinity,
    lapsedAt: lapsed,
  };
}

/**
 * The shortest time after which a line of these kinds is late, in milliseconds.
 * @param {Record<string, Thresholds>} thresholds
 * @param {readonly string[]} kinds
 */
export function staleAfter(thresholds, kinds) {
  const hours = kinds.map((kind) => thresholds[kind]?.stale_hours).filter((value) => value !== undefined);
  return hours.length ? Math.min(...hours) * HOUR : Infinity;
}
