// The summary of a facility: how many beds are free, how old that is, when it becomes late, and its counts.

import { freshnessAt, momentsOf } from "../../figures/freshness.js";
import { html } from "../../base/html.js";
import { format, t } from "../../base/page.js";
import { now } from "../../live/server_clock.js";
import { added } from "../../figures/wards.js";
import { Since } from "../age.js";
import { Occupancy } from "../bar.js";
import { Figure, Uncertain } from "../figure.js";
import { Icon } from "../icon.js";

/**
 * @typedef {import("../../data/facility_page.js").FacilityDocument} FacilityDocument
 * @typedef {import("../../figures/wards.js").Ward} Ward
 */

/** A ward that is older by less is not older for a reader. */
const WORTH_SAYING = 60_000;

/** @param {number} at */
export const momentOf = (at) => format.moment(new Date(at), new Date(now()));

/** @param {{facility: FacilityDocument, wards: Ward[], sum: import("../../figures/figures.js").Sum}} props */
export function Lead({ facility, wards, sum }) {
  const old = wards.filter(({ counts, freshness }) => counts && freshness !== "fresh").length;
  return html`<section class="f-lead" aria-label=${t("facility.summary")}>
    <div class="city"><h2>${t("facility.free")}</h2>
      <p class="big">${facility.is_open ? html`<${Figure} value=${sum.free} />` : html`<span class="nil">–</span>`}</p>
      ${facility.is_open && html`<${AgeOfAll} facility=${facility} wards=${wards} />`}
      ${
        facility.is_open &&
        sum.uncertain !== null &&
        html`<p class="unsure"><${Uncertain} value=${sum.uncertain} />${" "}
        <span>${t("facility.uncertain", { n: old })}</span></p>`
      }
      ${facility.is_open && html`<p class="plain">${deadline(facility)}</p>`}
      ${closing(facility)}
    </div>
    ${facility.is_open && wards.some(({ counts }) => counts) && html`<${Counts} wards=${wards} sum=${sum} />`}
  </section>`;
}

/** @param {{facility: FacilityDocument, wards: Ward[]}} props */
function AgeOfAll({ facility, wards }) {
  const age = momentsOf(/** @type {any} */ (facility));
  const freshness = freshnessAt(age, now());
  if (age.observedAt === null) {
    return html`<p class="big-age"><${Icon} name="never" /><b>${t("freshness.never")}</b></p>`;
  }
  const at = new Date(age.observedAt);
  const oldest = Math.min(
    ...wards.filter(({ freshness: each }) => each === "fresh").map((ward) => ward.age.observedAt ?? Infinity),
  );
  const channel = t(`channel.${facility.counting_channel}`);
  return html`<p class="big-age" data-f=${freshness}><${Icon} name=${freshness} />
    <span class="vh">${t(`freshness.${freshness}`)}, </span><b><${Since} at=${age.observedAt} isAgo /></b>,
    ${" "}${momentOf(age.observedAt)} ${format.zone(at)}, ${t("facility.through", { channel })}${" "}
    ${age.observedAt - oldest >= WORTH_SAYING && html`<span>${t("facility.oldest_ward", { t: format.age(now() - oldest) })}</span>`}</p>`;
}

/** When the figures become late, or since when they are. @param {FacilityDocument} facility */
function deadline(facility) {
  const age = momentsOf(/** @type {any} */ (facility));
  switch (freshnessAt(age, now())) {
    case "fresh":
      return t("facility.deadline", { t: momentOf(age.staleAt) });
    case "stale":
      return t("facility.late", { t: momentOf(age.staleAt), u: momentOf(age.silentAt) });
    case "silent":
      return t("facility.silent", { t: momentOf(age.silentAt) });
    case "lapsed":
      return t("facility.lapsed.detail", { t: momentOf(age.lapsedAt) });
    default:
      return t("facility.never");
  }
}

/** @param {FacilityDocument} facility */
function closing({ planned }) {
  const plan = planned.find((/** @type {any} */ each) => each.changes.is_open === false && each.problem === null);
  return plan && html`<p class="plain">${t("facility.closes", { t: momentOf(Date.parse(plan.effective_at)) })}</p>`;
}

/** @param {{wards: Ward[], sum: import("../../figures/figures.js").Sum}} props */
function Counts({ wards, sum }) {
  const fresh = wards.filter(({ countsFresh }) => countsFresh).map(({ line }) => line);
  const blocked = fresh.length ? added(fresh, "beds_blocked") : null;
  const [preparing, planned] = [added(fresh, "beds_preparing"), added(fresh, "beds_planned")];
  const surge = preparing === null && planned === null ? null : (preparing ?? 0) + (planned ?? 0);
  return html`<dl class="nums">
    <div><dt>${t("facility.occupied")}</dt><dd><${Figure} value=${sum.occupied} /></dd></div>
    <div><dt>${t("facility.total")}</dt><dd><${Figure} value=${sum.total} /></dd></div>
    <div><dt>${t("facility.queue")}</dt><dd><${Figure} value=${sum.queue} /></dd></div>
    <div><dt>${t("facility.occupancy")}</dt><dd><${Occupancy} sum=${sum} /></dd></div>
    <div><dt>${t("facility.blocked")}</dt><dd><${Figure} value=${blocked} /></dd></div>
    ${
      surge !== null &&
      html`<div><dt>${t("facility.surge")}</dt>
      <dd><${Figure} value=${surge} /> <small>${t("facility.surge.hint")}</small></dd></div>`
    }
  </dl>`;
}

/** A facility that is closed, or not open yet. @param {{facility: FacilityDocument}} props */
export function ClosedBand({ facility }) {
  if (facility.is_open) return null;
  const opening = facility.planned.find(
    (/** @type {any} */ plan) => plan.changes.is_open === true && plan.problem === null,
  );
  const isNew = facility.opened_at !== null && Date.parse(facility.opened_at) > now();
  return html`<div class="band" data-band="closed"><${Icon} name="never" />
    <p><b>${isNew || !facility.closed_at ? t("facility.opens") : t("facility.closed", { t: momentOf(Date.parse(facility.closed_at)) })}</b></p>
    <p>${t("facility.closed.detail")}</p>
    ${opening && html`<p>${t("facility.opens.detail", { t: momentOf(Date.parse(opening.effective_at)) })}</p>`}
  </div>`;
}
