// Placeholders and plurals.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createTranslate, withParts } from "../../../app/web/static/js/base/texts.js";

const catalogue = { beds: "{n} beds in {name}", beds_one: "{n} bed in {name}", plain: "Call" };

test("placeholders are filled, and only those that are given", () => {
  const t = createTranslate(catalogue, "en");
  assert.equal(t("beds", { n: 4, name: "{n} <b>" }), "4 beds in {n} <b>");
  assert.equal(t("beds", { n: 4 }), "4 beds in {name}");
  assert.equal(t("plain"), "Call");
});

test("one is singular in English and not in Indonesian", () => {
  assert.equal(createTranslate(catalogue, "en")("beds", { n: 1, name: "A" }), "1 bed in A");
  assert.equal(createTranslate(catalogue, "id")("beds", { n: 1, name: "A" }), "1 beds in A");
});

test("a missing key shows as itself", () => {
  assert.equal(createTranslate(catalogue, "en")("nothing.here"), "nothing.here");
});

test("a sentence comes in parts, with other things in the place of its placeholders", () => {
  const element = { is: "an element" };
  assert.deepEqual(
    withParts("{n} of {m} fresh", { n: element }),
    ["", element, " of ", "{m}", " fresh"].filter((part, place) => place === 0 || part !== ""),
  );
});
