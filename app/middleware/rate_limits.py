"""Middleware that counts requests that no route counts, and queues anonymous requests."""

from collections.abc import Callable
from functools import partial

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.dependencies import count_request
from app.domain.errors import Overloaded, RateLimited
from app.limits.arrival_queue import ArrivalQueue
from app.limits.rate_limits import Source, is_frequent
from app.limits.slots import TURN
from app.middleware.limits import ALWAYS_ANSWERED, has_one_host, over_limit
from app.middleware.send_refusal import send_refusal
from app.protocols import protocol_at
from app.protocols.authentication import count_unrouted, recognised

# Wait, or send less: a body that is too large is read to its end, and the next one must not follow at once.
_SLOWED = frozenset({413, 429, 503})
# Files of the pages: sent from memory, kept forever by browsers. A page needs more of them at once than anyone may
# send requests.
_FILES = "/static/"


class RateLimits:
    """Counts each request once, including unknown paths and documents.

    The routes of a protocol count by its credentials; here only requests that never reach them are counted. `/healthz`
    and `/readyz` are always answered: an orchestrator restarts a process that does not respond, and a balancer takes it
    out of rotation. The files of the pages are neither counted nor queued. A request whose credential this process does
    not know waits for its turn.
    """

    def __init__(self, app: ASGIApp, waiting_max: int) -> None:
        self.app = app
        self._arrivals = ArrivalQueue(waiting_max)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in ALWAYS_ANSWERED:
            await self.app(scope, receive, pause_after_probes(scope, send))
            return
        if scope["path"].startswith(_FILES):
            await self.app(scope, receive, send)
            return
        send = pause_after_overload(scope, send)
        is_busy = scope["state"]["node"].write_queue.is_busy
        try:
            is_stranger = await self._admit(scope, is_busy)
        except (RateLimited, Overloaded) as refusal:
            await send_refusal(scope, send, refusal)
            return
        token = TURN.set(partial(self._arrivals.take_again, is_busy) if is_stranger else None)
        try:
            await self.app(scope, receive, send)
        finally:
            TURN.reset(token)

    async def _admit(self, scope: Scope, is_busy: Callable[[], bool]) -> bool:
        """Count the request; an anonymous one waits for its turn. Return whether it is anonymous."""
        protocol = protocol_at(scope["path"])
        try:
            if protocol is None:
                count_request(scope)
            elif over_limit(scope) or not has_one_host(scope):
                count_unrouted(scope, protocol)
        except RateLimited:
            # A refusal costs time too.
            await self._arrivals.take(is_busy)
            raise
        is_known = scope["state"].get("actor") if protocol is None else recognised(scope, protocol)
        if not is_known:
            await self._arrivals.take(is_busy)
        return not is_known


def pause_after_probes(scope: Scope, send: Send) -> Send:
    """Pause the connection after this response if too many requests for always-answered paths arrive."""
    return _pause_after(lambda _: is_frequent(scope["state"]["rates"], Source.of(scope)), scope, send)


def pause_after_overload(scope: Scope, send: Send) -> Send:
    """Pause the connection after a refusal because of overload, a rate limit or a body that is too large."""
    return _pause_after(_SLOWED.__contains__, scope, send)


def _pause_after(is_due: Callable[[int], bool], scope: Scope, send: Send) -> Send:
    """Pause the connection after a response whose status is due for it.

    Only direct connections: a proxy sends requests of other callers over the same connection.
    """
    slow_down = scope.get("state", {}).get("slow_down")
    if slow_down is None or not Source.of(scope).is_direct:
        return send

    async def send_watched(message: Message) -> None:
        if message["type"] == "http.response.start" and is_due(message["status"]):
            slow_down()
        await send(message)

    return send_watched
