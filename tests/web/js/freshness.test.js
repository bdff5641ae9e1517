// What the clock makes of a figure when the server is silent.

import assert from "node:assert/strict";
import { test } from "node:test";
import { freshnessAt, momentsOf, staleAfter } from "../../../app/web/static/js/figures/freshness.js";

const HOUR = 3600_000;
const at = Date.parse("2026-11-25T03:00:00Z");
const document = {
  freshness: "fresh",
  observed_at: "2026-11-25T03:00:00Z",
  stale_at: "2026-11-25T09:00:00Z",
  silent_at: "2026-11-26T03:00:00Z",
  thresholds: { stale_hours: 6, silent_hours: 24, lapsed_days: 30 },
};

test("a figure turns at its own moments, to the second", () => {
  const figure = momentsOf(document);
  assert.equal(freshnessAt(figure, at + 6 * HOUR - 1), "fresh");
  assert.equal(freshnessAt(figure, at + 6 * HOUR), "stale");
  assert.equal(freshnessAt(figure, at + 24 * HOUR), "silent");
  assert.equal(freshnessAt(figure, at + 30 * 24 * HOUR), "lapsed");
});

test("the clock never makes a figure fresher than the server said", () => {
  assert.equal(freshnessAt(momentsOf({ ...document, freshness: "silent" }), at), "silent");
});

test("what was never reported stays so", () => {
  const never = momentsOf({ freshness: "never", observed_at: null, stale_at: null, silent_at: null });
  assert.equal(freshnessAt(never, at + 1e12), "never");
});

test("a sum of several kinds turns with the first of them", () => {
  const thresholds = { hospital: document.thresholds, rw_hall: { stale_hours: 24, silent_hours: 72, lapsed_days: 30 } };
  assert.equal(staleAfter(thresholds, ["hospital", "rw_hall"]), 6 * HOUR);
  assert.equal(staleAfter(thresholds, ["rw_hall"]), 24 * HOUR);
  assert.equal(staleAfter({}, ["hospital"]), Infinity);
});
