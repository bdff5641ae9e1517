// The hospitals of a small area, one by one.

import { html } from "../../base/html.js";
import { t } from "../../base/page.js";
import { Age } from "../age.js";
import { ErrorNote } from "../band.js";
import { Bar, Occupancy } from "../bar.js";
import { FacilityName, useFacility } from "../facility_cells.js";
import { Figure, Uncertain } from "../figure.js";
import { CallLink, MissingPhones } from "../phone.js";

/** @typedef {import("../../data/facility_list.js").FacilityList} FacilityList */
/** @typedef {import("../../data/facility_list.js").Facility} Facility */

/** @param {{list: FacilityList, name: string}} props */
export function HospitalTable({ list, name }) {
  const { rows, problem } = list;
  return html`<section aria-labelledby="h-rs" class="k-rs" data-part="hospitals">
    <h2 id="h-rs">${t("area.hospitals", { name })}</h2>
    ${problem && html`<${ErrorNote} what=${t("error.what.facilities")} problem=${problem} asOf=${list.isLoaded ? list.asOf : null} onReload=${() => list.load()} />`}
    ${list.isLoaded && rows.length === 0 && html`<p class="hint">${t("area.hospitals.none", { name })}</p>`}
    ${
      rows.length > 0 &&
      html`<div class="scroll"><table class="grid">
      <thead><tr>
        <th scope="col">${t("table.hospital")}</th><th scope="col">${t("table.free")}</th>
        <th scope="col" class="hp">${t("table.uncertain")}</th>
        <th scope="col" class="hp">${t("table.queue")}</th><th scope="col" class="hp">${t("table.occupancy")}</th>
        <th scope="col" class="kA">${t("table.age")}</th><th scope="col">${t("table.phone")}</th>
      </tr></thead>
      <tbody>${rows.map((facility) => html`<${Row} key=${facility.facility_id} facility=${facility} />`)}</tbody>
    </table></div>
    <${MissingPhones} rows=${rows} />`
    }
  </section>`;
}

/** @param {{facility: Facility}} props */
function Row({ facility }) {
  const { age, freshness, sum } = useFacility(facility);
  const { exists } = sum;
  return html`<tr class=${freshness === "fresh" ? undefined : "is-old"} data-facility=${facility.facility_id}>
    <th scope="row"><${FacilityName} facility=${facility} freshness=${freshness} /></th>
    <td class="free"><b><${Figure} value=${sum.free} exists=${exists} /></b>${sum.uncertain !== null && html` <span class="only-p"><${Uncertain} value=${sum.uncertain} /></span>`}</td>
    <td class="hp"><${Uncertain} value=${sum.uncertain} /></td>
    <td class="hp"><${Figure} value=${sum.queue} exists=${exists} isQuiet /></td>
    <td class="hp k6"><${Occupancy} sum=${sum} /><${Bar} sum=${sum} /></td>
    <td class="kA"><${Age} figure=${age} /></td>
    <td><${CallLink} contact=${facility.contact} name=${facility.name} /></td>
  </tr>`;
}
