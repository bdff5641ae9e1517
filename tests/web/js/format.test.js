// Numbers, moments and ages, in both languages.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createFormat } from "../../../app/web/static/js/base/format.js";
import { createTranslate } from "../../../app/web/static/js/base/texts.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function formatOf(language, timeZone = "Asia/Jakarta") {
  const catalogue = JSON.parse(readFileSync(new URL(`../../../app/web/texts/${language}.json`, import.meta.url)));
  return createFormat({ language, timeZone, t: createTranslate(catalogue, language) });
}
const id = formatOf("id");
const en = formatOf("en");

test("numbers and shares have the marks of their language", () => {
  assert.equal(id.number(1166), "1.166");
  assert.equal(en.number(1166), "1,166");
  assert.equal(id.percent(0.761), "76,1%");
  assert.equal(en.percent(0.761), "76.1%");
  assert.equal(id.percent(0), "0%");
  assert.equal(id.percent(1), "100,0%");
  assert.equal(id.wholePercent(0.891), "89%");
});

test("times are those of the zone of the installation", () => {
  const at = new Date("2026-11-25T03:04:00Z");
  assert.equal(id.time(at), "10.04");
  assert.equal(en.time(at), "10:04");
  assert.equal(id.zone(at), "WIB");
  assert.equal(en.zone(at), "WIB");
  assert.equal(formatOf("id", "Asia/Makassar").time(at), "11.04");
  assert.equal(formatOf("id", "Asia/Makassar").zone(at), "WITA");
  assert.equal(id.date(at), "Rabu 25 Nov 2026");
  assert.equal(en.date(at), "Wednesday 25 Nov 2026");
});

test("a moment of another day says the day", () => {
  const now = new Date("2026-11-25T03:04:00Z");
  assert.equal(id.moment(new Date("2026-11-24T17:30:00Z"), now), "00.30");
  assert.equal(id.moment(new Date("2026-11-24T16:30:00Z"), now), "24 Nov 23.30");
});

test("ages have two units under six hours, then hours, then days from 48 hours", () => {
  const ages = [
    [-5_000, "baru saja"],
    [9_999, "baru saja"],
    [14_000, "14 dtk"],
    [MINUTE - 1, "59 dtk"],
    [12 * MINUTE, "12 mnt"],
    [HOUR, "1 j"],
    [3 * HOUR + 21 * MINUTE, "3 j 21 mnt"],
    [6 * HOUR - 1, "5 j 59 mnt"],
    [6 * HOUR + 59 * MINUTE, "6 j"],
    [47 * HOUR + 59 * MINUTE, "47 j"],
    [48 * HOUR, "2 hari"],
    [41 * 24 * HOUR, "41 hari"],
    [1500 * 24 * HOUR, "1.500 hari"],
  ];
  for (const [passed, text] of ages) assert.equal(id.age(passed), text);
  assert.equal(en.age(3 * HOUR + 21 * MINUTE), "3 h 21 min");
  assert.equal(id.ago(14_000), "14 dtk lalu");
  assert.equal(en.ago(1_000), "just now");
});
