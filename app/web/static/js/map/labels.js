// Places the labels of a map: inside their area where they fit, else beside it with a leader. Pure, in pixels.

import { STEP, boxAround, boxAt, cornersOf, isInside, overlaps, stepsOf, widest } from "./shapes.js";

/**
 * @typedef {import("./shapes.js").Point} Point
 * @typedef {import("./shapes.js").Size} Size
 * @typedef {import("./shapes.js").Box} Box
 * @typedef {import("./shapes.js").Span} Span
 * @typedef {object} Wanted
 * @property {string} code
 * @property {Point} at the label point of the area
 * @property {number} width of the text
 * @property {number} height
 * @property {Size} [outside] its size on a leader, if it says more there
 * @property {boolean} [isFirst] it chooses its place before the others: what needs a person
 * @property {Point[][]} rings of its outline
 * @typedef {{code: string, at: Point, anchor: Point | null}} Placed with an anchor it stands outside, on a leader
 * @typedef {{box: Box, steps: Point[]}} Leader
 * @typedef {Wanted & {box: Box}} Area with the box around it
 */

/** A label may be so much wider than its area: names are short, and the map stays readable. */
const OVERHANG = 1.5;
const DISTANCES = [34, 46, 60, 76, 94, 114, 136];
const DIRECTIONS = 16;
/** What it costs, in pixels: to stand on an area, to lead through one (each step), to cross another label or leader. */
const COVERING = 90;
const LEADING = 5;
const CROSSING = 400;
/** A leader ends so far inside its area. */
const INSIDE = 8;

/**
 * @param {Wanted[]} wanted
 * @param {Size} frame labels stay inside it
 * @returns {Placed[]}
 */
export function placeLabels(wanted, frame) {
  /** @type {Box[]} */
  const taken = [];
  /** @type {Leader[]} */
  const leaders = [];
  /** @type {Placed[]} */
  const placed = [];
  /** @type {{label: Wanted, spans: Span[]}[]} */
  const outside = [];
  const areas = wanted.map((area) => ({ ...area, box: boxAround(area.rings.flat()) }));
  const measured = wanted.map((label) => ({ label, spans: spansOf(label) }));
  const room = (/** @type {typeof measured[number]} */ { label, spans }) => (spans[0]?.width ?? 0) / label.width;
  measured.sort((a, b) => Number(b.label.isFirst ?? false) - Number(a.label.isFirst ?? false) || room(b) - room(a));
  for (const each of measured) {
    const at = bestInside(each.label, each.spans, taken);
    if (at === null) outside.push(each);
    else {
      taken.push(boxAt(at, each.label));
      placed.push({ code: each.label.code, at, anchor: null });
    }
  }
  for (const { label, spans } of outside) {
    const size = label.outside ?? label;
    const found = bestOutside({ ...label, ...size }, spans, { areas, taken, leaders, frame });
    const at = found?.at ?? label.at;
    taken.push(boxAt(at, size));
    if (found) leaders.push(leaderOf(found.from, found.anchor));
    placed.push({ code: label.code, at, anchor: found?.anchor ?? null });
  }
  return placed;
}

/**
 * The first free place inside an area: at its label point, then a little aside, above or below, then at other heights.
 * @param {Wanted} label @param {Span[]} spans @param {Box[]} taken
 * @returns {Point | null}
 */
function bestInside(label, spans, taken) {
  for (const { middle, width } of spans) {
    if (width * OVERHANG < label.width) continue;
    for (const aside of [0, -0.2, 0.2, -0.35, 0.35]) {
      /** @type {Point} */
      const at = [middle[0] + aside * width, middle[1]];
      const box = boxAt(at, label);
      if (isInside(at, label.rings) && !taken.some((other) => overlaps(box, other))) return at;
    }
  }
  return null;
}

/**
 * @param {Wanted} label @param {Span[]} spans
 * @param {{areas: Area[], taken: Box[], leaders: Leader[], frame: Size}} map
 */
