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
 * @property {number} fresh facilities with fresh figures
 * @property {number} facilities
 * @property {number} over patients above the number of beds
 * @property {{occupied: number, old: number, mark: number | null} | null} bar shares of the width; null: no beds
 * @property {{freshness: Freshness, observedAt: number | null, staleAt: number, silentAt: number, lapsedAt: number}} age
 */

/**
 * @param {Block | undefined} block undefined: no line reports this
 * @param {{reporting?: Reporting, staleAfter?: number}} [options] `reporting` counts also facilities that never
 *   reported; `staleAfter`: the clock makes a fresh sum late so long after its oldest part
 * @returns {Sum}
 */
export function sumOf(block, { reporting, staleAfter = Number.POSITIVE_INFINITY } = {}) {
  const facilities = reporting?.facilities ?? block?.facilities ?? 0;
  if (!block) return { ...NOTHING, exists: facilities > 0, facilities, age: ageOf(undefined, reporting, staleAfter) };
  const { fresh } = block;
  const isPartlyOld = block.facilities > fresh.facilities;
  const difference = (block.beds_available ?? 0) - (fresh.beds_available ?? 0);
  return {
    exists: facilities > 0,
    free: fresh.beds_available,
    occupied: fresh.beds_occupied,
    total: fresh.beds_total,
    queue: fresh.queue,
    occupancy: fresh.occupancy,
    uncertain: difference > 0 || (isPartlyOld && block.beds_available !== null) ? Math.max(0, difference) : null,
    fresh: fresh.facilities,
    facilities,
    over: Math.max(0, (fresh.beds_occupied ?? 0) - (fresh.beds_total ?? Number.POSITIVE_INFINITY)),
    bar: barOf(block),
    age: ageOf(block, reporting, staleAfter),
  };
}

/** @type {Omit<Sum, "age">} */
const NOTHING = {
  exists: false,
  free: null,
  occupied: null,
  total: null,
  queue: null,
  occupancy: null,
  uncertain: null,
  fresh: 0,
  facilities: 0,
  over: 0,
  bar: null,
};

/** @param {Block} block */
function barOf({ beds_total, fresh }) {
  const all = Math.max(beds_total ?? 0, fresh.beds_total ?? 0);
  if (all === 0) return null;
  const occupied = fresh.beds_occupied ?? 0;
  const freshTotal = fresh.beds_total ?? 0;
  const width = all + Math.max(0, occupied - freshTotal);
  return {
    occupied: occupied / width,
    old: (all - freshTotal) / width,
    mark: occupied > freshTotal && freshTotal > 0 ? freshTotal / width : null,
  };
}

/** @param {Block | undefined} block @param {Reporting | undefined} reporting @param {number} staleAfter */
function ageOf(block, reporting, staleAfter) {
  const never = { observedAt: null, staleAt: Infinity, silentAt: Infinity, lapsedAt: Infinity };
  if (block?.fresh.oldest_observed_at) {
    const observedAt = Date.parse(block.fresh.oldest_observed_at);
    return { ...never, freshness: /** @type {Freshness} */ ("fresh"), observedAt, staleAt: observedAt + staleAfter };
  }
  // Nothing is fresh: the newest of what is left, as it is the least old.
  const newest = block?.newest_observed_at ? Date.parse(block.newest_observed_at) : null;
  return {
    ...never,
    freshness: newest === null ? /** @type {Freshness} */ ("never") : leastOld(reporting),
    observedAt: newest,
  };
}

/** @param {Reporting | undefined} reporting @returns {Freshness} */
function leastOld(reporting) {
  if (!reporting || reporting.stale) return "stale";
  if (reporting.silent) return "silent";
  return reporting.lapsed ? "lapsed" : "stale";
}
