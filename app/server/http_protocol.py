"""One connection of the server: uvicorn's protocol, with the deadlines and limits that it lacks."""

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
from app.middleware.cross_origin import CrossOriginPolicy, Fields, origin_of
from app.middleware.limits import HEADER_BYTES_MAX, HEADER_FIELDS_MAX, TARGET_BYTES_MAX
from app.observability import ShedLines
from app.rate_limits import Rates, Source, counted_as, spend_unread
from app.server.unparsed_requests import answer_unread

log = structlog.get_logger("balai.connections")

_unread_lines = ShedLines()


class BoundedProtocol(HttpToolsProtocol):
    """One connection, cut when its client is slow to say what it wants or slow to take what it asked for.

    Units: seconds and bytes. Tests set shorter ones on a subclass.
    """

    # Reliability section 4: head complete within 10 s, a stalled reader closed after 10 s.
    head_seconds = 10.0
    stall_seconds = 10.0
    # Retry-After says a second or more.
    rest_seconds = 1.0
    head_bytes_max = TARGET_BYTES_MAX + HEADER_BYTES_MAX
    # What the kernel holds for a stream whose client does not read (it doubles this; by itself it takes megabytes), and
    # four times what is held here.
    stream_bytes = 64 * 1024
    # More than the application lets pass, so that it can refuse with the number; less than would hurt.
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
        self._put_off: tuple[RequestResponseCycle, ASGI3Application] | None = None
        self._is_to_rest = False

    # Reading: a head within its deadline, and in every place only so much as will be used.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._set_deadline()

    def data_received(self, data: bytes) -> None:
        is_first = self._is_between and not self._head_bytes and not self._is_answering
        if is_first and self._answer_again(data):
            return
        self._heads_begun = self._body_bytes = 0
        self._keep_head(data)
        if self._is_reading_body:
            self._framing_bytes += len(data)
        else:
            self._head_bytes += len(data)
            if self._deadline is None and not self._is_answering:
                # uvicorn's own limit of an idle connection ends with the first byte, even of an empty line.
                self._set_deadline()
        super().data_received(data)
        # Chunks of one byte cost six; a trailer without end costs more than any body is worth.
        self._framing_bytes = max(0, self._framing_bytes - 16 * self._body_bytes)
        if not self._is_reading_body and self._head_bytes > self.head_bytes_max:
            if len(self.url) > TARGET_BYTES_MAX:
                self._refuse(414, "too-large", f"The address is longer than {TARGET_BYTES_MAX} bytes.")
            else:
                self._refuse(431, "too-large", f"The headers are longer than {HEADER_BYTES_MAX} bytes.")
        elif self._framing_bytes > self.head_bytes_max:
            self._cut()
        elif is_first and self._is_between and self._heads_begun == 1 and self.cycle.keep_alive:
            # One whole request and nothing else: the same bytes will always ask the same.
            self.scope["state"]["sent"] = self._sent(data)

    def _keep_head(self, data: bytes) -> None:
        """Keep what a head says as long as it is not complete, in case that the parser cannot read it."""
        if self._is_between and not self._head_bytes:
            self._head = data[: self.head_bytes_max]
        elif not self._is_reading_body and len(self._head) < self.head_bytes_max:
            self._head += data[: self.head_bytes_max - len(self._head)]

    def _answer_again(self, data: bytes) -> bool:
        """Answer a whole request that is remembered, if its answer is ready. What was sent before is taken by now.

        No task, no parser: half of what an answer costs otherwise.
        """
        fast_path: FastPath | None = self.app_state.get("fast_path")
        asked = fast_path.recall(self._sent(data)) if fast_path is not None else None
        if fast_path is None or asked is None or self.transport.get_write_buffer_size():
            return False
        reply = fast_path.answer(asked, self.app_state)
        if reply is None:
            return False
        self.transport.writelines(wire_bytes(reply, asked, self.server_state.default_headers))
        self.server_state.total_requests += 1
        self._clear_deadline()
        self._quiet_until = self.loop.time() + self.timeout_keep_alive
        if self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_handler()
        if self._stall is None:
            self._watch_writing()
        return True

    def _sent(self, data: bytes) -> Sent:
        return (self.client[0] if self.client else None), data

    def timeout_keep_alive_handler(self) -> None:
        # One timer for many answers: to stop and start it each time would cost as much as the answer.
        left = self._quiet_until - self.loop.time()
        if left > 0:
            self.timeout_keep_alive_task = self.loop.call_later(left, self.timeout_keep_alive_handler)
        else:
            super().timeout_keep_alive_handler()

    def on_message_begin(self) -> None:
        self._is_between = False
        self._heads_begun += 1
        super().on_message_begin()
        self._set_deadline()

    def on_header(self, name: bytes, value: bytes) -> None:
        # With the body these are trailers, which uvicorn would add to the headers of the running request.
        if not self._is_reading_body and len(self.headers) < self.fields_max:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._is_reading_body = True
        self._clear_deadline()
        super().on_headers_complete()
        self.scope["state"]["hold_little"] = self.hold_little
        self.scope["state"]["slow_down"] = self.slow_down

    def slow_down(self) -> None:
        """Read nothing for a moment when this request is answered: its client is told to wait.

        Who sent more before the answer is cut off behind it, and nothing of that is begun.
        """
        self._is_to_rest = True

    def _rest(self) -> None:
        if not self.transport.is_closing():
            self.flow.pause_reading()
            # Not all that were refused in one moment come back in one.
            self.loop.call_later(self.rest_seconds * random.uniform(1, 2), self._read_on)  # noqa: S311 - no secret

    def _read_on(self) -> None:
        if not self.transport.is_closing():
            self.flow.resume_reading()

    def hold_little(self) -> None:
        """Let the kernel take little ahead of the client: the newest state is worth more than a backlog."""
        connection: socket.socket | None = self.transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self.stream_bytes)
            self.transport.set_write_buffer_limits(high=self.stream_bytes // 4)

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._is_between = True
        self._is_reading_body = False
        self._head_bytes = self._framing_bytes = 0
        super().on_message_complete()
        if not self._is_answering:
            # Answered long ago, and uvicorn's limit of an idle connection ended when the rest came in.
            self._set_deadline()

    def on_response_complete(self) -> None:
        rests, self._is_to_rest = self._is_to_rest, False
        if rests and self.pipeline:
            self.transport.close()
        super().on_response_complete()
        if rests:
            self._rest()
        if self._is_reading_body and not self._is_answering:
            # Answered before all was read, a refusal for example: the rest has this time, and no more.
            self._set_deadline()
        if self._stall is None:
            self._watch_writing()

    # Writing: a client that takes nothing for a while is not coming back.

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._stall is None:
            self._watch_writing()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._unsent_bytes = math.inf
        if self._put_off is not None:
            put_off, self._put_off = self._put_off, None
            self._start_asgi_task(*put_off)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Begin a request, but not before its client took what was answered before.

        Its answer would wait for that, and with it all that a request holds: a slot above all.
        """
        if self.flow.write_paused:
            self._put_off = cycle, app
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

    # Refusals before any application, in its form.

    def send_400_response(self, msg: str) -> None:
        self._refuse(400, "malformed", "This is not HTTP as it is understood here.")

    def _refuse(self, status: int, code: str, detail: str) -> None:
        if self.transport.is_closing():
            return
        if self._is_answering and (self.pipeline or self.cycle.response_started):
            # Another answer is on the wire: a second one inside it would be taken for a part of it.
            self._cut()
            return
        if not self._is_counted():
            self._cut()
            return
        is_answering = self._is_answering
        if is_answering:
            self._nobody_listens()
        answer = answer_unread(
            self._head, status, detail, client=self.client, state=self.app_state, is_noted=is_answering
        )
        self.transport.write(answer or raw_problem(status, code, detail, self._cross_origin()))
        self.transport.close()

    def _is_counted(self) -> bool:
        """Count what no application will; False where its address sent too much of that, which is not answered."""
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
        """What lets a page of another origin read the refusal, by those headers that were read."""
        policy: CrossOriginPolicy | None = self.app_state.get("cross_origin")
        headers: list[tuple[bytes, bytes]] | None = self.headers  # uvicorn's None before the first request
        return policy.headers(origin_of(headers or ())) if policy is not None else ()

    def _unsupported_upgrade_warning(self) -> None:
        """Java's client offers HTTP/2 with every first request: worth no line in the log."""

    # The end.

    def shutdown(self) -> None:
        stopping = self.app_state.get("stopping")
        if stopping is not None:
            stopping.set()
        super().shutdown()

    def eof_received(self) -> None:
        # The transport is closed behind this, and `connection_lost` comes a moment later.
        self._nobody_listens()

    def connection_lost(self, exc: Exception | None) -> None:
        self._nobody_listens()
        super().connection_lost(exc)
        self._clear_deadline()
        if self._stall is not None:
            self._stall.cancel()

    def _nobody_listens(self) -> None:
        """Let the running request know that its client is gone: what it sends from now on goes nowhere.

        uvicorn tells only the request that came last, and only when the connection has ended.
        """
        self._put_off = None
        running: RequestResponseCycle | None
        for running in (self._running, self.cycle):
            if running is not None and not running.response_complete:
                running.disconnected = True
                running.message_event.set()

    def _cut(self) -> None:
        self._nobody_listens()
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
            # We are the slow ones: its next request waits behind the one that is being answered.
            self._set_deadline()
        else:
            self._cut()


def raw_problem(status: int, code: str, detail: str, fields: Fields = ()) -> bytes:
    """A whole answer, for requests that were never whole enough to have a number."""
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
