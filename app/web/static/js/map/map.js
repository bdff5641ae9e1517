// The map of an area's children: one stop of the Tab key; arrows go through the areas in the order of the table.

import { setHot } from "./hot.js";
import { html, useState } from "../base/html.js";
import { useDrawing } from "./drawing.js";
import { link } from "../base/page.js";

/** @typedef {import("../data/outlines.js").Outlines} Outlines */
/** @typedef {import("./map_areas.js").Look} Look */

const FORWARD = new Set(["ArrowRight", "ArrowDown"]);
const BACK = new Set(["ArrowLeft", "ArrowUp"]);

/**
 * @param {{outlines: Outlines, looks: Map<string, Look>, order: string[], label: string, names?: boolean,
 *   onOpen?: (code: string) => void}} props
 */
export function AreaMap({ outlines, looks, order, label, names = true, onOpen = openArea }) {
  const element = useDrawing(outlines, looks, { names, onOpen, order });
  const [at, setAt] = useState("");
  const drawn = new Set(outlines.features.map(({ properties }) => properties.code));
  /** @param {string} code */
  const go = (code) => {
    setAt(code);
    setHot(code);
  };
  /** @param {KeyboardEvent} event */
  const onKeyDown = (event) => {
    const stops = [...new Set([...rowsOfTable(), ...order])].filter((code) => drawn.has(code));
    const step = FORWARD.has(event.key) ? 1 : BACK.has(event.key) ? -1 : 0;
    if (step) {
      const place = stops.indexOf(at);
      const next = place < 0 ? (step > 0 ? 0 : stops.length - 1) : (place + step + stops.length) % stops.length;
      go(stops[next] ?? "");
    } else if (event.key === "Home" || event.key === "End") go(stops.at(event.key === "Home" ? 0 : -1) ?? "");
    else if (event.key === "Enter" && at) onOpen(at);
    else if (event.key === "Escape") /** @type {HTMLElement} */ (event.currentTarget).blur();
    else return;
    event.preventDefault();
  };
  return html`<div class="map" ref=${element} role="application" tabindex="0" aria-label=${label} data-part="map"
      onKeyDown=${onKeyDown} onBlur=${() => go("")}></div>
    <p class="vh" role="status">${looks.get(at)?.title ?? ""}</p>`;
}

/** The areas in the order of the table beside the map, as it is sorted now. */
function rowsOfTable() {
  return [...document.querySelectorAll("tr[data-code]")].map(
    (row) => /** @type {HTMLElement} */ (row).dataset.code ?? "",
  );
}

/** @param {string} code */
function openArea(code) {
  location.assign(link(`/area/${encodeURIComponent(code)}`));
}