function bestOutside(label, spans, map) {
  /** @type {{at: Point, from: Point, anchor: Point} | null} */
  let best = null;
  let bestCost = Number.POSITIVE_INFINITY;
  const targets = targetsOf(label, spans);
  for (const distance of DISTANCES) {
    for (const [at, target] of targets.flatMap((each) => around(each, distance, label))) {
      const box = boxAt(at, label);
      if (box.left < 0 || box.top < 0 || box.right > map.frame.width || box.bottom > map.frame.height) continue;
      if (map.taken.some((other) => overlaps(box, other))) continue;
      const from = edgeOf(at, label, target);
      const anchor = entryOf(from, target, label.rings);
      // Leaders that come straight from above are the easiest to follow.
      const slant = Math.abs(from[0] - anchor[0]) / 2 + (from[1] > anchor[1] ? 4 : 0);
      const length = Math.hypot(anchor[0] - from[0], anchor[1] - from[1]) + slant;
      if (length >= bestCost) continue;
      const cost = length + costOfPlace(box, leaderOf(from, anchor), label, map);
      if (cost < bestCost) [best, bestCost] = [{ at, from, anchor }, cost];
    }
  }
  return best;
}

/** To where a leader may lead: the label point, and the middle of the area further up and down. @param {Wanted} label @param {Span[]} spans @returns {Point[]} */
function targetsOf({ at }, spans) {
  const byHeight = spans.map(({ middle }) => middle).sort((a, b) => a[1] - b[1]);
  const shares = [0, 0.25, 0.75, 1].map((share) => byHeight[Math.round(share * (byHeight.length - 1))]);
  return [at, ...shares.filter((point) => point !== undefined)];
}

/** @param {Box} box @param {Leader} leader @param {Wanted} label @param {{areas: Area[], taken: Box[], leaders: Leader[]}} map */
function costOfPlace(box, leader, label, { areas, taken, leaders }) {
  const labels = taken.filter((other) => crosses(leader, other)).length;
  const lines = leaders.filter(
    (other) =>
      crosses(other, box) ||
      (overlaps(leader.box, other.box) && leader.steps.some((step) => crosses(other, boxAround([step])))),
  ).length;
  const covered = areas.filter((area) => cornersOf(box).some((corner) => isOn(corner, area))).length;
  const others = areas.filter((area) => area.code !== label.code && overlaps(area.box, leader.box));
  const through = leader.steps.filter((step) => others.some((area) => isOn(step, area))).length;
  return (labels + lines) * CROSSING + covered * COVERING + through * LEADING;
}

/** @param {Leader} leader @param {Box} box */
function crosses(leader, box) {
  return overlaps(leader.box, box) && leader.steps.some((step) => overlaps(boxAround([step]), box));
}

/** @param {Point} point @param {Area} area */
function isOn([x, y], { box, rings }) {
  return x >= box.left && x <= box.right && y >= box.top && y <= box.bottom && isInside([x, y], rings);
}

/** Places for a label in a circle around a point. @param {Point} target @param {number} distance @param {Size} size @returns {[Point, Point][]} */
function around(target, distance, { width }) {
  return Array.from({ length: DIRECTIONS }, (_, step) => {
    const angle = (step * 2 * Math.PI) / DIRECTIONS;
    const across = Math.cos(angle) * (distance + width / 3);
    return [[target[0] + across, target[1] + Math.sin(angle) * distance], target];
  });
}

/** @param {Point} from @param {Point} to @returns {Leader} */
function leaderOf(from, to) {
  return { box: boxAround([from, to]), steps: stepsOf(from, to) };
}

/** Where the leader of a label begins: in the middle below or above it. @param {Point} at @param {Size} size @param {Point} target @returns {Point} */
function edgeOf([x, y], { height }, [, targetY]) {
  return [x, y + (targetY > y ? 1 : -1) * (height / 2 + 1)];
}

/** Where a leader ends: a little inside the area. @param {Point} from @param {Point} target @param {Point[][]} rings @returns {Point} */
function entryOf(from, target, rings) {
  const steps = stepsOf(from, target);
  const first = steps.findIndex((step) => isInside(step, rings));
  return first < 0 ? target : (steps[first + Math.round(INSIDE / STEP)] ?? target);
}

/**
 * Heights at which a label may stand: its label point first, then near it, then the whole area. The narrow ones last.
 * @param {Wanted} label
 * @returns {Span[]}
 */
function spansOf({ at, rings, height, width }) {
  const ys = rings.flat().map(([, y]) => y);
  const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
  const near = [0, 0.5, -0.5, 0.9, -0.9].map((down) => at[1] + down * height);
  const far = [0.08, 0.2, 0.32, 0.44, 0.56, 0.68, 0.8, 0.92].map((share) => top + share * (bottom - top));
  const spans = [...near.map((y) => widest(y, at[0], rings)), ...far.map((y) => widest(y, null, rings))];
  const found = spans.filter((span) => span !== null);
  return [...found.filter((span) => span.width >= width), ...found.filter((span) => span.width < width)];
}
