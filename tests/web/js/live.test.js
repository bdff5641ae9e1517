// A stream after the device slept: its last word is old, and counts as that until the server speaks again.

import assert from "node:assert/strict";
import { mock, test } from "node:test";

const HOUR = 3_600_000;
// Timers stand still: nothing connects by itself.
mock.timers.enable({ apis: ["setTimeout"] });
let slept = 0;
const real = Date.now;
mock.method(Date, "now", () => real() + slept);
const { Connection } = await import("../../../app/web/static/js/live/connection.js");
const { Live } = await import("../../../app/web/static/js/live/live.js");

/** A live stream of a connection. */
function liveStream() {
  mock.method(globalThis, "fetch", () => new Promise(() => {}));
  const connection = new Connection();
  const stream = new Live({
    path: "/stream",
    after: "1",
    onEvent: () => undefined,
    reload: async () => "2",
    onState: () => connection.stateChanged(),
  });
  connection.watch([stream]);
  stream.change("live");
  return { connection, stream };
}

test("hours later without a word it is not live any more, until it is heard again", () => {
  const { connection, stream } = liveStream();
  assert.ok(connection.isCurrent());
  slept += 8 * HOUR;
  connection.renew();
  assert.equal(stream.state, "connecting");
  assert.ok(!connection.isCurrent());
  stream.stop();
});

test("a page that was hidden for hours wakes as one that is not connected", () => {
  const { connection, stream } = liveStream();
  stream.sleep();
  slept += 8 * HOUR;
  connection.renew();
  stream.wake();
  assert.equal(stream.state, "connecting");
  assert.ok(connection.shown().since <= Date.now() - 8 * HOUR + 1_000);
  stream.stop();
});

test("a page that was hidden for a moment stays live", () => {
  const { stream } = liveStream();
  stream.sleep();
  stream.wake();
  assert.equal(stream.state, "live");
  stream.stop();
});

test("a change that could not be taken is asked for again", async () => {
  const { stream } = liveStream();
  stream.options.reload = async () => {
    throw new Error("no answer");
  };
  await assert.rejects(() => stream.take({ event: "reset", data: "{}", id: "9" }));
  assert.equal(stream.after, "1");
  stream.stop();
});

test("a refusal is told apart from a loss", async () => {
  const { connection, stream } = liveStream();
  mock.method(globalThis, "fetch", async () => new Response("{}", { status: 401 }));
  assert.equal(await stream.listen(new AbortController()), "cut");
  assert.ok(connection.shown().isRefused);
  stream.stop();
});
