"""One connection of the server: uvicorn's protocol, with the deadlines and limits that it lacks.

Longer than 300 lines: one class, whose overridden hooks share the state of the connection.
"""

import asyncio
import json
import math
import random
import socket
import time
from http import HTTPStatus
from typing import Any

import structlog
from uvicorn import Config
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from app.api.http.response_cache import lines_of
from app.domain.errors import RateLimited
from app.fastpath.cached_responses import FastPath, Sent, wire_bytes
from app.limits.rate_limits import Rates, Source, counted_as, spend_unread
from app.middleware.cross_origin import CrossOriginPolicy, Fields, origin_of
from app.middleware.limits import HEADER_BYTES_MAX, HEADER_FIELDS_MAX, TARGET_BYTES_MAX
from app.observability import ShedLines
from app.server.unparsed_requests import answer_unread

log = structlog.get_logger("balai.connections")

_unread_lines = ShedLines()


class BoundedProtocol(HttpToolsProtocol):
    """One connection, cut off if its client is too slow to send a request or to read a response.

    Units: seconds and bytes. Tests set shorter limits on a subclass.
    """

    # See `docs/limits.md`: head complete within 10 s, a stalled reader closed after 10 s.
    head_seconds = 10.0
    stall_seconds = 10.0
    # Retry-After is at least one second.
    rest_seconds = 1.0
    head_bytes_max = TARGET_BYTES_MAX + HEADER_BYTES_MAX
    # What the kernel buffers for a stream whose client does not read (it doubles this; the default is megabytes), and
    # four times what is buffered here.
    stream_bytes = 64 * 1024
    # More than the application allows, so that it can refuse with the number, but not enough to do harm.
    fields_max = 2 * HEADER_FIELDS_MAX

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._deadline: asyncio.TimerHandle | None = None
        self._stall: asyncio.TimerHandle | None = None
        self._unsent_bytes = 0.0
        self._is_reading_body = False
        self._head_bytes = 0
        self._head = b""
        self._body_bytes = 0
        self._framing_bytes = 0
        self._is_between = True
        self._heads_begun = 0
        self._quiet_until = 0.0
        self._running: RequestResponseCycle | None = None
        self._postponed: tuple[RequestResponseCycle, ASGI3Application] | None = None
        self._must_pause = False

    # Reading: a head within its deadline, and never more data than will be used.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the deadline for the first request."""
        super().connection_made(transport)
        self._set_deadline()

    def data_received(self, data: bytes) -> None:
        """Answer from the cache, or parse within the limits of head, framing and body."""
        is_first = self._is_between and not self._head_bytes and not self._is_answering
        if is_first and self._answer_from_cache(data):
            return
        self._heads_begun = self._body_bytes = 0
        self._keep_head(data)
        if self._is_reading_body:
            self._framing_bytes += len(data)
        else:
            self._head_bytes += len(data)
            if self._deadline is None and not self._is_answering:
                # uvicorn's own idle timeout ends with the first byte, even of an empty line.
                self._set_deadline()
        super().data_received(data)
        # Chunks of one byte have six bytes of framing; an endless trailer is framing only.
        self._framing_bytes = max(0, self._framing_bytes - 16 * self._body_bytes)
        if not self._is_reading_body and self._head_bytes > self.head_bytes_max:
            if len(self.url) > TARGET_BYTES_MAX:
                self._refuse(414, "too-large", f"The URL is longer than {TARGET_BYTES_MAX} bytes.")
            else:
                self._refuse(431, "too-large", f"The headers are longer than {HEADER_BYTES_MAX} bytes.")
        elif self._framing_bytes > self.head_bytes_max:
            self._cut()
        elif is_first and self._is_between and self._heads_begun == 1 and self.cycle.keep_alive:
            # One complete request and nothing else: the same bytes are always the same request.
            self.scope["state"]["sent"] = self._request_key(data)

    def _keep_head(self, data: bytes) -> None:
        """Keep an incomplete head, in case the parser rejects it."""
        if self._is_between and not self._head_bytes:
            self._head = data[: self.head_bytes_max]
        elif not self._is_reading_body and len(self._head) < self.head_bytes_max:
            self._head += data[: self.head_bytes_max - len(self._head)]

    def _answer_from_cache(self, data: bytes) -> bool:
        """Answer a remembered request from the response cache, if the previous response has been read completely.

        This needs no task and no parser: half of the usual cost of a response.
        """
        fast_path: FastPath | None = self.app_state.get("fast_path")
        request = fast_path.recall(self._request_key(data)) if fast_path is not None else None
        if fast_path is None or request is None or self.transport.get_write_buffer_size():
            return False
        reply = fast_path.answer(request, self.app_state)
        if reply is None:
            return False
        self.transport.writelines(wire_bytes(reply, request, self.server_state.default_headers))
        self.server_state.total_requests += 1
        self._clear_deadline()
        self._quiet_until = self.loop.time() + self.timeout_keep_alive
        if self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_handler()
        if self._stall is None:
            self._watch_writing()
        return True

    def _request_key(self, data: bytes) -> Sent:
        return (self.client[0] if self.client else None), data

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection after `timeout_keep_alive`."""
        # One timer for many responses: restarting it each time would cost as much as the response.
        left = self._quiet_until - self.loop.time()
        if left > 0:
            self.timeout_keep_alive_task = self.loop.call_later(left, self.timeout_keep_alive_handler)
        else:
            super().timeout_keep_alive_handler()

    def on_message_begin(self) -> None:
        """Start the deadline for the head of a request."""
        self._is_between = False
        self._heads_begun += 1
        super().on_message_begin()
        self._set_deadline()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Collect a header, up to `fields_max`."""
        # During the body these are trailers, which uvicorn would add to the headers of the running request.
        if not self._is_reading_body and len(self.headers) < self.fields_max:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """End the deadline of the head and offer the hooks of this connection to the application."""
        self._is_reading_body = True
        self._clear_deadline()
        super().on_headers_complete()
        self.scope["state"]["limit_send_buffer"] = self.limit_send_buffer
        self.scope["state"]["slow_down"] = self.slow_down

    def slow_down(self) -> None:
        """Pause reading for a moment after the response to this request, since its client has to wait.

        If the client has already sent more requests, the connection closes after the response without processing them.
        """
        self._must_pause = True

    def _pause_reading(self) -> None:
        if not self.transport.is_closing():
            self.flow.pause_reading()
            # With jitter, so that clients refused at the same moment do not return at the same moment.
            self.loop.call_later(self.rest_seconds * random.uniform(1, 2), self._resume_reading)  # noqa: S311 - no secret

    def _resume_reading(self) -> None:
        if not self.transport.is_closing():
            self.flow.resume_reading()

    def limit_send_buffer(self) -> None:
        """Limit the kernel's send buffer: the newest state is worth more than a backlog."""
        connection: socket.socket | None = self.transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self.stream_bytes)
            self.transport.set_write_buffer_limits(high=self.stream_bytes // 4)

    def on_body(self, body: bytes) -> None:
        """Count the bytes of the body."""
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Reset the counters for the next request."""
        self._is_between = True
        self._is_reading_body = False
        self._head_bytes = self._framing_bytes = 0
        super().on_message_complete()
        if not self._is_answering:
            # The response was sent earlier, and uvicorn's idle timeout ended when the rest of the request arrived.
            self._set_deadline()

    def on_response_complete(self) -> None:
        """Pause if `slow_down` was called; limit the time for the rest of an unread body."""
        pauses, self._must_pause = self._must_pause, False
        if pauses and self.pipeline:
            self.transport.close()
        super().on_response_complete()
        if pauses:
            self._pause_reading()
        if self._is_reading_body and not self._is_answering:
            # The response, such as a refusal, was sent before the body was read: the rest must arrive in this time.
            self._set_deadline()
        if self._stall is None:
            self._watch_writing()

    # Writing: a client that reads nothing for a while is considered gone.

    def pause_writing(self) -> None:
        """Watch whether the client still reads."""
        super().pause_writing()
        if self._stall is None:
            self._watch_writing()

    def resume_writing(self) -> None:
        """Start the request that waited for the client to read."""
        super().resume_writing()
        self._unsent_bytes = math.inf
        if self._postponed is not None:
            postponed, self._postponed = self._postponed, None
            self._start_asgi_task(*postponed)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Start a request, but not before its client has read the previous response.

        Its response would wait for that, and so would everything that a request holds, above all a slot.
        """
        if self.flow.write_paused:
            self._postponed = cycle, app
            self.flow.pause_reading()
            return
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def _watch_writing(self) -> None:
        self._unsent_bytes = self.transport.get_write_buffer_size()
        if self._unsent_bytes:
            self._stall = self.loop.call_later(self.stall_seconds, self._on_stall)

    def _on_stall(self) -> None:
        self._stall = None
        if self.transport.get_write_buffer_size() < self._unsent_bytes:
            self._watch_writing()
        else:
            self._cut()

    # Refusals before the application, in the same form.

    def send_400_response(self, msg: str) -> None:
        """Refuse input that the parser does not accept."""
        self._refuse(400, "malformed", "The request is not valid HTTP.")

    def _refuse(self, status: int, code: str, detail: str) -> None:
        if self.transport.is_closing():
            return
        if self._is_answering and (self.pipeline or self.cycle.response_started):
            # Another response is being sent: a second one inside it would be taken for a part of it.
            self._cut()
            return
        if not self._is_counted():
            self._cut()
            return
        is_answering = self._is_answering
        if is_answering:
            self._mark_disconnected()
        answer = answer_unread(
            self._head, status, detail, client=self.client, state=self.app_state, is_recorded=is_answering
        )
        self.transport.write(answer or raw_problem(status, code, detail, self._cross_origin()))
        self.transport.close()

    def _is_counted(self) -> bool:
        """Count input that never reaches the application; False if its address sent too much to be answered."""
        source = Source(self.client[0] if self.client else None)
        rates: Rates | None = self.app_state.get("rates")
        try:
            if rates is not None:
                spend_unread(rates, source)
        except RateLimited:
            return False
        left_out = _unread_lines.of(counted_as(None, source.host), time.monotonic())
        if left_out is not None:
            log.info("not HTTP", client=source.host, not_logged=left_out)
        return True

    def _cross_origin(self) -> Fields:
        """Return the CORS headers of the refusal, by the headers that were parsed."""
        policy: CrossOriginPolicy | None = self.app_state.get("cross_origin")
        headers: list[tuple[bytes, bytes]] | None = self.headers  # uvicorn's None before the first request
        return policy.headers(origin_of(headers or ())) if policy is not None else ()

    def _unsupported_upgrade_warning(self) -> None:
        """Log nothing: Java's client offers HTTP/2 with every first request."""

    # Closing.

    def shutdown(self) -> None:
        """Signal long-lived responses to end."""
        stopping = self.app_state.get("stopping")
        if stopping is not None:
            stopping.set()
        super().shutdown()

    def eof_received(self) -> None:
        """Mark the running request as disconnected."""
        # The transport is closed after this, and `connection_lost` follows a moment later.
        self._mark_disconnected()

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel all timers and mark the running request as disconnected."""
        self._mark_disconnected()
        super().connection_lost(exc)
        self._clear_deadline()
        if self._stall is not None:
            self._stall.cancel()

    def _mark_disconnected(self) -> None:
        """Notify the running request that its client is gone.

        uvicorn notifies only the last request, and only when the connection has ended.
        """
        self._postponed = None
        running: RequestResponseCycle | None
        for running in (self._running, self.cycle):
            if running is not None and not running.response_complete:
                running.disconnected = True
                running.message_event.set()

    def _cut(self) -> None:
        self._mark_disconnected()
        self.transport.abort()

    @property
    def _is_answering(self) -> bool:
        # uvicorn states a cycle's type without its None before the first request.
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete

    def _set_deadline(self) -> None:
        self._clear_deadline()
        self._deadline = self.loop.call_later(self.head_seconds, self._on_deadline)

    def _clear_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _on_deadline(self) -> None:
        if self._is_answering:
            # The server is slow, not the client: the next request waits behind the one being processed.
            self._set_deadline()
        else:
            self._cut()


def raw_problem(status: int, code: str, detail: str, fields: Fields = ()) -> bytes:
    """Build a complete response for requests that are too incomplete to have a request id."""
    phrase = HTTPStatus(status).phrase
    problem = {"type": f"/problems/{code}", "title": phrase, "status": status, "detail": detail, "code": code}
    body = json.dumps(problem).encode()
    head = (
        f"HTTP/1.1 {status} {phrase}\r\n"
        "content-type: application/problem+json\r\n"
        f"content-length: {len(body)}\r\n"
        "x-content-type-options: nosniff\r\n"
        "connection: close\r\n"
    )
    return head.encode() + lines_of(fields) + b"\r\n" + body
