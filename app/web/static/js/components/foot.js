// The footer: the moment and the position of the figures (also for paper), and whose outlines the map has.

import { html } from "../base/html.js";
import { format, t } from "../base/page.js";

/** @param {{figures: import("../data/area_figures.js").AreaFigures, attribution: string}} props */
export function Foot({ figures, attribution }) {
  const { asOf, position } = figures;
  if (!asOf) return null;
  const at = new Date(asOf);
  return html`<p>${t("foot.as_of", { t: `${format.date(at)} ${format.time(at)} ${format.zone(at)}`, position: String(position) })}</p>
    ${attribution && html`<p>${t("foot.boundaries", { attribution: attribution.replace(/^Boundaries: /, "") })}</p>`}`;
}
