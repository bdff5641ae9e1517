// The sums of a row of capacity, as the pages of areas show them. Pure.

import { sumOf } from "./figures.js";

/**
 * @typedef {import("../data/area_figures.js").Capacity} Capacity
 * @typedef {import("./figures.js").Sum} Sum
 * @typedef {{now: number, staleAfter: number} | null} ByClock see `sumOf`
 */

/** The groups of beds in the order of the ledger. */
export const GROUPS = ["intensive", "isolation", "ward", "maternal_newborn", "emergency", "other"];

/**
 * Hospitals, also those that never reported, and clinics that have reported: most clinics have no beds at all, and
 * never will report any.
 * @param {Capacity} row
 */
export function hospitalsOf(row) {
  return Math.max(hospitalsRegistered(row), row.reporting.facilities - row.reporting.never);
}

/** @param {Capacity} row */
function hospitalsRegistered(row) {
  return row.by_kind.find(({ kind }) => kind === "hospital")?.facilities ?? 0;
}

/** All hospitals of a row, or one group of their beds. @param {Capacity} row @param {string} group @param {ByClock} byClock */
export function hospitalSum(row, group, byClock) {
  const block = group ? row.by_group.find((each) => each.group === group) : row.totals;
  if (group) return sumOf(block, { byClock, reporting: row.reporting, facilities: block?.facilities ?? 0 });
  return sumOf(block, { byClock, reporting: row.reporting, facilities: hospitalsOf(row) });
}

/** All halls and isolation sites of a row. @param {Capacity} row @param {ByClock} byClock */
export function hallSum(row, byClock) {
  return sumOf(row.totals, { byClock, reporting: row.reporting, facilities: row.reporting.facilities });
}

/** The groups that any line of a row belongs to, in the order of the ledger. @param {Capacity} row */
export function groupsOf(row) {
  const reported = new Set(row.by_group.map(({ group }) => group));
  return GROUPS.filter((group) => reported.has(group));
}
