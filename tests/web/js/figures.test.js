// What is shown of a block: the fresh part, what is not certain, and the bar.

import assert from "node:assert/strict";
import { test } from "node:test";
import { sumOf } from "../../../app/web/static/js/figures/figures.js";

const fresh = {
  beds_total: 70,
  beds_occupied: 52,
  beds_available: 18,
  queue: 2,
  occupancy: 52 / 70,
  facilities: 2,
  oldest_observed_at: "2026-11-25T02:00:00Z",
};
const block = {
  beds_total: 100,
  beds_occupied: 75,
  beds_available: 25,
  facilities: 3,
  oldest_observed_at: "2026-11-24T02:00:00Z",
  newest_observed_at: "2026-11-25T02:50:00Z",
  fresh,
};
const nothing = {
  beds_total: null,
  beds_occupied: null,
  beds_available: null,
  queue: null,
  occupancy: null,
  facilities: 0,
  oldest_observed_at: null,
};

test("the large figure is the fresh part; the rest is not certain", () => {
  const sum = sumOf(block);
  assert.deepEqual([sum.free, sum.uncertain, sum.fresh, sum.facilities], [18, 7, 2, 3]);
  assert.deepEqual(sum.bar, { occupied: 0.52, old: 0.3, mark: null });
  assert.equal(sum.age.freshness, "fresh");
  assert.equal(sum.age.observedAt, Date.parse("2026-11-25T02:00:00Z"));
});

test("if nothing is fresh the figure is unknown, not an old number", () => {
  const sum = sumOf(
    { ...block, fresh: nothing },
    { reporting: { facilities: 3, fresh: 0, stale: 0, silent: 2, lapsed: 1, never: 0 } },
  );
  assert.deepEqual([sum.free, sum.occupancy, sum.uncertain], [null, null, 25]);
  assert.deepEqual(sum.bar, { occupied: 0, old: 1, mark: null });
  assert.equal(sum.age.freshness, "silent");
});

test("zero, unknown and absent differ", () => {
  assert.equal(sumOf({ ...block, fresh: { ...fresh, beds_available: 0 } }).free, 0);
  assert.equal(sumOf(undefined).exists, false);
  const silent = sumOf(undefined, { facilities: 1 });
  assert.deepEqual([silent.exists, silent.free, silent.uncertain, silent.age.freshness], [true, null, null, "never"]);
});

test("nothing uncertain is no figure; an uncertain zero is one", () => {
  assert.equal(sumOf({ ...block, beds_available: 18, facilities: 2 }).uncertain, null);
  assert.equal(sumOf({ ...block, beds_available: 18 }).uncertain, 0);
});

test("more patients than beds: the bar is full, with a mark at the number of beds", () => {
  const over = { ...fresh, beds_total: 12, beds_occupied: 13, beds_available: 0, occupancy: 13 / 12, facilities: 1 };
  const sum = sumOf({ ...block, beds_total: 12, beds_occupied: 13, beds_available: 0, facilities: 1, fresh: over });
  assert.equal(sum.over, 1);
  assert.deepEqual(sum.bar, { occupied: 1, old: 0, mark: 12 / 13 });
});

test("a fresh sum becomes late by the clock after its oldest part", () => {
  const byClock = (now) => ({ byClock: { now: Date.parse(now), staleAfter: 6 * 3600_000 } });
  assert.deepEqual([sumOf(block, byClock("2026-11-25T07:59:59Z")).isAged, sumOf(block).isAged], [false, false]);
  const aged = sumOf(block, byClock("2026-11-25T08:00:00Z"));
  assert.deepEqual([aged.isAged, aged.free, aged.age.freshness], [true, 18, "stale"]);
  const old = sumOf(block, byClock("2026-11-25T08:50:00Z"));
  assert.deepEqual([old.free, old.uncertain, old.fresh, old.bar.old, old.age.freshness], [null, 25, 0, 1, "stale"]);
});
