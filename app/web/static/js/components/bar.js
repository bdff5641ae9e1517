// The bar of a sum: solid = occupied and fresh, outline = free and fresh, hatched = not fresh; and its percentage.

import { display } from "../base/display.js";
import { html } from "../base/html.js";
import { format, t } from "../base/page.js";
import { occupancyClass } from "../figures/scale.js";
import { Icon } from "./icon.js";

/** @typedef {import("../figures/figures.js").Sum} Sum */

/** @param {number} share */
const percent = (share) => `${(Math.max(0, Math.min(1, share)) * 100).toFixed(1)}%`;

/** @param {{sum: Sum}} props */
export function Bar({ sum }) {
  const { bar } = sum;
  if (bar === null) {
    return html`<svg class="bar bar-none" width="100%" height="10" aria-hidden="true">
      <line x1="0" x2="100%" y1="5" y2="5" /></svg>`;
  }
  const rank = sum.occupancy === null ? "c1" : occupancyClass(sum.occupancy, sum.total, display.occupancy);
  const fill = rank === "c5" ? "b-full" : rank === "c4" ? "b-attn" : "b-ok";
  return html`<svg class="bar" width="100%" height="10" aria-hidden="true">
    <rect class="b-bg" width="100%" height="10" />
    <rect class=${`b-occ ${fill}`} width=${percent(bar.occupied)} height="10" />
    ${
      bar.old > 0 &&
      html`<rect class="b-old" x=${percent(1 - bar.old)} width=${percent(bar.old)} height="10" />
      <rect class="b-cut" x=${percent(1 - bar.old)} width="1.5" height="10" />`
    }
    ${bar.mark !== null && html`<line class="over" x1=${percent(bar.mark)} x2=${percent(bar.mark)} y1="0" y2="100%" />`}
  </svg>`;
}

/** The shape of a sum that is tight or full. @param {Sum} sum @returns {"full" | "tight" | null} */
export function signOf({ occupancy, total }) {
  if (occupancy === null) return null;
  const rank = occupancyClass(occupancy, total, display.occupancy);
  return rank === "c5" ? "full" : rank === "c4" ? "tight" : null;
}

/** The percentage with its class: amber with a triangle, red with an octagon, each with a word. @param {{sum: Sum}} props */
export function Occupancy({ sum }) {
  if (!sum.exists) return html`<span class="nil">–</span>`;
  if (sum.occupancy === null) return html`<span class="nil">?</span>`;
  const rank = occupancyClass(sum.occupancy, sum.total, display.occupancy);
  const sign = signOf(sum);
  return html`<span class="occ" data-r=${rank}>
    ${sign && html`<${Icon} name=${sign} /><span class="vh">${t(`scale.${sign}`)}: </span>`}${format.percent(sum.occupancy)}
    ${sum.over > 0 && html`<span class="hint">${t("scale.over", { n: format.number(sum.over) })}</span>`}
  </span>`;
}
