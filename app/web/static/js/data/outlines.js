// The outlines of an area's children, and the modules that draw them: read after the figures are on the screen.

import { read } from "../live/api.js";
import { useEffect, useState } from "../base/html.js";

/**
 * @typedef {{type: "Feature", geometry: any, properties: {code: string, name: string,
 *   label: {lat: number, lon: number} | null}}} Outline
 * @typedef {{attribution: string | null, features: Outline[]}} Outlines
 * @typedef {typeof import("../map/maps.js")} MapModule
 */

/** Whose outlines are shown, for the footer; empty without any. */
export let attribution = "";

/**
 * The outlines of an area's children: null while they are loading or where there are none.
 * @param {string} code
 * @param {() => void} onLoad
 */
export function useOutlines(code, onLoad) {
  const [outlines, setOutlines] = useState(/** @type {Outlines | null} */ (null));
  const [problem, setProblem] = useState(/** @type {import("../live/api.js").Problem | null} */ (null));
  const [parts, setParts] = useState(/** @type {MapModule | null} */ (null));
  const load = () => {
    const drawing = import("../map/maps.js");
    read(`/v1/areas/${encodeURIComponent(code)}/boundaries`).then(
      async (document) => {
        const module = await drawing;
        setProblem(null);
        setParts(module);
        setOutlines(document);
        attribution = document.features.length ? (document.attribution ?? "") : "";
        onLoad();
      },
      (error) => setProblem(error.status === 404 ? null : error),
    );
  };
  useEffect(() => afterPaint(load), [code]);
  return { outlines: parts && outlines?.features.length ? outlines : null, parts, problem, load };
}

/** Run something after the browser has painted what is drawn now. @param {() => void} run */
function afterPaint(run) {
  const frame = requestAnimationFrame(() => setTimeout(run));
  return () => cancelAnimationFrame(frame);
}
