"""The short way for roll-ups that are ready: answered before any routing, by the same rules.

Measured: the route takes thirty times as long as the answer it looks up. Whatever is not plain (no such answer, an
unknown key, a limit reached, a figure that moved) goes the long way, which alone makes answers and refusals. These
answers are counted in the metrics like all others, but not logged one by one: a screen that polls would fill the disk.

A screen that polls also sends the same bytes each time, and what they mean need not be found out twice: the connection
(app/server/http_protocol.py) asks here before it reads them. What may change meanwhile, the key, its rights, its rate
and the answer, is asked anew each time.
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
from app.middleware.cross_origin import CrossOriginPolicy, Fields, origin_of
from app.middleware.limits import MANNERS, has_one_host, over_limit
from app.observability import REQUEST_ID_HEADER, counter_of, given_request_id, new_request_id
from app.rate_limits import Rates, Source, spend
from app.runtime.node import Node

# The follower moves the board's clock twice a second, and bytes are kept in between; no figure is older than this.
LATE = timedelta(seconds=1)

# Requests that are remembered: a few for each of a thousand screens, 8 MiB at most.
REQUESTS_MAX = 4_096
REQUEST_BYTES_MAX = 2_048

_FIXED = [(name.encode(), value.encode()) for name, value in HEADERS.items()] + MANNERS
_FIXED_LINES = lines_of(_FIXED)
_ROUTE, _ROUTE_OF_CHILDREN = "/v1/areas/{code}/capacity", "/v1/areas/{code}/capacity/children"

Sent = tuple[str | None, bytes]  # the address it came from, and a whole request
Reply = tuple[Copy, bytes]  # and the id of the request


@dataclass(frozen=True, slots=True)
class Asked:
    """What a plain request for a roll-up says, once for all times that it is sent."""

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
        """None for all that is not plain."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith("/v1/areas/"):
            return None
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        if len(headers) != len(scope["headers"]) or over_limit(scope) or not has_one_host(scope):
            return None
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
    """Answers what is ready, and remembers what whole requests ask: one object per process, in `state["fast_path"]`."""

    def __init__(self) -> None:
        self._asked: dict[Sent, Asked] = {}
        self._counts: dict[tuple[str, int], Callable[[float], None]] = {}

    def remember(self, sent: Sent, asked: Asked) -> None:
        """What these bytes from this address ask; what was remembered longest makes room for it."""
        if len(sent[1]) <= REQUEST_BYTES_MAX:
            self._asked[sent] = asked
            if len(self._asked) > REQUESTS_MAX:
                del self._asked[next(iter(self._asked))]

    def recall(self, sent: Sent) -> Asked | None:
        """What these bytes from this address ask, if that is known."""
        return self._asked.get(sent)

    def answer(self, asked: Asked, state: Mapping[str, Any]) -> Reply | None:
        """The answer and its request id, if it is ready and for whoever asks; None where the long way has to tell."""
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
        # Looking a series up by its labels takes longer than counting in it.
        counted = self._counts.get((route, status))
        if counted is None:
            counted = self._counts[route, status] = counter_of("GET", route, status)
        counted(seconds)


class CachedResponses:
    """The outermost layer."""

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
    """A reply as a server sends it, in pieces; `first` is the server's own headers."""
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
