// Rows of the table of children: which are rows, which collapse, and what counts as a hospital.

import assert from "node:assert/strict";
import { test } from "node:test";
import { KEYS, rowsOf } from "../../../app/web/static/js/figures/children.js";
import { groupsOf, hallSum, hospitalSum, hospitalsOf } from "../../../app/web/static/js/figures/sums.js";

const nothing = { beds_total: null, beds_occupied: null, beds_available: null, facilities: 0 };
const fresh = { ...nothing, queue: null, occupancy: null, oldest_observed_at: null };
const block = (free, facilities) => ({
  beds_total: 20,
  beds_occupied: 20 - free,
  beds_available: free,
  facilities,
  newest_observed_at: "2026-11-25T02:00:00Z",
  fresh: {
    ...{
      beds_total: 20,
      beds_occupied: 20 - free,
      beds_available: free,
      queue: 0,
      occupancy: 1 - free / 20,
      facilities,
    },
    oldest_observed_at: "2026-11-25T02:00:00Z",
  },
});
const row = (code, { hospitals = 0, clinics = 0, ever = 0, totals = { ...nothing, fresh } }) => ({
  area: { code, name: code, level: "kecamatan", type: "kecamatan" },
  totals,
  by_group: ever ? [{ group: "ward", ...totals }] : [],
  by_kind: [
    { kind: "hospital", ...nothing, fresh, facilities: hospitals },
    { kind: "clinic", ...nothing, fresh, facilities: clinics },
  ],
  reporting: {
    facilities: hospitals + clinics,
    fresh: ever,
    stale: 0,
    silent: 0,
    lapsed: 0,
    never: hospitals + clinics - ever,
  },
});

test("clinics that never reported are no hospitals; hospitals that never reported are", () => {
  assert.equal(hospitalsOf(row("a", { hospitals: 2, clinics: 9 })), 2);
  assert.equal(hospitalsOf(row("a", { hospitals: 2, clinics: 9, ever: 4 })), 4);
  assert.equal(hospitalsOf(row("a", { clinics: 9 })), 0);
});

test("areas without hospitals collapse, and silent ones are rows without a number", () => {
  const { rows, without } = rowsOf([row("a", { clinics: 3 }), row("b", { hospitals: 1 })], "", null);
  assert.deepEqual([rows.map(({ code }) => code), without.map(({ code }) => code)], [["b"], ["a"]]);
  assert.deepEqual(
    [rows[0].sum.exists, rows[0].sum.free, rows[0].sum.fresh, rows[0].sum.facilities],
    [true, null, 0, 1],
  );
});

test("one group of beds counts the facilities that have such beds", () => {
  const some = row("a", { hospitals: 3, ever: 1, totals: block(5, 1) });
  assert.deepEqual(groupsOf(some), ["ward"]);
  assert.equal(hospitalSum(some, "ward", null).facilities, 1);
  assert.equal(hospitalSum(some, "", null).facilities, 3);
  assert.equal(hospitalSum(some, "intensive", null).exists, false);
});

test("halls that never reported count as halls", () => {
  const sum = hallSum(row("a", { hospitals: 2 }), null);
  assert.deepEqual([sum.exists, sum.free, sum.facilities], [true, null, 2]);
});

test("the oldest data come first when ages descend", () => {
  const child = (at) => ({ sum: { age: { observedAt: at } } });
  assert.ok(KEYS.oldest(child(1_000)) > KEYS.oldest(child(2_000)));
  assert.equal(KEYS.oldest(child(null)), null);
});
