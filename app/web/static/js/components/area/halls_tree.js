// The tree of halls: one row for each child area, which opens to its halls.

import { FacilityList } from "../../data/facility_list.js";
import { HALLS } from "../../data/area_figures.js";
import { hotRows } from "../../map/hot.js";
import { html, useEffect, useState } from "../../base/html.js";
import { link, t } from "../../base/page.js";
import { sorted } from "../../figures/sort.js";
import { hallSum } from "../../figures/sums.js";
import { Age } from "../age.js";
import { ErrorNote } from "../band.js";
import { Bar, Occupancy } from "../bar.js";
import { Files, capital } from "./children_table.js";
import { FacilityName, KnownFigure, useFacility } from "../facility_cells.js";
import { Figure, Fraction, Uncertain } from "../figure.js";
import { Icon } from "../icon.js";
import { CallLink } from "../phone.js";

/** @typedef {import("../../data/area_figures.js").AreaFigures} AreaFigures */
/** @typedef {import("../../data/area_figures.js").Capacity} Capacity */
/** @typedef {import("../../data/facility_list.js").Facility} Facility */
/** @typedef {import("../../figures/sums.js").ByClock} ByClock */

/** The anchor of a row, for the map. @param {string} code */
export const anchorOf = (code) => `halls-${code}`;

/** @param {{figures: AreaFigures, level: string, byClock: ByClock, onReload: () => void}} props */
export function HallsTree({ figures, level, byClock, onReload }) {
  const total = /** @type {Capacity} */ (figures.total);
  const name = t(`level.${level}`);
  const all = [...figures.children.values()];
  const rows = sorted(
    all.filter(({ reporting }) => reporting.facilities > 0),
    ({ reporting }) => reporting.facilities,
    true,
    ({ area }) => area.code,
  );
  const without = all.filter(({ reporting }) => reporting.facilities === 0).map(({ area }) => area);
  const { unplaced } = figures;
  return html`<section aria-labelledby="h-halls" class="k-kel" data-part="halls">
    <header><h2 id="h-halls">${t("tree.title", { level: capital(name) })}</h2>
      ${rows.length > 0 && html`<p class="hint">${t("tree.hint", { level: name })}</p>`}
      <${Files} figures=${figures} group="" />
    </header>
    ${figures.problem && html`<${ErrorNote} what=${t("error.what.children", { level: name })} problem=${figures.problem} asOf=${figures.asOf} onReload=${onReload} />`}
    <div class="scroll"><table class="grid tree" ...${hotRows}>
      <${Head} first=${`${capital(name)} / ${t("tree.hall")}`} />
      ${rows.map((row) => html`<${Branch} key=${row.area.code} code=${row.area.code} title=${row.area.name} row=${row} byClock=${byClock} isOpen=${rows.length === 1} />`)}
      ${unplaced && unplaced.reporting.facilities > 0 && html`<${Branch} key="unplaced" code=${unplaced.area.code} title=${t("tree.unplaced", { level: capital(name) })} row=${unplaced} byClock=${byClock} isOpen isDirect />`}
      ${without.length > 0 && html`<tbody><${Without} areas=${without} level=${name} /></tbody>`}
      ${rows.length + (unplaced?.reporting.facilities ? 1 : 0) > 1 && html`<tfoot><tr><th scope="row"><bdi>${total.area.name}</bdi></th><${SumCells} sum=${hallSum(total, byClock)} /></tr></tfoot>`}
    </table></div>
  </section>`;
}

/** All halls of the smallest areas, without a tree. @param {{figures: AreaFigures, code: string}} props */
export function HallsList({ figures, code }) {
  return html`<section aria-labelledby="h-halls" class="k-kel" data-part="halls">
    <header><h2 id="h-halls">${t("tree.title.facilities")}</h2></header>
    <div class="scroll"><table class="grid tree">
      <${Head} first=${t("table.facility")} />
      <tbody><${Halls} code=${code} isDirect=${false} version=${figures.position} /></tbody>
    </table></div>
  </section>`;
}

/** @param {{first: string}} props */
function Head({ first }) {
  return html`<thead><tr>
    <th scope="col">${first}</th><th scope="col">${t("table.free")}</th><th scope="col" class="hp">${t("table.uncertain")}</th>
    <th scope="col" class="hp">${t("table.occupied")}</th><th scope="col" class="hp">${t("table.total")}</th>
    <th scope="col" class="hp">${t("table.occupancy")}</th><th scope="col" class="hp">${t("table.fresh")}</th>
    <th scope="col" class="kA">${t("table.age")}</th><th scope="col">${t("table.phone")}</th>
  </tr></thead>`;
}

/**
 * @param {{code: string, title: string, row: Capacity, byClock: ByClock, isOpen?: boolean, isDirect?: boolean}} props
 *   `isDirect`: only facilities that are registered in the area itself
 */
