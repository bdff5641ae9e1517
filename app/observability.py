"""Logging and metrics: one log line per request, one format for all lines, and Prometheus metrics.

Lines go to standard error. They contain the route, never the query, a header or a body, which may hold keys. Modules
log through structlog or logging; both have the same format.
"""

import contextlib
import logging.config
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from io import StringIO
from math import inf
from pathlib import Path
from typing import Any, Literal, TextIO

import structlog
from prometheus_client import (
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    values,
)
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

from app.domain.redaction import path_without_secrets
from app.domain.text import escaped, escaped_lines
from app.limits.rate_limits import counted_as
from app.shared_files import allocate_metrics

log = structlog.get_logger("balai.access")

REQUEST_ID_HEADER = b"x-request-id"
NO_ROUTE = "(no route)"
CLIENT_LEFT = 499  # nginx's status for a client that closed the request; it is never sent

# Responses to a flood; a line for each would fill the disk.
_SHED = frozenset({429, 503})

# Polled every few seconds, or sent by a browser before each request; the metrics count them.
_NOT_LOGGED = frozenset({"/healthz", "/readyz", "(preflight)"})

# Ids are logged and returned: one that contains a key is replaced.
_REQUEST_ID = re.compile(rb"(?!.*balai_)[A-Za-z0-9._-]{1,64}")
# The client chooses the method; without a list anyone could create a million time series.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # where several workers share their metrics


def _count_alone_without_room() -> str | None:
    """Allocate this worker's metrics files; without space it keeps its own counts. Returns why."""
    try:
        if METRICS_FOLDER in os.environ:
            allocate_metrics(Path(os.environ[METRICS_FOLDER]))
    except OSError as error:
        del os.environ[METRICS_FOLDER]
        values.ValueClass = values.MutexValue
        return error.strerror or str(error)
    return None


counts_alone = _count_alone_without_room()
disable_created_metrics()  # type: ignore[no-untyped-call]
REQUESTS = Counter("balai_http_requests", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram(
    "balai_http_request_seconds",
    "Time to answer; for a stream or a long poll, until it has begun.",
    ["method", "route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
POSITION = Gauge(
    "balai_board_position",
    "Ledger position of the board of the responding worker.",
    multiprocess_mode="mostrecent",
)
OPEN = Gauge("balai_open_answers", "Open streams and long polls.", multiprocess_mode="livesum")


def configure_logging(log_format: Literal["json", "text"], level: Literal["info", "warning"] = "info") -> None:
    """Configure one format for our lines and those of libraries, including uvicorn's."""
    stamp: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # A plain traceback: the pretty one shows local variables, and with them keys.
    last: list[Processor]
    if log_format == "json":
        last = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    else:
        last = [_escaped, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=_traceback)]
    structlog.configure(
        processors=[*stamp, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(_Lossy()),  # type: ignore[arg-type]
        cache_logger_on_first_use=True,
    )
    foreign = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": [structlog.stdlib.add_logger_name, *stamp],
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, _without_colour, *last],
    }
    handler = {"class": "logging.StreamHandler", "stream": "ext://sys.stderr", "formatter": "line"}
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": foreign},
            "handlers": {"stderr": handler},
            "filters": {"unread": {"()": _NotUnread}},
            "root": {"handlers": ["stderr"], "level": level.upper()},
            # Alembic logs its dialect at every start; `balai migrate` prints what it did.
            "loggers": {"alembic": {"level": "WARNING"}, "uvicorn.error": {"filters": ["unread"]}},
        }
    )


