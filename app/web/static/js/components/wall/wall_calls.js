// The strip at the bottom of the wall, and its view of whom to call.

import { html } from "../../base/html.js";
import { format, t } from "../../base/page.js";
import { Since } from "../age.js";
import { ageOf } from "../area/calls.js";
import { Icon } from "../icon.js";

/** @typedef {import("../../data/call_list.js").CallList} CallList */
/** @typedef {import("../../data/call_list.js").Silent} Silent */

const STRIP = 6;
const LIST = 9;

/** @param {{calls: CallList}} props */
export function WallCalls({ calls }) {
  return html`<section class="w-calls"><h2>${t("calls.title")} <b class="count">${format.number(calls.count)}</b> ${t("calls.sub")}</h2>
    <ol>${calls.rows.slice(0, LIST).map(
      (row) => html`<li key=${row.facility.facility_id}><span><${Shape} row=${row} /></span>
        <span class="w-who"><bdi class="w-name">${row.facility.name}</bdi>
          <small><${When} row=${row} />${row.beds_at_stake !== null && ` · ${t("calls.at_stake", { n: row.beds_at_stake })}`}</small></span>
        <span class="w-tel"><${Phone} row=${row} /></span></li>`,
    )}</ol></section>`;
}

/** @param {{calls: CallList, views: string[], view: string, seconds: number}} props */
export function WallStrip({ calls, views, view, seconds }) {
  return html`<section class="w-act" aria-label=${t("calls.title")}>
    <div>${
      view !== "calls" &&
      html`<h2>${t("calls.title")} <b class="count">${format.number(calls.count)}</b></h2>
      <ol>${calls.rows.slice(0, STRIP).map(
        (row) => html`<li key=${row.facility.facility_id}><${Shape} row=${row} />
          <span><bdi class="w-name">${row.facility.name}</bdi> <small><${When} row=${row} /> · <${Phone} row=${row} /></small></span></li>`,
      )}</ol>`
    }</div>
    <p class="w-cycle">${views.map((each) => (each === view ? html`<b key=${each}>${t(`wall.view.${each}`)}</b>` : html`<span key=${each}>${t(`wall.view.${each}`)}</span>`))}
      <small>${t("wall.cycle", { n: seconds })}</small></p>
  </section>`;
}

/** @param {{row: Silent}} props */
function Shape({ row }) {
  return html`<${Icon} name=${row.freshness} /><span class="vh">${t(`freshness.${row.freshness}`)}</span>`;
}

/** @param {{row: Silent}} props */
function When({ row }) {
  const { observedAt } = ageOf(row);
  return observedAt === null ? t("freshness.never.short") : html`<${Since} at=${observedAt} />`;
}

/** @param {{row: Silent}} props */
function Phone({ row }) {
  const phone = row.contact?.phones[0];
  return phone ? html`<bdi>${phone}</bdi>` : html`<span class="w-none">${t("calls.no_phone")}</span>`;
}