function Branch({ code, title, row, byClock, isOpen = false, isDirect = false }) {
  const [open, setOpen] = useState(isOpen);
  const count = row.reporting.facilities;
  return html`<tbody id=${isDirect ? undefined : anchorOf(code)}>
    <tr class="grp" data-code=${isDirect ? undefined : code}>
      <th scope="rowgroup"><button type="button" aria-expanded=${String(open)} onClick=${() => setOpen(!open)}>
        <${Icon} name=${open ? "down" : "right"} /><bdi>${title}</bdi> <span class="hint">${t(`facility.${isDirect ? "places" : "halls"}`, { n: count })}</span></button></th>
      <${SumCells} sum=${hallSum(row, byClock)} />
    </tr>
    ${open && html`<${Halls} code=${code} isDirect=${isDirect} version=${figuresVersion(row)} />`}
  </tbody>`;
}

/** Changes when the halls of a row may have changed. @param {Capacity} row */
function figuresVersion({ totals, reporting }) {
  return JSON.stringify([totals.beds_available, totals.beds_occupied, totals.newest_observed_at, reporting]);
}

/** @param {{code: string, isDirect: boolean, version: string | number}} props */
function Halls({ code, isDirect, version }) {
  const [, redraw] = useState(0);
  const [list] = useState(
    () =>
      new FacilityList(
        code,
        HALLS,
        () => redraw((count) => count + 1),
        (facility) => !isDirect || facility.area_code === code,
      ),
  );
  useEffect(() => list.refresh(), [version]);
  if (list.problem) {
    return html`<tr class="empty"><td colspan="9"><${ErrorNote} what=${t("error.what.facilities")} problem=${list.problem} asOf=${null} onReload=${() => list.load()} /></td></tr>`;
  }
  return html`${list.rows.map((facility) => html`<${Hall} key=${facility.facility_id} facility=${facility} />`)}
    ${list.cursor !== null && html`<tr class="empty"><td colspan="9"><button type="button" class="btn-q" onClick=${() => list.more()}>${t("calls.more", { n: 50 })}</button></td></tr>`}`;
}

/** @param {{facility: Facility}} props */
function Hall({ facility }) {
  const { age, freshness, sum } = useFacility(facility);
  const { beds_occupied, beds_total } = facility.totals;
  const isOld = freshness !== "fresh";
  return html`<tr class=${`rw${isOld ? " is-old" : ""}`} data-facility=${facility.facility_id}>
    <th scope="row"><${FacilityName} facility=${facility} freshness=${freshness} /></th>
    <td class="free"><${Figure} value=${sum.free} exists=${sum.exists} />${sum.uncertain !== null && html` <span class="only-p"><${Uncertain} value=${sum.uncertain} /></span>`}</td>
    <td class="hp"><${Uncertain} value=${sum.uncertain} /></td>
    <td class="hp"><${KnownFigure} fresh=${sum.occupied} last=${isOld ? beds_occupied : null} exists=${sum.exists} /></td>
    <td class="hp"><${KnownFigure} fresh=${sum.total} last=${isOld ? beds_total : null} exists=${sum.exists} /></td>
    <td class="hp k6"><${Occupancy} sum=${sum} /><${Bar} sum=${sum} /></td>
    <td class="hp"></td>
    <td class="kA"><${Age} figure=${age} /></td>
    <td><${CallLink} contact=${facility.contact} name=${facility.name} /></td>
  </tr>`;
}

/** @param {{sum: import("../../figures/figures.js").Sum}} props */
function SumCells({ sum }) {
  const { exists } = sum;
  return html`<td class="free"><b><${Figure} value=${sum.free} exists=${exists} isOld=${sum.isAged} /></b>${sum.uncertain !== null && html` <span class="only-p"><${Uncertain} value=${sum.uncertain} /></span>`}</td>
    <td class="hp"><${Uncertain} value=${sum.uncertain} /></td>
    <td class="hp"><${Figure} value=${sum.occupied} exists=${exists} isOld=${sum.isAged} /></td>
    <td class="hp"><${Figure} value=${sum.total} exists=${exists} isOld=${sum.isAged} /></td>
    <td class="hp k6"><${Occupancy} sum=${sum} /><${Bar} sum=${sum} /></td>
    <td class="hp">${exists && html`<${Fraction} fresh=${sum.fresh} facilities=${sum.facilities} />`}</td>
    <td class="kA">${exists && html`<${Age} figure=${sum.age} />`}</td>
    <td></td>`;
}

/** @param {{areas: import("../../data/area_figures.js").AreaBrief[], level: string}} props */
function Without({ areas, level }) {
  const [before, after] = t("children.collapsed.halls", { n: areas.length, level }).split("{names}");
  return html`<tr class="empty"><td colspan="9">${before}${areas.map(
    (area, place) =>
      html`${place > 0 && ", "}<a key=${area.code} data-code=${area.code} href=${link(`/area/${encodeURIComponent(area.code)}`)}><bdi>${area.name}</bdi></a>`,
  )}${after}</td></tr>`;
}
