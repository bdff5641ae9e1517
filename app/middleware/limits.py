"""Pure ASGI middleware around the whole application: early refusals, security headers, slots.

Limits that apply before a request is complete belong to the connection (app/server/http_protocol.py); routes limit
their bodies.
"""

import re

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.http.problems import NoSuchPath
from app.domain.errors import Malformed, NotFound, Overloaded, Refusal, TooLarge
from app.limits.slots import SLOT, TURN, Pool, Slot, Slots
from app.message_notes import SENT_METHOD
from app.middleware.send_refusal import send_refusal
from app.protocols import protocol_at
from app.protocols.protocol import NotReadable

log = structlog.get_logger("balai.edge")

# See `docs/limits.md`.
TARGET_BYTES_MAX = 4 * 1024
QUERY_BYTES_MAX = 2 * 1024
HEADER_BYTES_MAX = 16 * 1024
HEADER_FIELDS_MAX = 64

# Thirty hospitals with sixty rooms that send by two protocols in the same second.
PROTOCOL_SLOTS = 4_000

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

_HOST = re.compile(rb"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_ONE_HOST = "A request has one Host header, with the name or the address of this service."
_ONE_HOST_ID = "permintaan harus punya tepat satu header Host, berisi nama atau alamat layanan ini"

ALWAYS_ANSWERED = frozenset({"/healthz", "/readyz"})

# No framing, no content sniffing. HSTS is left to the proxy, which has the certificate.
SECURITY_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    # A page may set its own policy in addition: browsers enforce both.
    (b"content-security-policy", b"frame-ancestors 'none'"),
]


class LastResort:
    """Adds the security headers to every response and replaces bare text errors and unhandled exceptions.

    The framework sends some refusals as text/plain, past every handler (413 of a body is one). Unhandled exceptions end
    here: logged with their traceback, sent as a problem without details.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = scope["state"]["request_id"]
        started = is_replaced = False

        async def send_with_security_headers(message: Message) -> None:
            nonlocal started
            started = True
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *SECURITY_HEADERS]}
            await send(message)

        async def send_checked(message: Message) -> None:
            nonlocal is_replaced
            if is_replaced:
                return
            if message["type"] == "http.response.start" and _is_plain_text(message):
                is_replaced = True
                status = message["status"]
                await send_refusal(scope, send_with_security_headers, _refusal_of_status(status), status=status)
            else:
                await send_with_security_headers(message)

        try:
            await self.app(scope, receive, send_checked)
        except Exception:
            log.exception("internal error", request_id=request_id, method=scope["method"])
            if started:
                raise
            await send_refusal(scope, send_with_security_headers, Refusal())


def _is_plain_text(message: Message) -> bool:
    return message["status"] >= 400 and any(
        name.lower() == b"content-type" and value.startswith(b"text/plain") for name, value in message["headers"]
    )


def _refusal_of_status(status: int) -> Refusal:
    match status:
        case 404:
            return NotFound()
        case 413:
            return TooLarge("The body is too large.")
        case _ if status < 500:
            return Malformed()
        case _:
            return Refusal()


class RequestLimits:
    """Refuses requests with an invalid head.

    414 and 431 for a request line or headers over the limits, with the limit and the size.

    400 without exactly one Host header: a proxy that reads another one than we do would mix up services.

    404 for a path with a control character: the pattern of a route would accept a line break at its end.
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
    """Return status and text for a request that exceeds a limit; None for all others."""
    query = len(scope["query_string"])
    if query > QUERY_BYTES_MAX:
        return 414, f"The query has {query} bytes; at most {QUERY_BYTES_MAX} are accepted."
    target = len(scope["raw_path"]) + query + 1
    if target > TARGET_BYTES_MAX:
        return 414, f"The address has {target} bytes; at most {TARGET_BYTES_MAX} are accepted."
    headers = scope["headers"]
    if len(headers) > HEADER_FIELDS_MAX:
        return 431, f"The request has {len(headers)} header fields; at most {HEADER_FIELDS_MAX} are accepted."
    size = sum(len(name) + len(value) + 4 for name, value in headers)
    if size > HEADER_BYTES_MAX:
        return 431, f"The headers have {size} bytes; at most {HEADER_BYTES_MAX} are accepted."
    return None


def has_one_host(scope: Scope) -> bool:
    """Whether there is exactly one Host header with a name or address and optionally a port; HTTP/1.0 needs none."""
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    if not hosts:
        return bool(scope.get("http_version") == "1.0")
    return len(hosts) == 1 and _HOST.fullmatch(hosts[0]) is not None


class HeadAsGet:
    """Serves HEAD as GET without the body on every path of the native API: monitors and `curl -I` use it.

    Foreign protocols have a GET that deletes, so their routes declare HEAD themselves where it is safe.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "HEAD" and protocol_at(scope["path"]) is None:
            # The server itself omits the body of HEAD, by the method in the original scope.
            as_get = {**scope, "method": "GET", SENT_METHOD: "HEAD"}
            try:
                await self.app(as_get, receive, send)
            finally:
                # Copy back the route and other results, which the log and the metrics need.
                scope.update(as_get, method="HEAD")
        else:
            await self.app(scope, receive, send)


class InFlight:
    """Limits concurrent requests of each kind; one too many is refused at once, so that the others stay fast.

    Reads take their slot here; anonymous reads have slots of their own and take none from callers with a key. All other
    requests take a slot when their caller is authenticated and their body complete (app/limits/slots.py); one that is
    refused before that never has one. A long-lived response releases its slot once it has begun and has limits of its
    own. Foreign protocols have many slots of their own: hospitals send all rooms in the same second and do not retry.
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
