// The figures of an area and of its children for some kinds of facility: read once, then kept by events.

import { Problem, read } from "../live/api.js";

/**
 * @typedef {{code: string, name: string, level: string, type: string}} AreaBrief
 * @typedef {import("../figures/figures.js").Block & {group: string}} GroupBlock
 * @typedef {import("../figures/figures.js").Block & {kind: string}} KindBlock
 * @typedef {import("../figures/figures.js").Reporting & {oldest_observed_at: string | null}} ReportingTimes
 * @typedef {object} Capacity
 * @property {AreaBrief} area
 * @property {import("../figures/figures.js").Block} totals
 * @property {GroupBlock[]} by_group
 * @property {(import("../figures/figures.js").Block & {bed_type: string})[]} by_bed_type
 * @property {KindBlock[]} by_kind
 * @property {ReportingTimes} reporting
 */

export const HOSPITALS = "kind=hospital&kind=clinic";
export const HALLS = "kind=isolation_site&kind=rw_hall";

export class AreaFigures {
  /** @param {string} code @param {string} filters @param {{hasChildren?: boolean}} [options] */
  constructor(code, filters, { hasChildren = true } = {}) {
    this.hasChildren = hasChildren;
    this.path = `/v1/areas/${encodeURIComponent(code)}`;
    this.filters = filters;
    /** @type {Capacity | null} */
    this.total = null;
    /** @type {Map<string, Capacity>} */
    this.children = new Map();
    /** @type {Capacity | null} */
    this.unplaced = null;
    /** The ledger position and the moment of what is shown; 0: nothing yet. */
    this.position = 0;
    this.asOf = 0;
    /** Why the last attempt to read them failed. @type {Problem | null} */
    this.problem = null;
  }

  /** The stream of their changes. */
  get stream() {
    return `${this.path}/stream?events=${this.hasChildren ? "children" : "capacity"}&${this.filters}`;
  }

  /**
   * Read everything. Resolves to the position; a failure leaves the last figures.
   * @returns {Promise<string>}
   * @throws {Problem}
   */
  async load() {
    try {
      const [total, children] = await Promise.all([
        read(`${this.path}/capacity?${this.filters}`),
        this.hasChildren ? read(`${this.path}/capacity/children?${this.filters}`) : null,
      ]);
      this.total = total;
      this.children = new Map(children?.children.map((/** @type {Capacity} */ row) => [row.area.code, row]));
      this.unplaced = children?.unplaced ?? null;
      // The older of both: what the newer one already has comes again by the stream, and changes nothing.
      const older = !children || total.position < children.position ? total : children;
      this.position = older.position;
      this.asOf = Date.parse(older.as_of);
      this.problem = null;
      return String(this.position);
    } catch (error) {
      this.problem = /** @type {Problem} */ (error);
      throw error;
    }
  }

  /**
   * Take a new total. Returns how many figures are different now.
   * @param {Capacity & {position: number, as_of: string}} total
   */
  applyTotal(total) {
    const changed = Number(isDifferent(this.total ?? undefined, total));
    this.apply({ ...total, children: [], unplaced: null, total });
    return changed;
  }

  /**
   * Take the rows of an event. Returns how many figures are different now.
   * @param {{position: number, as_of: string, children: Capacity[], unplaced: Capacity | null, total: Capacity}} event
   */
  apply(event) {
    let changed = 0;
    for (const row of event.children) {
      changed += Number(isDifferent(this.children.get(row.area.code), row));
      this.children.set(row.area.code, row);
    }
    if (event.unplaced) {
      changed += Number(isDifferent(this.unplaced ?? undefined, event.unplaced));
      this.unplaced = event.unplaced;
    }
    this.total = event.total;
    this.position = event.position;
    this.asOf = Date.parse(event.as_of);
    this.problem = null;
    return changed;
  }
}

/** Whether a reader sees a difference. @param {Capacity | undefined} last @param {Capacity} next */
function isDifferent(last, next) {
  if (!last) return true;
  /** @param {Capacity} row */
  const shown = ({ totals, reporting }) => {
    const { beds_available, beds_total, fresh } = totals;
    const parts = [
      beds_available,
      beds_total,
      fresh.beds_available,
      fresh.beds_occupied,
      fresh.beds_total,
      fresh.queue,
    ];
    return [...parts, fresh.oldest_observed_at, reporting.fresh].join();
  };
  return shown(last) !== shown(next);
}
