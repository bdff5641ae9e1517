// The display settings of the installation (GET /v1/display): scales, thresholds, time zone.

import { read } from "../live/api.js";
import { useTimeZone } from "./page.js";
import { DEFAULT_FRESH_SCALE, DEFAULT_SCALE } from "../figures/scale.js";

/**
 * @typedef {object} Display
 * @property {string} area the home area
 * @property {string} time_zone
 * @property {boolean} simulated
 * @property {import("../figures/scale.js").Scale} occupancy
 * @property {import("../figures/scale.js").FreshScale} fresh_share
 * @property {Record<string, import("../figures/freshness.js").Thresholds>} thresholds
 * @property {{name: string | null, phones: string[]} | null} duty_desk
 */

/** @type {Display} */
const DEFAULTS = {
  area: "",
  time_zone: "Asia/Jakarta",
  simulated: false,
  occupancy: DEFAULT_SCALE,
  fresh_share: DEFAULT_FRESH_SCALE,
  thresholds: {},
  duty_desk: null,
};

/** Before they are read, the defaults of the service. @type {Display} */
export let display = DEFAULTS;

/** Read the settings and use their time zone. Without them a page still shows its figures, by the defaults. */
export async function loadDisplay() {
  try {
    display = { ...DEFAULTS, ...(await read("/v1/display")) };
    useTimeZone(display.time_zone);
  } catch {
    display = DEFAULTS;
  }
}
