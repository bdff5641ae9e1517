// The scales of the design: classes of occupancy and of the share of fresh facilities. Pure.

/**
 * @typedef {object} Scale
 * @property {number[]} steps bounds between the grey classes
 * @property {number} tight
 * @property {number} full
 * @property {number} small_beds below so many beds one patient would change the class
 *
 * @typedef {"c0" | "c1" | "c2" | "c3" | "c4" | "c5"} OccupancyClass
 * @typedef {{good: number, fair: number}} FreshScale
 */

/** As in `GET /v1/display`, for the time before it is read. @type {Scale} */
export const DEFAULT_SCALE = { steps: [0.6, 0.75], tight: 0.85, full: 0.95, small_beds: 5 };
/** @type {FreshScale} */
export const DEFAULT_FRESH_SCALE = { good: 0.9, fair: 0.7 };

/**
 * The class of an occupancy: c1 to c3 grey, c4 tight, c5 full; c0, without a colour, for few beds. The lower bound
 * belongs to the class.
 * @param {number} occupancy
 * @param {number | null} beds
 * @param {Scale} scale
 * @returns {OccupancyClass}
 */
export function occupancyClass(occupancy, beds, scale) {
  if (beds !== null && beds < scale.small_beds) return "c0";
  if (occupancy >= scale.full) return "c5";
  if (occupancy >= scale.tight) return "c4";
  const [low = 0.6, middle = 0.75] = scale.steps;
  if (occupancy >= middle) return "c3";
  return occupancy >= low ? "c2" : "c1";
}

/**
 * The class of a share of fresh facilities: c1 good, c2 fair, else `cu`, hatched.
 * @param {number} fresh
 * @param {number} facilities
 * @param {FreshScale} scale
 * @returns {"c1" | "c2" | "cu"}
 */
export function freshnessClass(fresh, facilities, scale) {
  const share = facilities ? fresh / facilities : 0;
  if (share >= scale.good) return "c1";
  return share >= scale.fair ? "c2" : "cu";
}
