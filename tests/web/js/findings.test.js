// What deserves a look at a facility.

import assert from "node:assert/strict";
import { test } from "node:test";
import { findingsOf } from "../../../app/web/static/js/figures/findings.js";

const ward = (name, line = {}, freshness = "fresh") => ({
  freshness,
  line: {
    ward_name: name,
    beds_total: 10,
    beds_occupied: 13,
    beds_available: 0,
    queue: 2,
    warnings: [],
    implausible: null,
    ...line,
  },
});
const channel = (name, beds, fields = {}) => ({
  channel: name,
  counting: false,
  partial: false,
  freshness: "fresh",
  totals: { beds_total: beds, fresh: { beds_total: beds } },
  ...fields,
});
const codes = (findings) => findings.map(({ code }) => code);

test("nothing to see is nothing to say", () => {
  assert.deepEqual(findingsOf([ward("ICU")], [channel("sirs", 10, { counting: true })], null), []);
});

test("a flag of a line is said with its numbers", () => {
  const [found] = findingsOf([ward("ICU", { warnings: ["over_capacity"] })], [], 200);
  assert.deepEqual(
    [found.code, found.numbers.over, found.numbers.occupied, found.numbers.stated],
    ["over_capacity", 3, 13, 200],
  );
});

test("of many lines with one flag three are said, and how many more there are", () => {
  const wards = ["A", "B", "C", "D", "E"].map((name) => ward(name, { warnings: ["values_alternate"] }));
  const found = findingsOf(wards, [], null);
  assert.deepEqual(
    found.map(({ line, others }) => [line.ward_name, others]),
    [
      ["A", 0],
      ["B", 0],
      ["C", 2],
    ],
  );
});

test("a late ward is worth a word only where others are fresh", () => {
  assert.deepEqual(codes(findingsOf([ward("PICU", {}, "silent"), ward("ICU")], [], null)), ["late_ward"]);
  assert.deepEqual(codes(findingsOf([ward("PICU", {}, "silent")], [], null)), []);
});

test("implausible figures name what they state", () => {
  const line = { warnings: ["implausible"], implausible: { beds_total: 900, observed_at: "2026-11-25T02:00:00Z" } };
  assert.equal(findingsOf([ward("ICU", line, "never")], [], 200)[0].numbers.stated, 900);
});

test("fresh channels that differ are compared with the one that counts; old and partial ones are not", () => {
  const channels = [
    channel("sirs", 396, { counting: true }),
    channel("aplicares", 386),
    channel("form", 500, { freshness: "silent" }),
    channel("fhir", 12, { partial: true }),
  ];
  const found = findingsOf([], channels, null);
  assert.deepEqual(codes(found), ["channel_less", "partial_channel"]);
  assert.deepEqual(found[0].numbers, { a: 386, b: 396, diff: 10 });
  assert.deepEqual(found[1].numbers, { a: 12, b: 396 });
});
