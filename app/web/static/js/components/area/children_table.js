// The table of child areas: sorted and filtered by the address, unknown last, areas without hospitals in one line.

import { KEYS, SORTABLE, USUAL_ORDER, rowsOf } from "../../figures/children.js";
import { useParameter } from "../../base/address.js";
import { hotRows } from "../../map/hot.js";
import { html } from "../../base/html.js";
import { link, t } from "../../base/page.js";
import { orderText, parseOrder, sorted } from "../../figures/sort.js";
import { useSteadyOrder } from "../../figures/steady_order.js";
import { groupsOf, hospitalSum, hospitalsOf } from "../../figures/sums.js";
import { Age } from "../age.js";
import { ErrorNote } from "../band.js";
import { Bar, Occupancy } from "../bar.js";
import { Figure, Fraction, Uncertain } from "../figure.js";
import { Segments } from "../segments.js";
import { SortableHeader } from "../sortable.js";

/** @typedef {import("../../data/area_figures.js").AreaFigures} AreaFigures */
/** @typedef {import("../../data/area_figures.js").Capacity} Capacity */
/** @typedef {import("../../figures/children.js").Child} Child */
/** @typedef {import("../../figures/sums.js").ByClock} ByClock */

const PAGE_FROM = 100;
const PAGE = 50;

/** @type {readonly [string, string, string][]} style, column, text */
const COLUMNS = [
  ["k1", "free", "free"],
  ["k2", "uncertain", "uncertain"],
  ["k3", "occupied", "occupied"],
  ["k4", "total", "total"],
  ["k5", "queue", "queue"],
  ["k6", "occupancy", "occupancy"],
  ["k7", "fresh", "fresh"],
  ["k8", "oldest", "oldest"],
];

/** @param {string} text */
export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/**
 * @param {{figures: AreaFigures, level: string, byClock: ByClock, isWide: boolean, onReload: () => void}} props
 */
export function ChildrenTable({ figures, level, byClock, isWide, onReload }) {
  const [group, setGroup] = useParameter("group");
  const [sort, setSort] = useParameter("sort");
  const [page, setPage] = useParameter("page");
  const total = /** @type {Capacity} */ (figures.total);
  const groups = groupsOf(total);
  const chosen = groups.find((each) => each === group) ?? "";
  const order = parseOrder(sort, SORTABLE, USUAL_ORDER);
  const { rows, without } = rowsOf(figures.children.values(), chosen, byClock);
  const { ordered, listeners } = useSteadyOrder(rows, `${orderText(order)} ${chosen}`, (unsorted) =>
    sorted(
      unsorted,
      /** @type {(child: Child) => import("../../figures/sort.js").Key} */ (KEYS[order.column]),
      order.descending,
      ({ code }) => code,
    ),
  );
  const first =
    ordered.length > PAGE_FROM ? Math.min((Number(page) || 1) - 1, Math.floor(ordered.length / PAGE)) * PAGE : 0;
  const shown = ordered.length > PAGE_FROM ? ordered.slice(first, first + PAGE) : ordered;
  const options = [
    { value: "", text: t("filter.all") },
    ...groups.map((each) => ({ value: each, text: t(`group.${each}.short`) })),
  ];
  const name = t(`level.${level}`);
  /** @param {string | null} value */
  const choose = (value) => setGroup(value || null);
  return html`<section class=${`kec${isWide ? " wide" : ""}`} aria-labelledby="h-children" data-part="children">
    <header>
      <h2 id="h-children">${capital(name)} <span>${t("children.of")}</span></h2>
      ${groups.length > 1 && html`<${Segments} label=${t("filter.label")} options=${options} value=${chosen} onChoose=${choose} />`}
      <${Files} figures=${figures} group=${chosen} />
    </header>
    ${figures.problem && html`<${ErrorNote} what=${t("error.what.children", { level: name })} problem=${figures.problem} asOf=${figures.asOf} onReload=${onReload} />`}
    ${
      chosen &&
      !rows.some(({ sum }) => sum.exists) &&
      html`<p class="hint">${t("filter.empty", { level: name, group: t(`group.${chosen}`) })}${" "}
      <button type="button" class="btn-q" onClick=${() => choose(null)}>${t("filter.clear")}</button></p>`
    }
    <div class="scroll" ...${listeners}><table class="grid" ...${hotRows}>
      <thead><tr>
        <${SortableHeader} column="name" text=${capital(name)} style="k0" order=${order} isText onSort=${(/** @type {any} */ next) => setSort(orderText(next))} />
        ${COLUMNS.map(
          ([
            style,
            column,
            text,
          ]) => html`<${SortableHeader} key=${column} column=${column} text=${t(`table.${text}`)} style=${style} order=${order}
            onSort=${(/** @type {any} */ next) => setSort(orderText(next))} />`,
        )}
      </tr></thead>
      <tbody>
        ${shown.map((child) => html`<${Row} key=${child.code} child=${child} />`)}
        ${first + shown.length >= ordered.length && html`<${Unplaced} row=${figures.unplaced} level=${name} group=${chosen} byClock=${byClock} />`}
        ${without.length > 0 && html`<${Without} areas=${without} level=${name} />`}
      </tbody>
      ${rows.length > 1 && html`<tfoot><${Cells} name=${html`<bdi>${total.area.name}</bdi>`} sum=${hospitalSum(total, chosen, byClock)} /></tfoot>`}
    </table></div>
    ${ordered.length > PAGE_FROM && html`<${Pages} first=${first} count=${ordered.length} onPage=${(/** @type {number} */ next) => setPage(next > 1 ? String(next) : null)} />`}
  </section>`;
}

