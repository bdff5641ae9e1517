// The map of the command center, with its two modes and its legend.

import { useParameter } from "../address.js";
import { rowsOf } from "../children.js";
import { html } from "../html.js";
import { lookOf, shortName } from "../map_areas.js";
import { t } from "../page.js";
import { sorted } from "../sort.js";
import { groupsOf } from "../sums.js";
import { ErrorNote } from "./band.js";
import { Legend } from "./legend.js";
import { AreaMap } from "./map.js";
import { Segments } from "./segments.js";

/** @typedef {import("../area_figures.js").AreaFigures} AreaFigures */
/** @typedef {import("../sums.js").ByClock} ByClock */

/**
 * How the children of an area look on its map, for a group of beds, and their order in the table.
 * @param {AreaFigures} figures @param {string} group @param {string} mode @param {ByClock} byClock
 */
export function looksOf(figures, group, mode, byClock) {
  const around = figures.total?.area.name ?? "";
  const { rows, without } = rowsOf(figures.children.values(), group, byClock);
  const looks = new Map(
    rows.map(({ code, name, sum }) => [code, lookOf({ name: shortName(name, around), sum, mode, none: "–" })]),
  );
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

/**
 * @param {{figures: AreaFigures, level: string, byClock: ByClock,
 *   outlines: {outlines: import("../lazy_map.js").Outlines | null, problem: import("../api.js").Problem | null, load: () => void}}} props
 */
export function MapPart({ figures, level, byClock, outlines: { outlines, problem, load } }) {
  const [chosenMode, setMode] = useParameter("map");
  const [group] = useParameter("group");
  const mode = chosenMode === "freshness" ? "freshness" : "occupancy";
  const total = /** @type {import("../area_figures.js").Capacity} */ (figures.total);
  const chosen = groupsOf(total).find((each) => each === group) ?? "";
  const { looks, order } = looksOf(figures, chosen, mode, byClock);
  const modes = [
    { value: "occupancy", text: t("map.occupancy") },
    { value: "freshness", text: t("map.freshness") },
  ];
  return html`<section class="geo" aria-labelledby="h-map">
    <header><h2 id="h-map">${t("map.title")}</h2>
      <${Segments} label=${t("map.title")} options=${modes} value=${mode} onChoose=${(/** @type {string} */ value) => setMode(value === "freshness" ? value : null)} />
    </header>
    ${problem && html`<${ErrorNote} what=${t("error.what.map")} problem=${problem} asOf=${null} onReload=${load} />`}
    ${
      outlines &&
      html`<${AreaMap} outlines=${outlines} looks=${looks} order=${order}
      label=${t("map.label", { level: t(`level.${level}`), mode: t(`map.mode.${mode}`) })} />`
    }
    <${Legend} mode=${mode} none=${t("map.legend.none")} />
  </section>`;
}
