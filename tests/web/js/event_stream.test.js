// Server-sent events in pieces of any length.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createParser } from "../../../app/web/static/js/live/event_stream.js";

const TEXT =
  ': hello\n\nid: 7\nevent: children\ndata: {"a":\ndata: 1}\n\ndata:x\r\n\r\nid: 8\n\n: beat\n\nevent: reset\ndata: {}\n\n';
const EVENTS = [
  { event: "children", data: '{"a":\n1}', id: "7" },
  { event: "message", data: "x", id: "7" },
  { event: "reset", data: "{}", id: "8" },
];

test("events are the same however the text is cut", () => {
  for (let length = 1; length <= TEXT.length; length += 1) {
    const parse = createParser();
    const found = [];
    for (let start = 0; start < TEXT.length; start += length) found.push(...parse(TEXT.slice(start, start + length)));
    assert.deepEqual(found, EVENTS, `pieces of ${length}`);
  }
});
