// Shapes on a map, in pixels: what is inside, how wide it is, what overlaps. Pure.

/**
 * @typedef {[number, number]} Point
 * @typedef {{width: number, height: number}} Size
 * @typedef {{left: number, right: number, top: number, bottom: number}} Box
 * @typedef {{middle: Point, width: number}} Span how wide an area is at one height
 */

/** Between two labels, at the side. */
const GAP = 3;
/** A line is looked at every so many pixels. */
export const STEP = 6;

/** The points of a line, every few pixels. @param {Point} from @param {Point} to @returns {Point[]} */
export function stepsOf([x1, y1], [x2, y2]) {
  const count = Math.max(1, Math.ceil(Math.hypot(x2 - x1, y2 - y1) / STEP));
  return Array.from({ length: count + 1 }, (_, step) => [
    x1 + ((x2 - x1) * step) / count,
    y1 + ((y2 - y1) * step) / count,
  ]);
}

/**
 * The widest part of an area at a height; at its label point the part that holds it.
 * @param {number} y @param {number | null} x @param {Point[][]} rings @returns {Span | null}
 */
export function widest(y, x, rings) {
  const crossings = rings
    .flatMap((ring) => ring.map((_, index) => crossing(ring, index, y)))
    .filter((each) => each !== null)
    .sort((a, b) => a - b);
  /** @type {Span | null} */
  let best = null;
  for (let index = 0; index + 1 < crossings.length; index += 2) {
    const [left, right] = [/** @type {number} */ (crossings[index]), /** @type {number} */ (crossings[index + 1])];
    const holds = x !== null && left <= x && x <= right;
    if (holds) return { middle: [(left + right) / 2, y], width: right - left };
    if (best === null || right - left > best.width) best = { middle: [(left + right) / 2, y], width: right - left };
  }
  return best;
}

/** Where an edge crosses a horizontal line. @param {Point[]} ring @param {number} index @param {number} y */
function crossing(ring, index, y) {
  const [x1, y1] = /** @type {Point} */ (ring[index]);
  const [x2, y2] = /** @type {Point} */ (ring[(index + 1) % ring.length]);
  return y1 > y === y2 > y ? null : x1 + ((y - y1) / (y2 - y1)) * (x2 - x1);
}

/** @param {Point} point @param {Point[][]} rings */
export function isInside([x, y], rings) {
  let inside = false;
  for (const ring of rings) {
    for (let index = 0; index < ring.length; index += 1) {
      const at = crossing(ring, index, y);
      if (at !== null && x < at) inside = !inside;
    }
  }
  return inside;
}

/** @param {Point[]} points @returns {Box} */
export function boxAround(points) {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}

/** @param {Point} at @param {Size} label @returns {Box} */
export function boxAt([x, y], { width, height }) {
  return { left: x - width / 2, right: x + width / 2, top: y - height / 2, bottom: y + height / 2 };
}

/** @param {Box} a @param {Box} b */
export function overlaps(a, b) {
  return a.left < b.right + GAP && b.left < a.right + GAP && a.top < b.bottom && b.top < a.bottom;
}

/** @param {Box} box @returns {Point[]} */
export function cornersOf({ left, right, top, bottom }) {
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  return [
    [left, top],
    [right, top],
    [left, bottom],
    [right, bottom],
    [x, y],
  ];
}
