// The lines of one facility: how fresh each is now, its groups, and what they add up to. Pure.

import { sumOf } from "./figures.js";
import { freshnessAt } from "./freshness.js";

/**
 * @typedef {import("./freshness.js").Freshness} Freshness
 * @typedef {import("./figures.js").Sum} Sum
 *
 * @typedef {object} Line
 * @property {string} bed_type
 * @property {string} ward_code
 * @property {string | null} ward_name
 * @property {number | null} beds_total
 * @property {number | null} beds_occupied
 * @property {number} beds_blocked
 * @property {number | null} beds_available
 * @property {"reported" | "derived" | null} available_is
 * @property {number | null} beds_preparing
 * @property {number | null} beds_planned
 * @property {number | null} queue
 * @property {number | null} occupied_suspected
 * @property {number | null} occupied_confirmed
 * @property {number | null} available_male
 * @property {number | null} available_female
 * @property {Freshness} freshness
 * @property {string} observed_at
 * @property {string[]} warnings
 * @property {{beds_total: number | null, observed_at: string} | null} implausible
 *
 * @typedef {object} Facility
 * @property {string | null} stale_at
 * @property {string | null} silent_at
 * @property {import("./freshness.js").Thresholds} thresholds
 * @property {Line[]} lines
 *
 * @typedef {{code: string, group: string, parent: string | null, name: Record<string, string>}} BedType
 * @typedef {Map<string, BedType>} BedTypes in the order of the vocabulary
 *
 * @typedef {object} Ward a line with its freshness now
 * @property {Line} line
 * @property {ReturnType<typeof momentsOfLine>} age
 * @property {Freshness} freshness
 * @property {boolean} counts it is part of the sum of all
 * @property {boolean} countsFresh it is part of the sum of what is fresh
 */

const HOUR = 3600 * 1000;
const DAY = 24 * HOUR;
/** In the order of the page. */
const GROUPS = ["ward", "intensive", "isolation", "maternal_newborn", "emergency", "other"];

/**
 * The moments at which a line turns: with its channel, and by its own age once a channel of that age would be silent.
 * @param {Line} line
 * @param {Facility} facility
 */
export function momentsOfLine(line, { stale_at, silent_at, thresholds }) {
  const observedAt = Date.parse(line.observed_at);
  return {
    freshness: line.freshness,
    observedAt: line.freshness === "never" ? null : observedAt,
    staleAt: timeOf(stale_at),
    silentAt: Math.min(timeOf(silent_at), observedAt + thresholds.silent_hours * HOUR),
    lapsedAt: observedAt + thresholds.lapsed_days * DAY,
  };
}

/** @param {string | null} moment */
function timeOf(moment) {
  return moment === null ? Number.POSITIVE_INFINITY : Date.parse(moment);
}

/**
 * All lines with their freshness now. A line inside a type that is reported too is not counted again.
 * @param {Facility} facility
 * @param {BedTypes} types
 * @param {number} now
 * @returns {Ward[]}
 */
export function wardsOf(facility, types, now) {
  const wards = facility.lines.map((line) => {
    const age = momentsOfLine(line, facility);
    return { line, age, freshness: freshnessAt(age, now) };
  });
  const standing = wards.filter(({ freshness }) => freshness !== "lapsed" && freshness !== "never");
  const reported = new Set(standing.map(({ line }) => line.bed_type));
  const fresh = new Set(standing.filter(({ freshness }) => freshness === "fresh").map(({ line }) => line.bed_type));
  return wards.map((ward) => ({
    ...ward,
    counts: standing.includes(ward) && !isInside(ward.line.bed_type, reported, types),
    countsFresh: ward.freshness === "fresh" && !isInside(ward.line.bed_type, fresh, types),
  }));
}

/** @param {string} code @param {Set<string>} reported @param {BedTypes} types */
function isInside(code, reported, types) {
  for (let parent = types.get(code)?.parent; parent; parent = types.get(parent)?.parent) {
    if (reported.has(parent)) return true;
  }
  return false;
}

/**
 * What some lines add up to: the fresh ones, and what is not certain.
 * @param {Ward[]} wards
 * @returns {Sum}
 */
export function sumOfWards(wards) {
  const counted = wards.filter(({ counts }) => counts);
  const fresh = wards.filter(({ countsFresh }) => countsFresh);
  const times = counted.map(({ line }) => line.observed_at).sort();
  const hasOld = counted.some(({ freshness }) => freshness !== "fresh");
  const sum = sumOf({
    ...countsOf(counted),
    facilities: fresh.length && hasOld ? 2 : 1,
    oldest_observed_at: times[0] ?? null,
    newest_observed_at: times.at(-1) ?? null,
    fresh: {
      ...countsOf(fresh),
      facilities: fresh.length ? 1 : 0,
      oldest_observed_at: fresh.map(({ line }) => line.observed_at).sort()[0] ?? null,
    },
  });
  return { ...sum, exists: wards.length > 0 };
}

/** @param {Ward[]} wards */
function countsOf(wards) {
  const lines = wards.map(({ line }) => line);
  const both = lines.filter((line) => line.beds_total !== null && line.beds_occupied !== null);
  const [occupied, total] = [added(both, "beds_occupied"), added(both, "beds_total")];
  return {
    beds_total: added(lines, "beds_total"),
    beds_occupied: added(lines, "beds_occupied"),
    beds_available: added(lines, "beds_available"),
    queue: added(lines, "queue"),
    occupancy: occupied !== null && total ? occupied / total : null,
  };
}

/**
 * A count over the lines that state it; null if none does.
 * @param {Line[]} lines
 * @param {"beds_total" | "beds_occupied" | "beds_available" | "beds_blocked" | "beds_preparing" | "beds_planned" | "queue"} count
 */
export function added(lines, count) {
  const stated = lines.map((line) => line[count]).filter((value) => value !== null);
  return stated.length ? stated.reduce((sum, value) => sum + value, 0) : null;
}

/**
 * The lines of each group, in the order of the page; within a group by type and ward.
 * @param {Ward[]} wards
 * @param {BedTypes} types
 * @returns {[string, Ward[]][]}
 */
export function byGroup(wards, types) {
  const order = new Map([...types.keys()].map((code, place) => [code, place]));
  const collator = new Intl.Collator("id", { numeric: true });
  const place = (/** @type {Ward} */ { line }) => order.get(line.bed_type) ?? order.size;
  const sorted = [...wards].sort((a, b) => place(a) - place(b) || collator.compare(wardName(a.line), wardName(b.line)));
  return GROUPS.map(
    (group) =>
      /** @type {[string, Ward[]]} */ ([
        group,
        sorted.filter(({ line }) => (types.get(line.bed_type)?.group ?? "other") === group),
      ]),
  ).filter(([, found]) => found.length > 0);
}

/** What a ward is called: its name, else its code; empty for a line that is no ward of its own. @param {Line} line */
export function wardName(line) {
  return line.ward_name ?? line.ward_code;
}
