// How each area of a map looks: its class, whether it is hatched, and what is written on it.

import { rowsOf } from "../figures/children.js";
import { display } from "../base/display.js";
import { format, t } from "../base/page.js";
import { freshnessClass, occupancyClass } from "../figures/scale.js";
import { sorted } from "../figures/sort.js";

/** @typedef {import("../figures/figures.js").Sum} Sum */
/**
 * @typedef {object} Look
 * @property {string} style class of the fill
 * @property {boolean} isVeiled hatched over its fill: more than half is not fresh
 * @property {string} name
 * @property {string} value
 * @property {string | null} sign symbol beside the value
 * @property {string} title
 */

/**
 * @param {{name: string, around: string, sum: Sum, mode: string, value?: string, none: string}} area `around`: the name
 *   of the area that the map is of; `value`: instead of the share; `none`: where there is nothing
 * @returns {Look}
 */
export function lookOf({ name: whole, around, sum, mode, value, none }) {
  const title = titleOf(whole, sum);
  const name = shortName(whole, around);
  if (!sum.exists) return { style: "none", isVeiled: false, name, value: none, sign: null, title };
  if (sum.fresh === 0) return { style: "cu", isVeiled: false, name, value: "?", sign: null, title };
  const isVeiled = sum.isAged || sum.fresh * 2 < sum.facilities || (sum.bar?.old ?? 0) > 0.5;
  if (mode === "freshness") {
    const style = freshnessClass(sum.fresh, sum.facilities, display.fresh_share);
    const shown = `${format.number(sum.fresh)}/${format.number(sum.facilities)}`;
    return { style, isVeiled: false, name, value: shown, sign: null, title };
  }
  const style = sum.occupancy === null ? "c0" : occupancyClass(sum.occupancy, sum.total, display.occupancy);
  const sign = style === "c5" ? "full" : style === "c4" ? "tight" : null;
  const shown = value ?? (sum.occupancy === null ? "?" : format.wholePercent(sum.occupancy));
  return { style, isVeiled, name, value: shown, sign, title };
}

/** @param {string} name @param {Sum} sum */
function titleOf(name, sum) {
  const free = !sum.exists ? "–" : sum.free === null ? "?" : format.number(sum.free);
  const occupancy = sum.occupancy === null ? "?" : format.percent(sum.occupancy);
  return t("map.tooltip", { name, free, occupancy: sum.exists ? occupancy : "–" });
}

/** A longer name is cut on the map: it is whole in its title and in the table. */
const NAME_MAX = 18;

/** A name without the one of the area around it, which stands above the map: `Semarang Timur` is `Timur`. @param {string} name @param {string} around */
function shortName(name, around) {
  const bare = around.replace(/^(Kota|Kabupaten|Kab\.|Kecamatan|Provinsi) /i, "");
  const short = name.startsWith(`${bare} `) ? name.slice(bare.length + 1) : name;
  return short.length > NAME_MAX ? `${[...short].slice(0, NAME_MAX - 1).join("")}…` : short;
}

/**
 * How the children of an area look on its map, for a group of beds, and their order in the table.
 * @param {import("../data/area_figures.js").AreaFigures} figures @param {string} group @param {string} mode @param {import("../figures/sums.js").ByClock} byClock
 */
export function looksOf(figures, group, mode, byClock) {
  const around = figures.total?.area.name ?? "";
  const { rows, without } = rowsOf(figures.children.values(), group, byClock);
  const looks = new Map(rows.map(({ code, name, sum }) => [code, lookOf({ name, around, sum, mode, none: "–" })]));
  for (const { code, name } of without) {
    const short = shortName(name, around);
    looks.set(code, {
      style: "none",
      isVeiled: false,
      name: short,
      value: t("map.none"),
      sign: null,
      title: `${name}: ${t("map.legend.none")}`,
    });
  }
  const order = sorted(
    rows,
    ({ sum }) => sum.occupancy,
    true,
    ({ code }) => code,
  ).map(({ code }) => code);
  return { looks, order: [...order, ...without.map(({ code }) => code)] };
}
