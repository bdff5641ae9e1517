// Places the labels of a map: inside their area where they fit, else beside it with a leader. Pure, in pixels.

/**
 * @typedef {[number, number]} Point
 * @typedef {object} Wanted
 * @property {string} code
 * @property {Point} at the label point of the area
 * @property {number} width of the text
 * @property {number} height
 * @property {Point[][]} rings of its outline
 * @typedef {{code: string, at: Point, anchor: Point | null}} Placed with an anchor it stands outside, on a leader
 * @typedef {{left: number, right: number, top: number, bottom: number}} Box
 */

/** A label may be so much wider than its area: names are short, and the map stays readable. */
const OVERHANG = 1.5;
const DISTANCES = [34, 46, 60, 76, 94, 114, 136];
const DIRECTIONS = 16;
const COVERING = 90;

/**
 * @param {Wanted[]} wanted
 * @param {{width: number, height: number}} frame labels stay inside it
 * @returns {Placed[]}
 */
export function placeLabels(wanted, frame) {
  /** @type {Box[]} */
  const taken = [];
  /** @type {Placed[]} */
  const placed = [];
  /** @type {Wanted[]} */
  const outside = [];
  const measured = wanted.map((label) => ({ label, span: spanAt(label) }));
  measured.sort((a, b) => b.span.width / b.label.width - a.span.width / a.label.width);
  for (const { label, span } of measured) {
    const at = span.width * OVERHANG < label.width ? null : bestInside(label, span, taken);
    if (at === null) outside.push(label);
    else {
      taken.push(boxAt(at, label));
      placed.push({ code: label.code, at, anchor: null });
    }
  }
  const areas = outside.length ? wanted.map(({ rings }) => ({ rings, around: boxAround(rings) })) : [];
  for (const label of outside) {
    const at = bestOutside(label, areas, taken, frame);
    taken.push(boxAt(at ?? label.at, label));
    placed.push({ code: label.code, at: at ?? label.at, anchor: at && label.at });
  }
  return placed;
}

/**
 * The first free place inside an area: the middle at its label point, then a little aside, above or below.
 * @param {Wanted} label @param {{width: number, middle: number}} span @param {Box[]} taken
 * @returns {Point | null}
 */
function bestInside(label, span, taken) {
  for (const down of [0, 0.5, -0.5, 0.9, -0.9]) {
    for (const aside of [0, -0.2, 0.2, -0.35, 0.35]) {
      /** @type {Point} */
      const at = [span.middle + aside * span.width, label.at[1] + down * label.height];
      const box = boxAt(at, label);
      if (isInside(at, label.rings) && !taken.some((other) => overlaps(box, other))) return at;
    }
  }
  return null;
}

/** @param {Wanted} label @param {{rings: Point[][], around: Box}[]} all @param {Box[]} taken @param {{width: number, height: number}} frame */
function bestOutside(label, all, taken, frame) {
  let best = null;
  let bestCost = Number.POSITIVE_INFINITY;
  for (const distance of DISTANCES) {
    for (let step = 0; step < DIRECTIONS; step += 1) {
      // Upwards first: leaders that come from above are the easiest to follow.
      const angle = -Math.PI / 2 + (step % 2 ? -1 : 1) * Math.ceil(step / 2) * ((2 * Math.PI) / DIRECTIONS);
      /** @type {Point} */
      const at = [
        label.at[0] + Math.cos(angle) * (distance + label.width / 3),
        label.at[1] + Math.sin(angle) * distance,
      ];
      const box = boxAt(at, label);
      if (box.left < 0 || box.top < 0 || box.right > frame.width || box.bottom > frame.height) continue;
      if (taken.some((other) => overlaps(box, other))) continue;
      const least = distance + step;
      if (least >= bestCost) continue;
      const near = all.filter(({ around }) => overlaps(box, around));
      const covers = near.filter(({ rings }) => cornersOf(box).some((corner) => isInside(corner, rings))).length;
      const cost = least + covers * COVERING;
      if (cost < bestCost) [best, bestCost] = [at, cost];
    }
  }
  return best;
}

/** How wide an area is at the height of its label point, and the middle there. @param {Wanted} label */
function spanAt({ at, rings }) {
  let [left, right] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const ring of rings) {
    for (let index = 0; index < ring.length; index += 1) {
      const x = crossing(ring, index, at[1]);
      if (x === null) continue;
      if (x <= at[0]) left = Math.max(left, x);
      else right = Math.min(right, x);
    }
  }
  const width = right - left;
  return Number.isFinite(width) ? { width, middle: (left + right) / 2 } : { width: 0, middle: at[0] };
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

/** @param {Point} at @param {{width: number, height: number}} label @returns {Box} */
function boxAt([x, y], { width, height }) {
  return { left: x - width / 2, right: x + width / 2, top: y - height / 2, bottom: y + height / 2 };
}

/** @param {Point[][]} rings @returns {Box} */
function boxAround(rings) {
  const box = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
  for (const [x, y] of rings.flat()) {
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x);
    box.top = Math.min(box.top, y);
    box.bottom = Math.max(box.bottom, y);
  }
  return box;
}

/** @param {Box} a @param {Box} b */
function overlaps(a, b) {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

/** @param {Box} box @returns {Point[]} */
function cornersOf({ left, right, top, bottom }) {
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  return [
    [left, top],
    [right, top],
    [left, bottom],
    [right, bottom],
    [x, y],
  ];
}
