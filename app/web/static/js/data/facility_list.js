// A list of facilities of an area, page by page, read again when their figures change.

import { read } from "../live/api.js";

/**
 * @typedef {object} Facility
 * @property {string} facility_id
 * @property {string} name
 * @property {string} kind
 * @property {string} area_code
 * @property {import("../figures/freshness.js").Freshness} freshness
 * @property {string | null} observed_at
 * @property {string | null} stale_at
 * @property {string | null} silent_at
 * @property {import("../figures/freshness.js").Thresholds} thresholds
 * @property {import("../figures/figures.js").Block} totals
 * @property {import("../components/phone.js").Contact} contact of the duty desk
 * @property {string | null} phone of the switchboard
 */

export const PAGE = 50;
/** Read again at most so often. */
const INTERVAL = 2_000;

export class FacilityList {
  /**
   * @param {string} code @param {string} filters @param {() => void} onChange
   * @param {(facility: Facility) => boolean} [isShown]
   */
  constructor(code, filters, onChange, isShown = () => true) {
    this.path = `/v1/areas/${encodeURIComponent(code)}/facilities?${filters}`;
    this.onChange = onChange;
    this.isShown = isShown;
    /** @type {Facility[]} */
    this.rows = [];
    /** @type {string | null} */
    this.cursor = null;
    this.isLoaded = false;
    this.asOf = 0;
    /** @type {import("../live/api.js").Problem | null} */
    this.problem = null;
    this.pages = 1;
    this.isWaiting = false;
    this.readAt = Number.NEGATIVE_INFINITY;
  }

  /** Read the pages that are shown. Never fails: a problem is shown in the list's place. */
  async load() {
    this.readAt = performance.now();
    try {
      /** @type {Facility[]} */
      const found = [];
      let cursor = "";
      for (let page = 0; page < this.pages; page += 1) {
        const document = await read(`${this.path}&limit=${PAGE}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
        found.push(...document.facilities);
        this.asOf = Date.parse(document.as_of);
        cursor = document.next_cursor ?? "";
        if (!cursor) break;
      }
      this.rows = found.filter(this.isShown).map(withSwitchboard);
      this.cursor = cursor || null;
      this.isLoaded = true;
      this.problem = null;
    } catch (error) {
      this.problem = /** @type {import("../live/api.js").Problem} */ (error);
    }
    this.onChange();
  }

  /** Show one more page. */
  more() {
    this.pages += 1;
    return this.load();
  }

  /** Read it again: at once after a pause, else soon. */
  refresh() {
    if (this.isWaiting) return;
    this.isWaiting = true;
    setTimeout(
      () => {
        this.isWaiting = false;
        this.load();
      },
      Math.max(0, this.readAt + INTERVAL - performance.now()),
    );
  }
}

/** Without a duty desk the switchboard is whom to call. @param {Facility} facility @returns {Facility} */
function withSwitchboard(facility) {
  const { contact, phone } = facility;
  return contact?.phones.length || !phone ? facility : { ...facility, contact: { name: null, phones: [phone] } };
}
