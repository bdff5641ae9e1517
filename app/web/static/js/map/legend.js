// The legend of a map.

import { display } from "../base/display.js";
import { html } from "../base/html.js";
import { t } from "../base/page.js";
import { Icon } from "../components/icon.js";

/** @param {number} share */
const percent = (share) => Math.round(share * 100);

/** @param {{mode: string, none: string}} props `none`: the words for an area without beds */
export function Legend({ mode, none }) {
  return html`<ul class="legend">
    ${(mode === "freshness" ? freshnessItems() : occupancyItems()).map(
      ([style, text, sign]) =>
        html`<li key=${text}><${Swatch} style=${style} />${sign && html`<${Icon} name=${sign} />`}${text}</li>`,
    )}
    <li><${Swatch} style="hatched" />${mode === "freshness" ? t("map.legend.unknown") : t("map.legend.old")}</li>
    <li><${Swatch} style="none" />${none}</li>
  </ul>`;
}

/** @returns {[string, string, string | null][]} */
function occupancyItems() {
  const { steps, tight, full } = display.occupancy;
  const [low = 0.6, middle = 0.75] = steps;
  return [
    ["c1", `< ${percent(low)}%`, null],
    ["c2", `${percent(low)}–${percent(middle)}%`, null],
    ["c3", `${percent(middle)}–${percent(tight)}%`, null],
    ["c4", `${percent(tight)}–${percent(full)}% ${t("scale.tight")}`, "tight"],
    ["c5", `≥ ${percent(full)}% ${t("scale.full")}`, "full"],
  ];
}

/** @returns {[string, string, string | null][]} */
function freshnessItems() {
  const { good, fair } = display.fresh_share;
  return [
    ["c1", `≥ ${percent(good)}% ${t("freshness.fresh")}`, null],
    ["c2", `${percent(fair)}–${percent(good)}%`, null],
    ["hatched", `< ${percent(fair)}%`, null],
  ];
}

/** @param {{style: string}} props */
function Swatch({ style }) {
  return html`<svg width="22" height="14" aria-hidden="true"><rect class=${style} x=".5" y=".5" width="21" height="13" /></svg>`;
}