class _NotUnread(logging.Filter):
    """Drops uvicorn's line for each connection that is not HTTP: app/server/http_protocol.py writes fewer."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.msg != "Invalid HTTP request received."


class _Lossy:
    """Standard error that never fails: on a full disk the line is lost, not the response."""

    def write(self, line: str) -> None:
        with contextlib.suppress(OSError):
            sys.stderr.write(line)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            sys.stderr.flush()


def _without_colour(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    # uvicorn sends each message a second time with colours in it.
    event.pop("color_message", None)
    return event


def _escaped(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    # These lines contain client input, and a terminal executes control characters. JSON escapes by itself.
    return {name: escaped(value) if isinstance(value, str) else value for name, value in event.items()}


def _traceback(lines: TextIO, exc_info: ExcInfo) -> None:
    text = StringIO()
    structlog.dev.plain_traceback(text, exc_info)
    lines.write(escaped_lines(text.getvalue()))


def route_template(scope: Scope) -> str:
    """The path template of the route (`/v1/areas/{code}`), so that there are few time series.

    FastAPI keeps the whole template with prefixes in an internal place; only this function reads it.
    """
    if "app_root_path" in scope:
        # A mounted application, such as a folder of files, has its own paths.
        return f"{scope['root_path']}/{{path}}"
    # Without a router in between, the route has the whole template.
    route = scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")
    if route is not None:
        return str(route.path_format)
    # A bare Starlette route leaves no template; without parameters it equals the path.
    return str(scope["path"]) if "endpoint" in scope and not scope.get("path_params") else NO_ROUTE


class Observed:
    """The outermost layer: assigns a request id, and logs and counts the response.

    The id is in `scope["state"]["request_id"]` and in the response. The caller is read from
    `scope["state"]["actor"]`, which the routes' dependencies set.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = given_request_id(scope) or new_request_id()
        scope["state"] = {**scope.get("state", {}), "request_id": request_id.decode()}
        status = CLIENT_LEFT

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message.get("headers", ()), (REQUEST_ID_HEADER, request_id)]}
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        finally:
            seconds = time.perf_counter() - started
            route = route_template(scope)
            count(scope["method"], route, status, seconds)
            _log_request(scope, route, status, seconds)


class ShedLines:
    """Samples the log lines of shed requests (429, 503): one per caller and minute.

    Each has the number of lines left out before it. The metrics count all requests.
    """

    def __init__(self, seconds: float = 60.0, callers_max: int = 10_000) -> None:
        self._seconds = seconds
        self._callers_max = callers_max
        self._seen: dict[str, tuple[float, int]] = {}

    def of(self, caller: str, now: float) -> int | None:
        """The number of lines left out since the last one of this caller; None where this one is left out too."""
        since, left_out = self._seen.get(caller, (-inf, 0))
        if now - since < self._seconds:
            self._seen[caller] = since, left_out + 1
            return None
        self._seen.pop(caller, None)  # the order of the dict is that of the lines
        self._seen[caller] = now, 0
        if len(self._seen) > self._callers_max:
            del self._seen[next(iter(self._seen))]
        return left_out


_shed_lines = ShedLines()


def _log_request(scope: Scope, route: str, status: int, seconds: float) -> None:
    if route in _NOT_LOGGED and status < 400:
        return
    line: dict[str, Any] = {
        "request_id": scope["state"]["request_id"],
        "method": scope["method"],
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 2),
        "client": scope["client"][0] if scope.get("client") else None,
    }
    actor = scope["state"].get("actor")
    if actor is not None:
        line["principal"] = actor.principal
    if route == NO_ROUTE:
        # Still percent-encoded: a line break in it stays inside its line.
        line["path"] = path_without_secrets(scope.get("raw_path", b"").decode("latin-1"))[:200]
    if status in _SHED:
        left_out = _shed_lines.of(counted_as(actor, line["client"]), time.monotonic())
        if left_out is None:
            return
        line["not_logged"] = left_out
    if status in {401, 403}:
        log.warning("denied", **line)
    elif status >= 500:
        log.error("request", **line)
    else:
        log.info("request", **line)


def given_request_id(scope: Scope) -> bytes | None:
    """The request id that the client sent, if valid."""
    for name, value in scope["headers"]:
        if name == REQUEST_ID_HEADER and _REQUEST_ID.fullmatch(value):
            return bytes(value)
    return None


def _request_ids() -> Iterator[bytes]:
    # Many at once from the kernel: one at a time would cost more than a cached response.
    while True:
        drawn = os.urandom(16 * 256).hex().encode()
        yield from (drawn[at : at + 32] for at in range(0, len(drawn), 32))


_ids = _request_ids()


def new_request_id() -> bytes:
    """A unique request id: 128 random bits in hex."""
    return next(_ids)


def count(method: str, route: str, status: int, seconds: float) -> None:
    """Count one request in the metrics."""
    counter_of(method if method in _METHODS else "other", route, status)(seconds)


def counter_of(method: str, route: str, status: int) -> Callable[[float], None]:
    """A function that counts requests of one series, each with its seconds."""
    requests, histogram = REQUESTS.labels(method, route, status), SECONDS.labels(method, route)

    def counted(seconds: float) -> None:
        requests.inc()
        histogram.observe(seconds)

    return counted
