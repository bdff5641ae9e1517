// Sorting: unknown last in both directions, equal rows in a fixed order.

import assert from "node:assert/strict";
import { test } from "node:test";
import { nextOrder, orderText, parseOrder, sorted } from "../../../app/web/static/js/figures/sort.js";

const rows = [
  { code: "1", free: 5 },
  { code: "2", free: null },
  { code: "3", free: 50 },
  { code: "4", free: Number.NaN },
  { code: "5", free: 5 },
  { code: "6", free: 0 },
];
const codes = (descending) =>
  sorted(
    rows,
    (row) => row.free,
    descending,
    (row) => row.code,
  )
    .map((row) => row.code)
    .join("");

test("unknown is last in both directions, and equal rows keep their order", () => {
  assert.equal(codes(true), "315624");
  assert.equal(codes(false), "615324");
});

test("names are compared as people do", () => {
  const names = ["RW 10", "rw 2", "Ämbarawa", "Zebra"];
  assert.deepEqual(
    sorted(
      names,
      (name) => name,
      false,
      (name) => name,
    ),
    ["Ämbarawa", "rw 2", "RW 10", "Zebra"],
  );
});

test("an order is read from the address and written into it", () => {
  const usual = { column: "occupancy", descending: true };
  assert.deepEqual(parseOrder("-free", ["free"], usual), { column: "free", descending: true });
  assert.deepEqual(parseOrder("name", ["name"], usual), { column: "name", descending: false });
  for (const text of [null, "", "-", "nothing", "--free"]) assert.deepEqual(parseOrder(text, ["free"], usual), usual);
  assert.equal(orderText({ column: "free", descending: true }), "-free");
});

test("figures begin with the largest, names with A; a second press turns it round", () => {
  const order = { column: "occupancy", descending: true };
  assert.deepEqual(nextOrder(order, "free", false), { column: "free", descending: true });
  assert.deepEqual(nextOrder(order, "name", true), { column: "name", descending: false });
  assert.deepEqual(nextOrder(order, "occupancy", false), { column: "occupancy", descending: false });
});
