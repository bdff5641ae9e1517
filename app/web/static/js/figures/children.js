// The rows of a table of child areas: which are shown, which collapse, in which order. Pure.

import { hospitalSum, hospitalsOf } from "./sums.js";

/**
 * @typedef {import("../data/area_figures.js").Capacity} Capacity
 * @typedef {import("./figures.js").Sum} Sum
 * @typedef {{code: string, name: string, sum: Sum, isUnplaced: boolean}} Child
 */

/** The columns by which the table can be sorted, and how: names are text. */
export const SORTABLE = ["name", "free", "uncertain", "occupied", "total", "queue", "occupancy", "fresh", "oldest"];
/** @type {import("./sort.js").Order} */
export const USUAL_ORDER = { column: "occupancy", descending: true };

/** @type {Record<string, (child: Child) => import("./sort.js").Key>} */
export const KEYS = {
  name: ({ name }) => name,
  free: ({ sum }) => sum.free,
  uncertain: ({ sum }) => sum.uncertain,
  occupied: ({ sum }) => sum.occupied,
  total: ({ sum }) => sum.total,
  queue: ({ sum }) => sum.queue,
  occupancy: ({ sum }) => sum.occupancy,
  fresh: ({ sum }) => (sum.facilities ? sum.fresh / sum.facilities : null),
  // Sorted as an age: descending begins with the oldest.
  oldest: ({ sum }) => (sum.age.observedAt === null ? null : -sum.age.observedAt),
};

/**
 * The children that have hospitals, as rows, and those that have none.
 * @param {Iterable<Capacity>} children
 * @param {string} group
 * @param {import("./sums.js").ByClock} byClock
 */
export function rowsOf(children, group, byClock) {
  /** @type {Child[]} */
  const rows = [];
  /** @type {import("../data/area_figures.js").AreaBrief[]} */
  const without = [];
  for (const child of children) {
    if (hospitalsOf(child) === 0) without.push(child.area);
    else rows.push({ ...child.area, sum: hospitalSum(child, group, byClock), isUnplaced: false });
  }
  return { rows, without };
}
