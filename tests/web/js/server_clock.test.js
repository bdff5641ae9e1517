// The server's time on a device whose clock is wrong, or is set while a page is open.

import assert from "node:assert/strict";
import { mock, test } from "node:test";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const started = Date.parse("2026-11-25T03:00:00Z");
let date = started;
let running = 0;
mock.method(Date, "now", () => date);
mock.method(performance, "now", () => running);
const { learn, now } = await import("../../../app/web/static/js/live/server_clock.js");

/** @param {number} milliseconds */
function pass(milliseconds) {
  date += milliseconds;
  running += milliseconds;
}

test("a clock that is set back makes nothing younger", () => {
  learn(new Date(date).toUTCString());
  pass(HOUR);
  now();
  date -= 5 * HOUR;
  pass(MINUTE);
  assert.ok(now() >= started + HOUR + MINUTE);
  assert.ok(now() < started + HOUR + 2 * MINUTE);
});

test("a device that slept, whose running time stood still, knows how late it is", () => {
  const before = now();
  date += 8 * HOUR;
  assert.equal(now(), before + 8 * HOUR);
});
