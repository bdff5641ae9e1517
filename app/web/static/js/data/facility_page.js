// What the page of a facility shows: its document, kept up to date, and its connection.

import { read } from "../live/api.js";
import { Connection } from "../live/connection.js";
import { loadDisplay } from "../base/display.js";
import { Live } from "../live/live.js";
import { createRepaint } from "../base/repaint.js";
import { onTick } from "../live/server_clock.js";

/**
 * @typedef {import("../figures/wards.js").BedTypes} BedTypes
 * @typedef {import("../figures/wards.js").Facility & Record<string, any>} FacilityDocument
 */

/** A facility has a few dozen lines; a document holds 500. */
const PAGES_MAX = 20;
const AGAIN = 10_000;

export class FacilityPage {
  /** @param {string} id @param {() => void} paint */
  constructor(id, paint) {
    this.path = `/v1/facilities/${encodeURIComponent(id)}`;
    this.repaint = createRepaint(paint);
    this.connection = new Connection();
    /** @type {FacilityDocument | null} */
    this.document = null;
    /** @type {BedTypes} */
    this.types = new Map();
    /** @type {import("../live/api.js").Problem | null} */
    this.problem = null;
    this.isReading = false;
    this.isWanted = false;
  }

  /** Read what is shown, draw it, then keep it up to date. */
  async start() {
    onTick(() => this.repaint());
    await this.begin();
  }

  /** Read until there is a document to keep up to date. */
  async begin() {
    const types = read("/v1/bed-types").then(({ bed_types }) => {
      this.types = new Map(
        bed_types.map((/** @type {import("../figures/wards.js").BedType} */ type) => [type.code, type]),
      );
    });
    await Promise.allSettled([loadDisplay(), types, this.load()]);
    this.repaint();
    if (this.document) this.connection.watch([this.live(this.document)]);
    else setTimeout(() => this.begin(), AGAIN);
  }

  /** Read the document; the last one stays if that fails. @returns {Promise<FacilityDocument>} */
  async load() {
    try {
      const document = await readAll(this.path);
      this.document = document;
      this.problem = null;
      this.connection.asOf = Date.parse(document.as_of);
      return document;
    } catch (error) {
      this.problem = /** @type {import("../live/api.js").Problem} */ (error);
      throw error;
    } finally {
      this.repaint();
    }
  }

  /** The changes of the facilities in the same area, of which only this one's matter. @param {FacilityDocument} document */
  live({ facility_id, area_code, position }) {
    const stream = new Live({
      path: streamOf(area_code),
      after: String(position),
      onState: () => this.connection.stateChanged(),
      reload: async () => {
        const document = await this.load();
        this.connection.changed(0, Date.parse(document.as_of));
        return String(document.position);
      },
      onEvent: (_, change) => {
        if (change.facility_id === facility_id) this.refresh(stream);
      },
    });
    return stream;
  }

  /** Read it again after a change, once for all changes that come meanwhile. @param {Live} stream */
  async refresh(stream) {
    this.isWanted = true;
    if (this.isReading) return;
    this.isReading = true;
    while (this.isWanted) {
      this.isWanted = false;
      try {
        const document = await this.load();
        this.connection.changed(1, Date.parse(document.as_of));
        if (stream.options.path !== streamOf(document.area_code)) {
          stream.options.path = streamOf(document.area_code);
          stream.start();
        }
      } catch {
        setTimeout(() => this.refresh(stream), AGAIN);
      }
    }
    this.isReading = false;
  }
}

/** @param {string} area */
function streamOf(area) {
  return `/v1/areas/${encodeURIComponent(area)}/stream?events=changes`;
}

/** The document with all of its lines. @param {string} path @returns {Promise<FacilityDocument>} */
async function readAll(path) {
  const document = await read(path);
  for (let page = 1; document.next_lines_cursor && page < PAGES_MAX; page += 1) {
    const next = await read(`${path}?lines_cursor=${encodeURIComponent(document.next_lines_cursor)}`);
    document.lines.push(...next.lines);
    document.next_lines_cursor = next.next_lines_cursor;
  }
  return document;
}
