// The beds of a facility by group and ward, each line with its own freshness.

import { html } from "../../base/html.js";
import { format, language, t } from "../../base/page.js";
import { byGroup, sumOfWards, wardName } from "../../figures/wards.js";
import { Age } from "../age.js";
import { Bar, Occupancy, signOf } from "../bar.js";
import { Figure } from "../figure.js";
import { Icon } from "../icon.js";

/**
 * @typedef {import("../../figures/wards.js").Ward} Ward
 * @typedef {import("../../figures/wards.js").BedTypes} BedTypes
 */

/** @param {{wards: Ward[], types: BedTypes}} props */
export function WardTable({ wards, types }) {
  return html`<section aria-labelledby="h-ln" class="f-lines">
    <header><h2 id="h-ln">${t("wards.title")}</h2></header>
    ${wards.length === 0 ? html`<p class="hint">${t("wards.none")}</p>` : html`<${Table} wards=${wards} types=${types} />`}
  </section>`;
}

/** @param {{wards: Ward[], types: BedTypes}} props */
function Table({ wards, types }) {
  return html`<div class="scroll"><table class="grid lines"><thead><tr>
    <th scope="col">${t("wards.ward")}</th><th scope="col" class="tl">${t("table.type")}</th>
    <th scope="col">${t("table.free")}</th><th scope="col" class="hp">${t("table.occupied")}</th>
    <th scope="col" class="hp">${t("table.total")}</th><th scope="col" class="hp">${t("table.queue")}</th>
    <th scope="col" class="hp">${t("table.occupancy")}</th><th scope="col" class="kA">${t("table.age")}</th></tr></thead>
    ${byGroup(wards, types).map(
      ([group, lines]) => html`<tbody key=${group}><${GroupRow} group=${group} wards=${lines} types=${types} />
      ${!isAlone(lines) && lines.map((ward) => html`<${WardRow} key=${keyOf(ward)} ward=${ward} types=${types} />`)}</tbody>`,
    )}
  </table></div>`;
}

/** A group with one line that is no ward of its own needs no second row. @param {Ward[]} wards */
function isAlone(wards) {
  return wards.length === 1 && wards.every(({ line }) => line.ward_name === null && line.ward_code === "");
}

/** @param {Ward} ward */
function keyOf({ line }) {
  return `${line.bed_type} ${line.ward_code}`;
}

/** @param {{group: string, wards: Ward[], types: BedTypes}} props */
function GroupRow({ group, wards, types }) {
  const sum = sumOfWards(wards);
  const only = isAlone(wards) ? wards[0] : undefined;
  return html`<tr class="grp">
    <th scope=${only ? "row" : "rowgroup"} colspan=${only ? undefined : 2}>${t(`group.${group}`)}</th>
    ${only && html`<td class="tl"><${TypeCell} ward=${only} types=${types} /></td>`}
    <td class="free">${only && html`<${Derived} ward=${only} />`}<${OnPhones} sum=${sum} /><b><${Figure} value=${sum.free} /></b>
      ${sum.uncertain !== null && html` <span class="uns">+${format.number(sum.uncertain)}</span>`}</td>
    <${CountCells} sum=${sum} />
    <td class="kA">${only && html`<${Age} figure=${only.age} />`}</td></tr>`;
}

/** @param {{ward: Ward, types: BedTypes}} props */
function WardRow({ ward, types }) {
  const { line, freshness } = ward;
  const isOld = freshness !== "fresh";
  const sum = sumOfWards([{ ...ward, counts: freshness !== "never" && freshness !== "lapsed", countsFresh: !isOld }]);
  const name = wardName(line);
  return html`<tr class=${isOld ? "is-old" : undefined} data-f=${freshness}>
    <th scope="row">${name ? html`<bdi class="name2" title=${name}>${name}</bdi>` : html`<span class="nil">–</span>`}</th>
    <td class="tl"><${TypeCell} ward=${ward} types=${types} /></td>
    <td class="free"><${Derived} ward=${ward} /><${OnPhones} sum=${sum} /><${Figure} value=${line.beds_available} isOld=${isOld} /></td>
    <${CountCells} sum=${isOld ? { ...sum, occupied: line.beds_occupied, total: line.beds_total, queue: line.queue } : sum} isOld=${isOld} />
    <td class="kA"><${Age} figure=${ward.age} /></td></tr>`;
}

/** Where a phone has no room for the occupancy: its sign, if it has one. @param {{sum: import("../../figures/figures.js").Sum}} props */
function OnPhones({ sum }) {
  const sign = signOf(sum);
  return (
    sign && html`<span class="only-p"><${Icon} name=${sign} /><span class="vh">${t(`scale.${sign}`)}: </span></span>`
  );
}

/** @param {{sum: import("../../figures/figures.js").Sum, isOld?: boolean}} props */
function CountCells({ sum, isOld = false }) {
  return html`<td class="hp"><${Figure} value=${sum.occupied} isQuiet isOld=${isOld} /></td>
    <td class="hp"><${Figure} value=${sum.total} isQuiet isOld=${isOld} /></td>
    <td class="hp"><${Figure} value=${sum.queue} isQuiet isOld=${isOld} /></td>
    <td class="hp k6"><${Occupancy} sum=${sum} /><${Bar} sum=${sum} /></td>`;
}

/** The type with what else is stated: free beds by sex, blocked ones. @param {{ward: Ward, types: BedTypes}} props */
function TypeCell({ ward, types }) {
  const { line, counts, freshness } = ward;
  const hints = [sexes(line), line.beds_blocked > 0 && t("wards.blocked", { n: line.beds_blocked })];
  if (!counts && freshness !== "lapsed" && freshness !== "never") hints.push(t("wards.inside"));
  return html`${types.get(line.bed_type)?.name[language] ?? line.bed_type}
    ${hints.filter(Boolean).map((hint) => html` <span class="hint">${hint}</span>`)}`;
}

/** Free beds by sex. Software that keeps no such count sends zeros. @param {import("../../figures/wards.js").Line} line */
function sexes({ available_male: male, available_female: female }) {
  if (!male && !female) return null;
  const [m, f] = [male, female].map((value) => (value === null ? "" : format.number(value)));
  if (male === null) return t("wards.female", { f: String(f) });
  return female === null ? t("wards.male", { m: String(m) }) : t("wards.sexes", { m: String(m), f: String(f) });
}

/** @param {{ward: Ward}} props */
function Derived({ ward }) {
  if (ward.line.available_is !== "derived") return null;
  return html`<span class="hint" title=${t("wards.derived.hint")}>${t("wards.derived")}</span> `;
}
