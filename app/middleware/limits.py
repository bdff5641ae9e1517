"""Layers around the whole application, pure ASGI. They refuse early, and see that no answer leaves unfit.

What must hold before a request is complete is the connection's (app/server/http_protocol.py); bodies are limited by
their routes.
"""

import re

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.http.problems import NoSuchPath
from app.domain.errors import Malformed, NotFound, Overloaded, Refusal, TooLarge
from app.message_notes import SENT_METHOD
from app.middleware.send_refusal import send_refusal
from app.protocols import protocol_at
from app.protocols.protocol import NotReadable
from app.slots import SLOT, TURN, Pool, Slot, Slots

log = structlog.get_logger("balai.edge")

# Reliability section 4.
TARGET_BYTES_MAX = 4 * 1024
QUERY_BYTES_MAX = 2 * 1024
HEADER_BYTES_MAX = 16 * 1024
HEADER_FIELDS_MAX = 64

# Thirty hospitals of sixty rooms that send by two protocols in the same second.
PROTOCOL_SLOTS = 4_000

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

_HOST = re.compile(rb"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_ONE_HOST = "A request has one Host header, with the name or the address of this service."
_ONE_HOST_ID = "permintaan harus punya tepat satu header Host, berisi nama atau alamat layanan ini"

ALWAYS_ANSWERED = frozenset({"/healthz", "/readyz"})

# Nothing here is ever to be framed or guessed at. HSTS is the proxy's to promise: it has the certificate.
MANNERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    # A page may state a policy of its own beside this one: browsers obey both.
    (b"content-security-policy", b"frame-ancestors 'none'"),
]


class LastResort:
    """Nothing leaves without the security headers, as a bare text, or not at all.

    The framework tells some refusals in text/plain, past every handler (413 of a body is one). And what no
    handler expected ends here: in the log with everything, outside as a problem without details.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = scope["state"]["request_id"]
        started = retold = False

        async def send_with_manners(message: Message) -> None:
            nonlocal started
            started = True
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *MANNERS]}
            await send(message)

        async def send_fit(message: Message) -> None:
            nonlocal retold
            if retold:
                return
            if message["type"] == "http.response.start" and _is_bare(message):
                retold = True
                status = message["status"]
                await send_refusal(scope, send_with_manners, _refusal(status), status=status)
            else:
                await send_with_manners(message)

        try:
            await self.app(scope, receive, send_fit)
        except Exception:
            log.exception("internal error", request_id=request_id, method=scope["method"])
            if started:
                raise
            await send_refusal(scope, send_with_manners, Refusal())


def _is_bare(message: Message) -> bool:
    return message["status"] >= 400 and any(
        name.lower() == b"content-type" and value.startswith(b"text/plain") for name, value in message["headers"]
    )


def _refusal(status: int) -> Refusal:
    match status:
        case 404:
            return NotFound()
        case 413:
            return TooLarge("The body is larger than is taken here.")
        case _ if status < 500:
            return Malformed()
        case _:
            return Refusal()


class RequestLimits:
    """414 and 431 for a request line or headers over the limits, with the limit and the size.

    400 without exactly one Host header: whoever reads another one than we do would be told of another service.

    404 for a path with a control character: a route's own pattern would let a line break at its end pass.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (over := over_limit(scope)):
            status, detail = over
            await send_refusal(scope, send, TooLarge(detail), status=status)
        elif scope["type"] == "http" and not has_one_host(scope):
            is_ours = protocol_at(scope["path"]) is None
            await send_refusal(scope, send, Malformed(_ONE_HOST) if is_ours else NotReadable(_ONE_HOST_ID))
        elif scope["type"] == "http" and _CONTROL.search(scope["path"]):
            await send_refusal(scope, send, NoSuchPath() if protocol_at(scope["path"]) is None else NotFound())
        else:
            await self.app(scope, receive, send)


def over_limit(scope: Scope) -> tuple[int, str] | None:
    """Status and text for a request that is larger than is taken; None for all others."""
    query = len(scope["query_string"])
    if query > QUERY_BYTES_MAX:
        return 414, f"The query has {query} bytes; at most {QUERY_BYTES_MAX} are taken."
    target = len(scope["raw_path"]) + query + 1
    if target > TARGET_BYTES_MAX:
        return 414, f"The address has {target} bytes; at most {TARGET_BYTES_MAX} are taken."
    headers = scope["headers"]
    if len(headers) > HEADER_FIELDS_MAX:
        return 431, f"The request has {len(headers)} header fields; at most {HEADER_FIELDS_MAX} are taken."
    size = sum(len(name) + len(value) + 4 for name, value in headers)
    if size > HEADER_BYTES_MAX:
        return 431, f"The headers have {size} bytes; at most {HEADER_BYTES_MAX} are taken."
    return None


def has_one_host(scope: Scope) -> bool:
    """Whether there is exactly one Host header, with a name or an address and perhaps a port; HTTP/1.0 needs none."""
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    if not hosts:
        return bool(scope.get("http_version") == "1.0")
    return len(hosts) == 1 and _HOST.fullmatch(hosts[0]) is not None


class HeadAsGet:
    """HEAD is GET without the body, on every path of ours: monitors and `curl -I` ask that way.

    Foreign protocols have a GET that deletes. Their routes say themselves where HEAD may be asked.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "HEAD" and protocol_at(scope["path"]) is None:
            # The server itself sends no body to HEAD, and looks for the method in this scope when it does.
            as_get = {**scope, "method": "GET", SENT_METHOD: "HEAD"}
            try:
                await self.app(as_get, receive, send)
            finally:
                # The route and whatever else was found out on the way: the log and the metrics ask for it.
                scope.update(as_get, method="HEAD")
        else:
            await self.app(scope, receive, send)


class InFlight:
    """At most so many requests at once of each kind; one more is refused at once, so that the others stay quick.

    Reads take their slot here; those of strangers have slots of their own, and take none from who shows a key. All
    others take it where their caller is known and their body complete (app/slots.py); a request that is refused before
    that never has one. An answer that stays open gives its slot back when it has begun: those have limits of their own.
    Foreign software has many slots of its own: its hospitals send all rooms in the same second, and would not try
    again.
    """

    def __init__(self, app: ASGIApp, places: int, protocol_slots: int = PROTOCOL_SLOTS) -> None:
        self.app = app
        self.slots = Slots(dict.fromkeys(Pool, places) | {Pool.protocol_writes: protocol_slots})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in ALWAYS_ANSWERED:
            await self.app(scope, receive, send)
            return
        slot = Slot(self.slots, _pool_of(scope))
        token = SLOT.set(slot)
        try:
            if slot.pool in {Pool.reads, Pool.reads_of_strangers}:
                try:
                    slot.take()
                except Overloaded as refusal:
                    await send_refusal(scope, send, refusal)
                    return
            await self.app(scope, receive, send)
        finally:
            SLOT.reset(token)
            slot.close()


def _pool_of(scope: Scope) -> Pool:
    if scope["method"] in {"GET", "HEAD", "OPTIONS"}:
        return Pool.reads if TURN.get() is None else Pool.reads_of_strangers
    return Pool.writes if protocol_at(scope["path"]) is None else Pool.protocol_writes
