// The list of facilities to call.

import { display } from "../../base/display.js";
import { html } from "../../base/html.js";
import { FIRST, MORE } from "../../data/call_list.js";
import { format, link, t } from "../../base/page.js";
import { Age } from "../age.js";
import { ErrorNote } from "../band.js";
import { CallButton, MissingPhones } from "../phone.js";

/** @typedef {import("../../data/call_list.js").CallList} CallList */
/** @typedef {import("../../data/call_list.js").Silent} Silent */

/** @param {{calls: CallList, isCurrent: boolean}} props */
export function Calls({ calls, isCurrent }) {
  const { rows, count } = calls;
  // While the connection is cut, its band says so: once is enough.
  const problem = calls.isLoaded && !isCurrent ? null : calls.problem;
  return html`<section class="silent" aria-labelledby="h-calls" data-part="calls">
    <h2 id="h-calls">${t("calls.title")} <b class="count">${format.number(count)}</b> <span>${t("calls.sub")}</span></h2>
    ${problem && html`<${ErrorNote} what=${t("error.what.calls")} problem=${problem} asOf=${calls.isLoaded ? calls.asOf : null} onReload=${() => calls.load()} />`}
    ${rows.length > 0 ? html`<ol class=${rows.length <= FIRST ? "short" : undefined}>${rows.map((row) => html`<${Item} key=${row.facility.facility_id} row=${row} />`)}</ol>` : calls.isLoaded && html`<p class="hint">${t("calls.none")}</p>`}
    ${
      calls.cursor !== null &&
      html`<p class="more"><button type="button" class="btn-q" onClick=${() => calls.more()}>
      ${rows.length <= FIRST ? t("calls.all", { n: format.number(count) }) : t("calls.more", { n: MORE })}</button></p>`
    }
    <${MissingPhones} rows=${rows} />
    <${DutyDesk} />
  </section>`;
}

/** @param {{row: Silent}} props */
function Item({ row }) {
  const { facility } = row;
  return html`<li data-facility=${facility.facility_id}>
    <span class="s-n"><a href=${link(`/facility/${encodeURIComponent(facility.facility_id)}`)} title=${facility.name}><bdi>${facility.name}</bdi></a></span>
    <span class="s-a"><${Age} figure=${ageOf(row)} />${row.beds_at_stake !== null && ` · ${t("calls.at_stake", { n: row.beds_at_stake })}`}</span>
    <${CallButton} contact=${row.contact} name=${facility.name} />
  </li>`;
}

/** A facility of this list becomes no fresher by itself; the list is read again when it turns. @param {Silent} row */
export function ageOf(row) {
  const never = Number.POSITIVE_INFINITY;
  const observedAt = row.observed_at === null ? null : Date.parse(row.observed_at);
  return { freshness: row.freshness, observedAt, staleAt: never, silentAt: never, lapsedAt: never };
}

function DutyDesk() {
  const desk = display.duty_desk;
  const phone = desk?.phones[0];
  if (!phone) return null;
  return html`<p class="hint">${t("calls.desk", { name: desk?.name ?? "", phone })}</p>`;
}
