// The map of the wall.

import { html } from "../base/html.js";
import { looksOf } from "./map_areas.js";
import { t } from "../base/page.js";
import { Legend } from "./legend.js";
import { AreaMap } from "./map.js";

/**
 * @param {{figures: import("../data/area_figures.js").AreaFigures, outlines: import("../data/outlines.js").Outlines, group: string,
 *   isFreshness: boolean, byClock: import("../figures/sums.js").ByClock}} props
 */
export function WallMap({ figures, outlines, group, isFreshness, byClock }) {
  const mode = isFreshness ? "freshness" : "occupancy";
  const { looks, order } = looksOf(figures, group, mode, byClock);
  const level = [...figures.children.values()][0]?.area.level ?? "city";
  return html`<section class="w-map" aria-label=${t("map.title")}>
    <${AreaMap} outlines=${outlines} looks=${looks} order=${order} label=${t("map.label", { level: t(`level.${level}`), mode: t(`map.mode.${mode}`) })} />
    <${Legend} mode=${mode} none=${t("map.legend.none")} />
  </section>`;
}
