// The headline: free beds that are known to be free, their age, and what is not certain or not counted.

import { html } from "../../base/html.js";
import { format, t } from "../../base/page.js";
import { now } from "../../live/server_clock.js";
import { withParts } from "../../base/texts.js";
import { Since } from "../age.js";
import { Figure, Uncertain } from "../figure.js";
import { Icon } from "../icon.js";

/** @typedef {import("../../figures/figures.js").Sum} Sum */
/** @typedef {import("../../data/area_figures.js").Capacity} Capacity */

/** The large figure with how many are fresh. @param {{sum: Sum, of?: ".hospitals" | ""}} props */
export function BigFigure({ sum, of = "" }) {
  return html`<p class="big" data-figure="free"><${Figure} value=${sum.free} exists=${sum.exists} isOld=${sum.isAged} /></p>
    <${SumAge} sum=${sum} of=${of} />`;
}

/** @param {{sum: Sum, of: string}} props */
function SumAge({ sum, of }) {
  if (!sum.exists) return null;
  const { freshness, observedAt } = sum.age;
  const isFresh = sum.fresh > 0 && observedAt !== null;
  const words = withParts(t(`sum.age${(isFresh ? "" : ".none") + of}`), {
    t: observedAt !== null && html`<${Since} at=${observedAt} />`,
  });
  return html`<p class="big-age"><${Icon} name=${freshness} /><span class="vh">${t(`freshness.${freshness}`)}, </span>
    <b>${t("sum.fraction", { n: format.number(sum.fresh), m: format.number(sum.facilities) })}</b> ${words}</p>`;
}

/** `+74 belum pasti dari 5 RS ...` @param {{sum: Sum, facilities: number, of: "" | ".halls"}} props */
export function UncertainPart({ sum, facilities, of }) {
  if (sum.uncertain === null || facilities === 0) return null;
  return html`<p class="unsure" data-figure="uncertain"><${Uncertain} value=${sum.uncertain} />${" "}
    <b>${t("headline.uncertain")}</b> ${t(`uncertain.long${of}`, { n: facilities })}</p>`;
}

/** What adds nothing: facilities that have been silent for too long, and those that never reported. @param {{row: Capacity, never: number}} props */
export function NotCounted({ row, never }) {
  const { lapsed, oldest_observed_at } = row.reporting;
  if (!lapsed && !never) return null;
  const since = lapsed === 1 && oldest_observed_at ? now() - Date.parse(oldest_observed_at) : null;
  return html`<p class="notc">
    ${lapsed > 0 && (since === null ? t("headline.not_counted", { n: lapsed }) : t("headline.not_counted.one", { age: format.age(since) }))}
    ${" "}${never > 0 && t("headline.never", { n: never })}</p>`;
}
