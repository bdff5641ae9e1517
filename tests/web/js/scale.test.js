// Classes of occupancy and freshness: the lower bound belongs to the class.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  DEFAULT_FRESH_SCALE,
  DEFAULT_SCALE,
  freshnessClass,
  occupancyClass,
} from "../../../app/web/static/js/figures/scale.js";

test("occupancy", () => {
  const classes = [
    [0, "c1"],
    [0.5999, "c1"],
    [0.6, "c2"],
    [0.75, "c3"],
    [0.8499, "c3"],
    [0.85, "c4"],
    [0.9499, "c4"],
    [0.95, "c5"],
    [1.3, "c5"],
  ];
  for (const [share, name] of classes) assert.equal(occupancyClass(share, 100, DEFAULT_SCALE), name, String(share));
});

test("under five beds one patient would change the class: no colour", () => {
  assert.equal(occupancyClass(1, 4, DEFAULT_SCALE), "c0");
  assert.equal(occupancyClass(1, 5, DEFAULT_SCALE), "c5");
  assert.equal(occupancyClass(1, null, DEFAULT_SCALE), "c5");
});

test("the share of fresh facilities", () => {
  const classes = [
    [9, 10, "c1"],
    [7, 10, "c2"],
    [6, 10, "cu"],
    [0, 10, "cu"],
    [0, 0, "cu"],
  ];
  for (const [fresh, all, name] of classes) assert.equal(freshnessClass(fresh, all, DEFAULT_FRESH_SCALE), name);
});
