// The map of the command center, with its two modes and its legend.

import { useParameter } from "../base/address.js";
import { html } from "../base/html.js";
import { looksOf } from "./map_areas.js";
import { t } from "../base/page.js";
import { groupsOf } from "../figures/sums.js";
import { Legend } from "./legend.js";
import { AreaMap } from "./map.js";
import { Segments } from "../components/segments.js";

/** @typedef {import("../data/area_figures.js").AreaFigures} AreaFigures */
/** @typedef {import("../figures/sums.js").ByClock} ByClock */

/** @param {{figures: AreaFigures, level: string, byClock: ByClock, outlines: import("../data/outlines.js").Outlines}} props */
export function MapPart({ figures, level, byClock, outlines }) {
  const [chosenMode, setMode] = useParameter("map");
  const [group] = useParameter("group");
  const mode = chosenMode === "freshness" ? "freshness" : "occupancy";
  const total = /** @type {import("../data/area_figures.js").Capacity} */ (figures.total);
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
    <${AreaMap} outlines=${outlines} looks=${looks} order=${order}
      label=${t("map.label", { level: t(`level.${level}`), mode: t(`map.mode.${mode}`) })} />
    <${Legend} mode=${mode} none=${t("map.legend.none")} />
  </section>`;
}
