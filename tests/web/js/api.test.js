// What reading a document teaches about the server's time.

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { read } from "../../../app/web/static/js/live/api.js";
import { now } from "../../../app/web/static/js/live/server_clock.js";

/** @param {string} date @param {string} cacheControl */
function answerWith(date, cacheControl) {
  const headers = { date, "cache-control": cacheControl };
  mock.method(globalThis, "fetch", async () => new Response("{}", { headers }));
}

test("a document that the browser kept does not set the clock back", async () => {
  answerWith(new Date().toUTCString(), "no-cache");
  await read("/v1/display");
  answerWith(new Date(Date.now() - 250_000).toUTCString(), "public, max-age=300");
  await read("/v1/areas/33.74/boundaries");
  assert.ok(Math.abs(now() - Date.now()) < 3_000);
});