/** @param {{child: Child}} props */
function Row({ child }) {
  const { sum } = child;
  const name = html`<a href=${link(`/area/${encodeURIComponent(child.code)}`)} title=${child.name}><bdi class="name2">${child.name}</bdi></a>`;
  return html`<${Cells} name=${name} sum=${sum} code=${child.code} style=${sum.exists && sum.fresh === 0 ? "dead" : undefined} />`;
}

/** @param {{name: unknown, sum: import("../../figures/figures.js").Sum, code?: string, style?: string, title?: string}} props */
function Cells({ name, sum, code, style, title }) {
  const { exists } = sum;
  return html`<tr data-code=${code} class=${style}>
    <th scope="row" title=${title}>${name}</th>
    <td class="free"><b><${Figure} value=${sum.free} exists=${exists} isOld=${sum.isAged} /></b></td>
    <td class="k2"><${Uncertain} value=${sum.uncertain} /></td>
    <td class="k3"><${Figure} value=${sum.occupied} exists=${exists} isOld=${sum.isAged} /></td>
    <td class="k4"><${Figure} value=${sum.total} exists=${exists} isOld=${sum.isAged} /></td>
    <td class="k5"><${Figure} value=${sum.queue} exists=${exists} isQuiet /></td>
    <td class="k6"><${Occupancy} sum=${sum} /><${Bar} sum=${sum} /></td>
    <td class="k7">${exists && html`<${Fraction} fresh=${sum.fresh} facilities=${sum.facilities} />`}</td>
    <td class="k8">${exists && html`<${Age} figure=${sum.age} />`}</td>
  </tr>`;
}

/** Facilities that are registered in the area itself. @param {{row: Capacity | null, level: string, group: string, byClock: ByClock}} props */
function Unplaced({ row, level, group, byClock }) {
  if (!row || hospitalsOf(row) === 0) return null;
  const title = t("children.unplaced.hint", { level });
  return html`<${Cells} name=${t("children.unplaced")} title=${title} style="unp" sum=${hospitalSum(row, group, byClock)} />`;
}

/** @param {{areas: import("../../data/area_figures.js").AreaBrief[], level: string}} props */
function Without({ areas, level }) {
  const [before, after] = t("children.collapsed", { n: areas.length, level }).split("{names}");
  return html`<tr class="empty"><td colspan=${COLUMNS.length + 1}>${before}${areas.map(
    (area, place) =>
      html`${place > 0 && ", "}<a key=${area.code} data-code=${area.code} href=${link(`/area/${encodeURIComponent(area.code)}`)}><bdi>${area.name}</bdi></a>`,
  )}${after}</td></tr>`;
}

/** @param {{figures: AreaFigures, group: string}} props */
export function Files({ figures, group }) {
  const table = `${figures.path}/capacity/children?${figures.filters}${group ? `&group=${group}` : ""}`;
  return html`<p class="files">${t("files")} <a href=${`${table}&format=csv`} download>CSV</a> · <a href=${`${table}&format=xlsx`} download>XLSX</a></p>`;
}

/** @param {{first: number, count: number, onPage: (page: number) => void}} props */
function Pages({ first, count, onPage }) {
  const page = first / PAGE + 1;
  const last = Math.min(first + PAGE, count);
  return html`<p class="pages">${t("children.page", { a: first + 1, b: last, n: count })}
    <button type="button" class="btn-s" disabled=${first === 0} onClick=${() => onPage(page - 1)}>${t("children.page.previous")}</button>
    <button type="button" class="btn-s" disabled=${last === count} onClick=${() => onPage(page + 1)}>${t("children.page.next")}</button></p>`;
}
