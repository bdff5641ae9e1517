// The large figures of the wall: by group of beds, or by area for one group.

import { rowsOf } from "../../figures/children.js";
import { html } from "../../base/html.js";
import { t } from "../../base/page.js";
import { sorted } from "../../figures/sort.js";
import { GROUPS, groupsOf, hallSum, hospitalSum } from "../../figures/sums.js";
import { Since } from "../age.js";
import { Bar, Occupancy } from "../bar.js";
import { capital } from "../area/children_table.js";
import { Figure, Fraction, Uncertain } from "../figure.js";

/** @typedef {import("../../data/area_figures.js").Capacity} Capacity */
/** @typedef {import("../../figures/figures.js").Sum} Sum */
/** @typedef {import("../../figures/sums.js").ByClock} ByClock */

/** Rows that fit, each readable from five metres. */
const ROWS = 6;

/** @param {{hospitals: Capacity, halls: Capacity | null, byClock: ByClock, hallsByClock: ByClock}} props */
export function GroupRows({ hospitals, halls, byClock, hallsByClock }) {
  const groups = groupsOf(hospitals).filter((group) => group !== GROUPS.at(-1));
  return html`<${Figures} first=${t("table.type")}>
    <tbody>${groups.map((group) => html`<${Row} key=${group} name=${t(`group.${group}`)} sum=${hospitalSum(hospitals, group, byClock)} />`)}</tbody>
    ${halls && halls.reporting.facilities > 0 && html`<tbody class="apart"><${Row} name=${t("group.halls.wall")} sum=${hallSum(halls, hallsByClock)} /></tbody>`}
  <//>`;
}

/** The areas where a group is the most used. @param {{figures: import("../../data/area_figures.js").AreaFigures, group: string, byClock: ByClock}} props */
export function AreaRows({ figures, group, byClock }) {
  const total = /** @type {Capacity} */ (figures.total);
  const { rows } = rowsOf(figures.children.values(), group, byClock);
  const existing = rows.filter(({ sum }) => sum.exists);
  const most = sorted(
    existing,
    ({ sum }) => sum.occupancy,
    true,
    ({ code }) => code,
  ).slice(0, ROWS - 1);
  return html`<${Figures} first=${t(`group.${group}`)}>
    <tbody>${most.map(({ code, name, sum }) => html`<${Row} key=${code} name=${name} sum=${sum} />`)}</tbody>
    <tbody class="apart"><${Row} name=${total.area.name} sum=${hospitalSum(total, group, byClock)} /></tbody>
  <//>`;
}

/** @param {{first: string, children?: unknown}} props */
function Figures({ first, children }) {
  return html`<section class="w-figs" aria-label=${first}><table>
    <thead><tr><th scope="col">${capital(first)}</th><th scope="col">${t("table.free")}</th><th scope="col">${t("table.uncertain")}</th>
      <th scope="col">${t("table.occupancy")}</th><th scope="col">${t("table.fresh")}</th></tr></thead>
    ${children}
  </table></section>`;
}

/** @param {{name: string, sum: Sum}} props */
function Row({ name, sum }) {
  return html`<tr>
    <th scope="row"><bdi class="name2">${name}</bdi></th>
    <td class="free"><${Figure} value=${sum.free} exists=${sum.exists} isOld=${sum.isAged} /></td>
    <td><${Uncertain} value=${sum.uncertain} /></td>
    <td class="k6"><${Occupancy} sum=${sum} /><${Bar} sum=${sum} /></td>
    <td class="w-age"><${Fraction} fresh=${sum.fresh} facilities=${sum.facilities} /><span>${sum.age.observedAt !== null && html`<${Since} at=${sum.age.observedAt} />`}</span></td>
  </tr>`;
}
