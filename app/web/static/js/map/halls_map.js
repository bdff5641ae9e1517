// The map of a small area: free places in halls and isolation sites as figures, occupancy as fill.

import { html } from "../base/html.js";
import { lookOf } from "./map_areas.js";
import { format, t } from "../base/page.js";
import { hallSum } from "../figures/sums.js";
import { AreaMap } from "./map.js";

/**
 * @param {{figures: import("../data/area_figures.js").AreaFigures, outlines: import("../data/outlines.js").Outlines, level: string,
 *   byClock: import("../figures/sums.js").ByClock, onOpen: (code: string) => void}} props
 */
export function HallsMap({ figures, outlines, level, byClock, onOpen }) {
  const rows = [...figures.children.values()];
  const looks = new Map(
    rows.map((row) => {
      const sum = hallSum(row, byClock);
      const value = sum.free === null ? "?" : format.number(sum.free);
      return [
        row.area.code,
        lookOf({
          name: row.area.name,
          around: figures.total?.area.name ?? "",
          sum,
          mode: "occupancy",
          value,
          none: "–",
        }),
      ];
    }),
  );
  return html`<div class="k-map">
    <${AreaMap} outlines=${outlines} looks=${looks} order=${rows.map(({ area }) => area.code)} onOpen=${onOpen}
      label=${t("map.label", { level: t(`level.${level}`), mode: t("map.mode.halls") })} />
    <p class="hint">${t("map.note.halls")}</p></div>`;
}
