"""Responses sent before the framework. `BALAI_FAST_PATH=false` turns all of them off; nothing else changes then.

What is answered early:

- `cached_responses`: `GET /v1/areas/{code}/capacity` and `/children`, where a route has answered the same request
  before and no figure below the area has changed since. A connection that sends the very bytes of an earlier request is
  answered before they are parsed (`app.server.http_protocol`).
- `plain_reports`: `POST /v1/facilities/{facility_id}/reports` in plain JSON (ASCII, no escapes, no repeated member, at
  most 64 KiB), read in one step by `report_reader`.

The rule that makes both equal to their route: they call the same functions for permission, rate and storage. A changed
figure, an unknown key of a query and an invalid report (400, 422) go on to the route; every other refusal of a plain
report is sent here, as the same problem document.

Proof: tests/fastpath/test_cached_responses.py and test_plain_reports.py send the same requests with and without the
fast path and compare status, headers, body, message, log line and metrics; the whole test suite passes with it off.

Cost and gain, measured once: a cached response takes 22 us of CPU from the connection, 67 us as a layer, 740 us
from its route; a plain report 800 us instead of 1,190.

An upgrade of uvicorn can break `app.server.http_protocol`, which overrides methods of its `HttpToolsProtocol` and uses
its `STATUS_LINE` and its order of default headers; tests/server and tests/fastpath/test_remembered_requests.py fail
then.
"""
