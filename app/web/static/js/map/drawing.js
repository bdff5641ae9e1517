// Draws a map into an element, and keeps it as the figures are.

import { useEffect, useRef } from "../base/html.js";

/**
 * @typedef {import("../data/outlines.js").Outlines} Outlines
 * @typedef {import("./map_drawing.js").MapDrawing} MapDrawing
 * @typedef {import("./map_areas.js").Look} Look
 */

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
    import("./map_drawing.js").then(async ({ createDrawing }) => {
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
