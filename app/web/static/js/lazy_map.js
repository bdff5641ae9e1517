// Loads what a map needs after the figures are drawn: the outlines, the library with its style sheet, our drawing.

import { read } from "./api.js";
import { useEffect, useRef, useState } from "./html.js";

/**
 * @typedef {{type: "Feature", geometry: any, properties: {code: string, name: string,
 *   label: {lat: number, lon: number} | null}}} Outline
 * @typedef {{attribution: string | null, features: Outline[]}} Outlines
 * @typedef {import("./components/map_drawing.js").MapDrawing} MapDrawing
 * @typedef {import("./map_areas.js").Look} Look
 */

/**
 * The outlines of an area's children: null while they are loading or where there are none.
 * @param {string} code
 */
export function useOutlines(code) {
  const [outlines, setOutlines] = useState(/** @type {Outlines | null} */ (null));
  const [problem, setProblem] = useState(/** @type {import("./api.js").Problem | null} */ (null));
  const load = () => {
    read(`/v1/areas/${encodeURIComponent(code)}/boundaries`).then(
      (document) => {
        setProblem(null);
        setOutlines(document);
      },
      (error) => setProblem(error.status === 404 ? null : error),
    );
  };
  useEffect(() => afterPaint(load), [code]);
  return { outlines: outlines?.features.length ? outlines : null, problem, load };
}

/**
 * Draw a map into an element and keep it up to date.
 * @param {Outlines} outlines
 * @param {Map<string, Look>} looks
 * @param {{names: boolean, onOpen: (code: string) => void, order: string[]}} options
 */
export function useDrawing(outlines, looks, options) {
  const element = useRef(/** @type {HTMLElement | null} */ (null));
  const drawing = useRef(/** @type {MapDrawing | null} */ (null));
  useEffect(() => {
    let isGone = false;
    import("./components/map_drawing.js").then(async ({ createDrawing }) => {
      const created = await createDrawing(/** @type {HTMLElement} */ (element.current), outlines);
      if (isGone) return created.remove();
      drawing.current = created;
      created.show(looks, options);
    });
    return () => {
      isGone = true;
      drawing.current?.remove();
    };
  }, [outlines]);
  useEffect(() => drawing.current?.show(looks, options));
  return element;
}

/** Run something after the browser has painted what is drawn now. @param {() => void} run */
function afterPaint(run) {
  const frame = requestAnimationFrame(() => setTimeout(run));
  return () => cancelAnimationFrame(frame);
}
