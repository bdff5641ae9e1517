// The lines of one facility: freshness by the clock, sums of groups, what is not added.

import assert from "node:assert/strict";
import { test } from "node:test";
import { byGroup, sumOfWards, wardsOf } from "../../../app/web/static/js/figures/wards.js";

const TYPES = new Map(
  [
    { code: "ward_1", group: "ward", parent: "inpatient_non_icu" },
    { code: "ward_2", group: "ward", parent: "inpatient_non_icu" },
    { code: "inpatient_non_icu", group: "ward", parent: null },
    { code: "icu", group: "intensive", parent: null },
  ].map((type) => [type.code, { ...type, name: { id: type.code } }]),
);
const NOW = Date.parse("2026-11-25T03:00:00Z");
const HOUR = 3_600_000;

const line = (bed_type, counts = {}) => ({
  bed_type,
  ward_code: "",
  ward_name: null,
  beds_total: 10,
  beds_occupied: 4,
  beds_blocked: 0,
  beds_available: 6,
  queue: null,
  freshness: "fresh",
  observed_at: "2026-11-25T02:00:00Z",
  warnings: [],
  implausible: null,
  ...counts,
});
const facility = (...lines) => ({
  stale_at: "2026-11-25T08:00:00Z",
  silent_at: "2026-11-26T02:00:00Z",
  thresholds: { stale_hours: 6, silent_hours: 24, lapsed_days: 30 },
  lines,
});
const sum = (document, now = NOW) => sumOfWards(wardsOf(document, TYPES, now));

test("fresh lines add up, and a late one stands beside them", () => {
  const late = line("icu", { freshness: "silent", beds_available: 1, beds_occupied: 9 });
  const found = sum(facility(line("ward_1"), line("ward_2"), late));
  assert.deepEqual([found.free, found.occupied, found.total, found.uncertain], [12, 8, 20, 1]);
  assert.equal(found.occupancy, 0.4);
});

test("if nothing is fresh the figure is unknown, and zero stays zero", () => {
  const old = sum(facility(line("icu", { freshness: "stale" })));
  assert.deepEqual([old.free, old.uncertain, old.bar.old], [null, 6, 1]);
  const full = sum(facility(line("icu", { beds_available: 0, beds_occupied: 10 })));
  assert.deepEqual([full.free, full.uncertain], [0, null]);
});

test("lines turn late with their channel, without a word from the server", () => {
  const document = facility(line("icu"));
  assert.equal(sum(document, NOW + 5 * HOUR - 1).free, 6);
  const late = sum(document, NOW + 5 * HOUR);
  assert.deepEqual([late.free, late.uncertain], [null, 6]);
});

test("a line that is older than a channel may be silent is silent on its own", () => {
  const old = line("icu", { observed_at: "2026-11-24T02:59:00Z" });
  const [ward] = wardsOf(facility(old, line("ward_1")), TYPES, NOW);
  assert.equal(ward.freshness, "silent");
});

test("a line inside a type that is reported too is not added again", () => {
  const found = sum(facility(line("ward_1"), line("inpatient_non_icu", { beds_available: 20 })));
  assert.equal(found.free, 20);
});

test("a lapsed line and one of which nothing plausible is known add nothing, and contain nothing", () => {
  const lapsed = line("inpatient_non_icu", { freshness: "lapsed", beds_available: 90 });
  const never = line("icu", { freshness: "never", beds_available: null, beds_total: null, beds_occupied: null });
  const found = sum(facility(line("ward_1"), lapsed, never));
  assert.deepEqual([found.free, found.uncertain], [6, null]);
});

test("the occupancy is over lines that have both counts", () => {
  const found = sum(facility(line("ward_1"), line("ward_2", { beds_total: null, beds_occupied: 5 })));
  assert.deepEqual([found.occupancy, found.occupied, found.total], [0.4, 9, 10]);
});

test("groups come in the order of the page, wards by type and name, unknown types last", () => {
  const lines = [
    line("icu"),
    line("x_new"),
    line("ward_2", { ward_name: "Arimbi" }),
    line("ward_1", { ward_name: "Nakula 10" }),
    line("ward_1", { ward_name: "Nakula 2" }),
  ];
  const found = byGroup(wardsOf(facility(...lines), TYPES, NOW), TYPES);
  assert.deepEqual(
    found.map(([group, wards]) => [group, wards.map((ward) => ward.line.ward_name)]),
    [
      ["ward", ["Nakula 2", "Nakula 10", "Arimbi"]],
      ["intensive", [null]],
      ["other", [null]],
    ],
  );
});
