"""Send cached roll-ups before any routing, by the same rules as their routes.

The route takes thirty times as long as looking up its response. Anything in doubt (no cached response, an unknown key,
a limit reached, a changed figure) goes on to the route, which alone makes responses and errors. Metrics count these
responses like all others; the log has no line for each, since a polling dashboard would fill the disk.

A polling dashboard sends the same bytes each time. `FastPath` remembers what whole requests mean, and the connection
(app/server/http_protocol.py) asks it before parsing. The key, its permissions, its rate and the response are checked
again each time.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from app.actions.keys import recognise
from app.actions.resolve import area_for
from app.api.http.conditional_requests import is_known
from app.api.http.gzip import takes_gzip
from app.api.http.read_position import HEADERS
from app.api.http.response_cache import Copy, Question, ResponseCache, lines_of, question_of
from app.dependencies import bearer_key
from app.domain.errors import Refusal
from app.domain.permissions import Verb
from app.limits.rate_limits import Rates, Source, spend
from app.middleware.cross_origin import CrossOriginPolicy, Fields, origin_of
from app.middleware.limits import SECURITY_HEADERS, has_one_host, over_limit
from app.observability import REQUEST_ID_HEADER, counter_of, given_request_id, new_request_id
from app.runtime.node import Node
from app.session_cookies import read_cookie

# The ledger follower advances the board's clock twice a second; no figure in a cached response is older than this.
LATE = timedelta(seconds=1)

# Remembered requests: a few for each of a thousand dashboards, at most 8 MiB.
REQUESTS_MAX = 4_096
REQUEST_BYTES_MAX = 2_048

_FIXED = [(name.encode(), value.encode()) for name, value in HEADERS.items()] + SECURITY_HEADERS
_FIXED_LINES = lines_of(_FIXED)
_ROUTE, _ROUTE_OF_CHILDREN = "/v1/areas/{code}/capacity", "/v1/areas/{code}/capacity/children"

Sent = tuple[str | None, bytes]  # the client address, and a whole request
Reply = tuple[Copy, bytes]  # with the request id


@dataclass(frozen=True, slots=True)
class Asked:
    """A parsed request for a roll-up, kept for each time that it is sent again."""

    question: Question
    route: str
    source: Source
    authorization: str | None
    if_none_match: str | None
    takes_gzip: bool
    request_id: bytes | None
    cross_origin: Fields
    cross_origin_lines: bytes

    @classmethod
    def of(cls, scope: Scope) -> Self | None:
        """The parsed request; None where it is not plain."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith("/v1/areas/"):
            return None
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        if len(headers) != len(scope["headers"]) or over_limit(scope) or not has_one_host(scope):
            return None
        if b"cookie" in headers and read_cookie(scope) is not None:
            return None  # a session is renewed by use
        policy: CrossOriginPolicy | None = scope.get("state", {}).get("cross_origin")
        cross_origin = policy.headers(origin_of(scope["headers"])) if policy is not None else ()
        return cls(
            question=question_of(scope),
            route=_ROUTE_OF_CHILDREN if scope["path"].endswith("/children") else _ROUTE,
            source=Source.of(scope),
            authorization=headers.get(b"authorization"),
            if_none_match=headers.get(b"if-none-match"),
            takes_gzip=takes_gzip(headers.get(b"accept-encoding")),
            request_id=given_request_id(scope),
            cross_origin=cross_origin,
            cross_origin_lines=lines_of(cross_origin),
        )


class FastPath:
    """Sends cached responses and remembers requests: one object per process, in `state["fast_path"]`."""

    def __init__(self) -> None:
        self._asked: dict[Sent, Asked] = {}
        self._counts: dict[tuple[str, int], Callable[[float], None]] = {}

    def remember(self, sent: Sent, asked: Asked) -> None:
        """Remember what these bytes from this address mean; the oldest is dropped when full."""
        if len(sent[1]) <= REQUEST_BYTES_MAX:
            self._asked[sent] = asked
            if len(self._asked) > REQUESTS_MAX:
                del self._asked[next(iter(self._asked))]

    def recall(self, sent: Sent) -> Asked | None:
        """What these bytes from this address mean, if remembered."""
        return self._asked.get(sent)

    def answer(self, asked: Asked, state: Mapping[str, Any]) -> Reply | None:
        """The cached response and its request id; None where the route must answer."""
        started = time.perf_counter()
        node: Node = state["node"]
        ready: ResponseCache = state["response_cache"]
        rates: Rates = state["rates"]
        board = node.board
        now = node.clock()
        if not -LATE < now - board.now < LATE:
            board.advance(now)
        found = ready.find(asked.question, node)
        if found is None:
            return None
        actor = None
        try:
            if asked.authorization is not None:
                actor = recognise(node, bearer_key(asked.authorization))
                if actor is None:
                    return None
            area_for(node, found.code, actor, Verb.read)
            spend(rates, actor, asked.source)
        except Refusal:
            return None
        if is_known(found.tag, asked.if_none_match):
            copy = found.unchanged
        else:
            copy = found.copy(board.position, board.now, takes_gzip=asked.takes_gzip)
        self._count(asked.route, copy.status, time.perf_counter() - started)
        return copy, asked.request_id or new_request_id()

    def _count(self, route: str, status: int, seconds: float) -> None:
        # Looking up a series by its labels takes longer than counting in it.
        counted = self._counts.get((route, status))
        if counted is None:
            counted = self._counts[route, status] = counter_of("GET", route, status)
        counted(seconds)


class CachedResponses:
    """The outermost layer: sends a cached response, else passes the request on."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = Asked.of(scope)
        if asked is not None:
            fast_path: FastPath = scope["state"]["fast_path"]
            reply = fast_path.answer(asked, scope["state"])
            if reply is not None:
                if (sent := scope["state"].get("sent")) is not None:
                    fast_path.remember(sent, asked)
                copy, request_id = reply
                headers = [*_FIXED, *copy.headers, *asked.cross_origin, (REQUEST_ID_HEADER, request_id)]
                await send({"type": "http.response.start", "status": copy.status, "headers": headers})
                await send({"type": "http.response.body", "body": copy.body})
                return
        await self.app(scope, receive, send)


def wire_bytes(reply: Reply, asked: Asked, first: Iterable[tuple[bytes, bytes]]) -> list[bytes]:
    """A reply as bytes to write, in pieces; `first` are the server's own headers."""
    copy, request_id = reply
    return [
        STATUS_LINE[copy.status],
        lines_of(first),
        _FIXED_LINES,
        copy.lines,
        asked.cross_origin_lines,
        b"%b: %b\r\n\r\n" % (REQUEST_ID_HEADER, request_id),
        copy.body,
    ]
