// The figures of one facility, for rows of tables.

import { sumOf } from "../figures/figures.js";
import { freshnessAt, momentsOf } from "../figures/freshness.js";
import { html } from "../base/html.js";
import { format, link, t } from "../base/page.js";
import { now } from "../live/server_clock.js";
import { useTicking } from "./age.js";
import { Figure } from "./figure.js";

/** @typedef {import("../data/facility_list.js").Facility} Facility */

/**
 * The sum of one facility as the clock sees it now, and how fresh it is.
 * @param {Facility} facility
 */
export function useFacility(facility) {
  const age = momentsOf(facility);
  const freshness = useTicking(() => freshnessAt(age, now()));
  const isLate = freshness !== "fresh";
  // Between two words of the server the clock may have made it late: then nothing of it is certain any more.
  const byClock = isLate && facility.freshness === "fresh" ? { now: now(), staleAfter: 0 } : null;
  const isCounted = freshness !== "lapsed";
  return { age, freshness, sum: sumOf(facility.totals, { facilities: isCounted ? 1 : 0, byClock }) };
}

/** @param {{facility: Facility, freshness: string}} props */
export function FacilityName({ facility, freshness }) {
  const lapsedAt = momentsOf(facility).lapsedAt;
  return html`<a href=${link(`/facility/${encodeURIComponent(facility.facility_id)}`)} title=${facility.name}><bdi class="name2">${facility.name}</bdi></a>
    ${freshness === "lapsed" && html` <span class="hint">${t("facility.lapsed", { t: format.shortDate(new Date(lapsedAt)) })}</span>`}`;
}

/** The last known number of a facility that is not fresh stands on the hatch. @param {{fresh: number | null, last: number | null, exists: boolean}} props */
export function KnownFigure({ fresh, last, exists }) {
  if (fresh !== null || last === null) return html`<${Figure} value=${fresh} exists=${exists} />`;
  return html`<${Figure} value=${last} isOld />`;
}
