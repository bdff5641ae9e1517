// From a block of a capacity document to what is shown of it: the fresh part, what is not certain, the bar. Pure.

/**
 * @typedef {import("./freshness.js").Freshness} Freshness
 * @typedef {object} Fresh
 * @property {number | null} beds_total
 * @property {number | null} beds_occupied
 * @property {number | null} beds_available
 * @property {number | null} queue
 * @property {number | null} occupancy
 * @property {number} facilities
 * @property {string | null} oldest_observed_at
 *
 * @typedef {object} Block
 * @property {number | null} beds_total
 * @property {number | null} beds_occupied
 * @property {number | null} beds_available
 * @property {number} facilities
 * @property {string | null} [oldest_observed_at]
 * @property {string | null} [newest_observed_at]
 * @property {Fresh} fresh
 *
 * @typedef {{facilities: number, fresh: number, stale: number, silent: number, lapsed: number, never: number}} Reporting
 *
 * @typedef {object} Sum
 * @property {boolean} exists whether there is anything of this here
 * @property {number | null} free
 * @property {number | null} occupied
 * @property {number | null} total
 * @property {number | null} queue
 * @property {number | null} occupancy
 * @property {number | null} uncertain free beds according to figures that are not fresh; null: there are none
 * @property {boolean} isAged the clock has made a part of it late since the server's last word
 * @property {number} fresh facilities with fresh figures
 * @property {number} facilities
 * @property {number} over patients above the number of beds
 * @property {{occupied: number, old: number, mark: number | null} | null} bar shares of the width; null: no beds
 * @property {{freshness: Freshness, observedAt: number | null, staleAt: number, silentAt: number, lapsedAt: number}} age
 *
 * @typedef {object} Options
 * @property {number} [facilities] of which it is said how many are fresh; default: those with figures
 * @property {Reporting} [reporting]
 * @property {{now: number, staleAfter: number} | null} [byClock] while the server is silent: what is older is late
 */

/** @type {Fresh} */
const NOTHING_FRESH = {
  beds_total: null,
  beds_occupied: null,
  beds_available: null,
  queue: null,
  occupancy: null,
  facilities: 0,
  oldest_observed_at: null,
};

/**
 * @param {Block | undefined} block undefined: no line reports this
 * @param {Options} [options]
 * @returns {Sum}
 */
export function sumOf(block, { facilities = block?.facilities ?? 0, reporting, byClock = null } = {}) {
  const limit = byClock ? byClock.now - byClock.staleAfter : Number.NEGATIVE_INFINITY;
  const isAllLate = Boolean(block?.newest_observed_at) && timeOf(block?.newest_observed_at) <= limit;
  const fresh = block && !isAllLate ? block.fresh : NOTHING_FRESH;
  const isAged = fresh.oldest_observed_at !== null && timeOf(fresh.oldest_observed_at) <= limit;
  return {
    exists: facilities > 0 || (block?.facilities ?? 0) > 0,
    free: fresh.beds_available,
    occupied: fresh.beds_occupied,
    total: fresh.beds_total,
    queue: fresh.queue,
    occupancy: fresh.occupancy,
    uncertain: block ? uncertainOf(block, fresh) : null,
    isAged,
    fresh: fresh.facilities,
    facilities,
    over: Math.max(0, (fresh.beds_occupied ?? 0) - (fresh.beds_total ?? Number.POSITIVE_INFINITY)),
    bar: block ? barOf(block, fresh) : null,
    age: ageOf(block, fresh, { reporting, isAged: isAged || (isAllLate && (block?.fresh.facilities ?? 0) > 0) }),
  };
}

/** @param {string | null | undefined} moment */
function timeOf(moment) {
  return moment ? Date.parse(moment) : Number.NaN;
}

/** @param {Block} block @param {Fresh} fresh */
function uncertainOf(block, fresh) {
  if (block.beds_available === null) return null;
  const difference = block.beds_available - (fresh.beds_available ?? 0);
  return difference > 0 || block.facilities > fresh.facilities ? Math.max(0, difference) : null;
}

/** @param {Block} block @param {Fresh} fresh */
function barOf({ beds_total }, fresh) {
  const freshTotal = fresh.beds_total ?? 0;
  const all = Math.max(beds_total ?? 0, freshTotal);
  if (all === 0) return null;
  const occupied = fresh.beds_occupied ?? 0;
  const width = all + Math.max(0, occupied - freshTotal);
  return {
    occupied: occupied / width,
    old: (all - freshTotal) / width,
    mark: occupied > freshTotal && freshTotal > 0 ? freshTotal / width : null,
  };
}

/**
 * The age of the oldest fresh part; if nothing is fresh, of the newest of what is left.
 * @param {Block | undefined} block @param {Fresh} fresh
 * @param {{reporting: Reporting | undefined, isAged: boolean}} how
 */
function ageOf(block, fresh, { reporting, isAged }) {
  const later = {
    staleAt: Number.POSITIVE_INFINITY,
    silentAt: Number.POSITIVE_INFINITY,
    lapsedAt: Number.POSITIVE_INFINITY,
  };
  /** @type {(freshness: Freshness, observedAt: number | null) => Sum["age"]} */
  const age = (freshness, observedAt) => ({ ...later, freshness, observedAt });
  if (fresh.oldest_observed_at) return age(isAged ? "stale" : "fresh", Date.parse(fresh.oldest_observed_at));
  if (!block?.newest_observed_at) return age("never", null);
  return age(isAged ? "stale" : leastOld(reporting), Date.parse(block.newest_observed_at));
}

/** @param {Reporting | undefined} reporting @returns {Freshness} */
function leastOld(reporting) {
  if (!reporting || reporting.stale || reporting.fresh) return "stale";
  return reporting.silent ? "silent" : "lapsed";
}
