// Whom to call: facilities that are late, silent, lapsed or never reported, those with the most beds first.

import { read } from "../live/api.js";

/**
 * @typedef {object} Silent
 * @property {{facility_id: string, name: string, kind: string, area_code: string}} facility
 * @property {import("../figures/freshness.js").Freshness} freshness
 * @property {string | null} observed_at
 * @property {string | null} since
 * @property {number | null} beds_at_stake
 * @property {import("../components/phone.js").Contact} contact
 */

export const FIRST = 5;
export const MORE = 50;
/** A list of names is read again at most so often. */
const INTERVAL = 5_000;

export class CallList {
  /** @param {string} code @param {() => void} onChange */
  constructor(code, onChange) {
    this.path = `/v1/areas/${encodeURIComponent(code)}/reporting`;
    this.onChange = onChange;
    /** @type {Silent[]} */
    this.rows = [];
    this.count = 0;
    this.asOf = 0;
    /** @type {string | null} */
    this.cursor = null;
    /** Null: the server has no such list. @type {boolean | null} */
    this.isLoaded = false;
    /** @type {import("../live/api.js").Problem | null} */
    this.problem = null;
    this.limit = FIRST;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /** Read the beginning of the list. Never fails: a problem is shown in its place. */
  async load() {
    try {
      const document = await read(`${this.path}?limit=${this.limit}`);
      this.take(document, []);
    } catch (error) {
      this.problem = /** @type {import("../live/api.js").Problem} */ (error);
    }
    this.onChange();
  }

  /** Read the next rows. */
  async more() {
    if (this.cursor === null) return;
    try {
      const document = await read(`${this.path}?limit=${MORE}&cursor=${encodeURIComponent(this.cursor)}`);
      this.take(document, this.rows);
      this.limit = Math.min(this.rows.length, 500);
    } catch (error) {
      this.problem = /** @type {import("../live/api.js").Problem} */ (error);
    }
    this.onChange();
  }

  /** Read it again soon: a facility has reported, or has become late. */
  refresh() {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.load();
    }, INTERVAL);
  }

  /** @param {any} document @param {Silent[]} before */
  take(document, before) {
    this.rows = [...before, ...document.facilities];
    this.cursor = document.next_cursor;
    this.count = document.reporting.facilities - document.reporting.fresh;
    this.asOf = Date.parse(document.as_of);
    this.problem = null;
    this.isLoaded = true;
  }
}
