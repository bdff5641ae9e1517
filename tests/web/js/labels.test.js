// Labels of a map: inside where they fit, else outside on a leader, never on top of each other.

import assert from "node:assert/strict";
import { test } from "node:test";
import { placeLabels } from "../../../app/web/static/js/map/labels.js";
import { isInside } from "../../../app/web/static/js/map/shapes.js";

const frame = { width: 600, height: 400 };
const box = (left, top, width, height) => [
  [
    [left, top],
    [left + width, top],
    [left + width, top + height],
    [left, top + height],
  ],
];
const area = (code, left, top, width, height) => ({
  code,
  at: [left + width / 2, top + height / 2],
  width: 60,
  height: 30,
  rings: box(left, top, width, height),
});
const placed = (labels) => new Map(placeLabels(labels, frame).map((label) => [label.code, label]));
const apart = (a, b) => Math.abs(a.at[0] - b.at[0]) >= 60 || Math.abs(a.at[1] - b.at[1]) >= 30;

test("a label that fits stands in the middle of its area", () => {
  const { at, anchor } = placed([area("a", 100, 100, 120, 80)]).get("a");
  assert.deepEqual([at, anchor], [[160, 140], null]);
});

test("a narrow area has its label outside, on a leader that ends inside it", () => {
  const label = placed([area("wide", 100, 100, 300, 200), area("thin", 400, 100, 12, 200)]).get("thin");
  assert.ok(isInside(label.anchor, box(400, 100, 12, 200)));
  assert.ok(!isInside(label.at, box(100, 100, 300, 200)));
});

test("a leader crosses no other label", () => {
  const areas = [area("left", 300, 150, 70, 60), area("thin", 370, 100, 12, 200), area("right", 382, 80, 70, 300)];
  const labels = placed(areas);
  const { at, anchor } = labels.get("thin");
  for (const other of [labels.get("left"), labels.get("right")]) {
    for (let step = 0; step <= 40; step += 1) {
      const point = [0, 1].map((side) => at[side] + ((anchor[side] - at[side]) * step) / 40);
      const isOn = Math.abs(point[0] - other.at[0]) < 30 && Math.abs(point[1] - other.at[1]) < 15;
      assert.ok(!isOn, `the leader crosses ${other.code}`);
    }
  }
});

test("a label stands where its area is wide enough, also far from its label point", () => {
  // A bar with a square at its lower end; the label point is in the bar.
  const outline = [
    [200, 100],
    [212, 100],
    [212, 220],
    [290, 220],
    [290, 300],
    [200, 300],
  ];
  const { at, anchor } = placed([{ code: "a", at: [206, 140], width: 60, height: 30, rings: [outline] }]).get("a");
  assert.equal(anchor, null);
  assert.ok(at[1] > 220);
});

test("no two labels overlap, and all stay in the frame", () => {
  const areas = Array.from({ length: 24 }, (_, n) =>
    area(`a${n}`, 150 + (n % 6) * 40, 120 + Math.floor(n / 6) * 35, 40, 35),
  );
  const labels = placeLabels(areas, frame);
  assert.equal(labels.length, 24);
  for (const [place, label] of labels.entries()) {
    assert.ok(label.at[0] >= 30 && label.at[0] <= 570 && label.at[1] >= 15 && label.at[1] <= 385);
    for (const other of labels.slice(place + 1)) assert.ok(apart(label, other), `${label.code} on ${other.code}`);
  }
});

test("a point is inside by the even-odd rule, so not in a hole", () => {
  const rings = [...box(0, 0, 100, 100), ...box(40, 40, 20, 20)];
  assert.deepEqual(
    [isInside([10, 10], rings), isInside([50, 50], rings), isInside([200, 50], rings)],
    [true, false, false],
  );
});
