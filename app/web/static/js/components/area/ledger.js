// The ledger: one row for each group of beds, all hospitals, and halls apart.

import { html } from "../../base/html.js";
import { t } from "../../base/page.js";
import { groupsOf, hallSum, hospitalSum } from "../../figures/sums.js";
import { Since } from "../age.js";
import { Bar, Occupancy } from "../bar.js";
import { Figure, Fraction, Uncertain } from "../figure.js";

/** @typedef {import("../../figures/figures.js").Sum} Sum */
/** @typedef {import("../../data/area_figures.js").Capacity} Capacity */
/** @typedef {import("../../figures/sums.js").ByClock} ByClock */

/** @param {{hospitals: Capacity, halls: Capacity | null, byClock: ByClock, hallsByClock: ByClock}} props */
export function Ledger({ hospitals, halls, byClock, hallsByClock }) {
  const groups = groupsOf(hospitals);
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${t("ledger.caption")}>
    <table class="ledger" role="table">
      <caption class="vh">${t("ledger.caption")}</caption>
      <thead role="rowgroup"><tr role="row">
        <th scope="col" class="k0" role="columnheader">${t("table.type")}</th>
        ${COLUMNS.map(([style, key]) => html`<th scope="col" class=${style} role="columnheader">${t(`table.${key}`)}</th>`)}
      </tr></thead>
      <tbody role="rowgroup">
        ${groups.map((group) => html`<${Row} key=${group} name=${t(`group.${group}`)} group=${group} sum=${hospitalSum(hospitals, group, byClock)} />`)}
        <${Row} key="all" name=${t("group.hospitals")} group="hospitals" sum=${hospitalSum(hospitals, "", byClock)} />
      </tbody>
      ${
        halls &&
        halls.reporting.facilities > 0 &&
        html`<tbody class="apart" role="rowgroup">
        <${Row} name=${t("group.halls")} group="halls" sum=${hallSum(halls, hallsByClock)} />
      </tbody>`
      }
    </table>
  </div>`;
}

/** @type {readonly [string, string][]} */
const COLUMNS = [
  ["k1", "free"],
  ["k2", "uncertain"],
  ["k3", "occupied"],
  ["k4", "total"],
  ["k5", "queue"],
  ["k6", "occupancy"],
  ["k7", "fresh_oldest"],
];

/** @param {{name: string, group: string, sum: Sum}} props */
function Row({ name, group, sum }) {
  const { exists } = sum;
  return html`<tr role="row" data-group=${group}>
    <th scope="row" role="rowheader">${name}</th>
    <td class="free" role="cell" data-l=${t("table.free")}><b><${Figure} value=${sum.free} exists=${exists} isOld=${sum.isAged} /></b></td>
    <td class="k2" role="cell" data-l=${t("table.uncertain")}><${Uncertain} value=${sum.uncertain} /></td>
    <td class="k3" role="cell" data-l=${t("table.occupied")}><${Figure} value=${sum.occupied} exists=${exists} isOld=${sum.isAged} /></td>
    <td class="k4" role="cell" data-l=${t("table.total")}><${Figure} value=${sum.total} exists=${exists} isOld=${sum.isAged} /></td>
    <td class="k5" role="cell" data-l=${t("table.queue")}><${Figure} value=${sum.queue} exists=${exists} isQuiet /></td>
    <td class="k6" role="cell" data-l=${t("table.occupancy")}><${Occupancy} sum=${sum} /><${Bar} sum=${sum} /></td>
    <td class="k7" role="cell" data-l=${t("table.fresh_oldest")}><${Fraction} fresh=${sum.fresh} facilities=${sum.facilities} />${" "}
      <span class="old1">${sum.age.observedAt !== null && html`<${Since} at=${sum.age.observedAt} />`}</span></td>
  </tr>`;
}
