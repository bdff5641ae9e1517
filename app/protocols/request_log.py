"""Middleware around all protocol paths: normalises the path and records each request for its hospital.

It runs outside all middleware that limits or refuses, so every request with a valid credential is in the message log,
whatever its outcome. Input that is not HTTP is handled by the connection (app/server/unparsed_requests.py) and recorded
by `record_message` too.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.dependencies import is_counted, shown_actor
from app.domain.errors import NotFound, RateLimited, Refusal
from app.domain.message import MessageOutcome
from app.domain.redaction import without_secrets
from app.message_notes import SHED, is_recorded, note_request
from app.protocols import PROTOCOLS, protocol_at
from app.protocols.authentication import look_up_shown, recognised
from app.protocols.protocol import ForeignProtocol, collapsed, status_of
from app.protocols.request_note import Note, begin

CLIENT_LEFT = 499  # nginx's status for a client that disconnected; it is never sent


class ProtocolRequests:
    """Rewrites paths to the form of the routes (a redirect would lose the message) and records each request.

    Requests of our own API pass through. A request with the headers of a protocol, to a path outside all prefixes where
    nothing exists, comes from software with a wrong URL: it gets a refusal in that protocol's envelope. Other responses
    of our own API to such a request are recorded as well, unless the API recorded them already for one of its keys
    (app/api/http/request_messages.py).
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = collapsed(scope["path"]) if scope["type"] == "http" else ""
        below = protocol_at(path)
        protocol = below or protocol_by_headers(scope)
        if protocol is None:
            await self.app(scope, receive, send)
            return
        note = begin(scope)
        if below is not None:
            scope["path"] = below.tidy_path(path)  # in place: the access log reads the route from this scope
        status = CLIENT_LEFT
        is_lost = False

        async def send_watched(message: Message) -> None:
            nonlocal status, is_lost
            if message["type"] == "http.response.start":
                status = message["status"]
                if below is None and status >= 400 and status not in SHED and is_counted(scope):
                    await look_up_shown(scope, protocol)
                refusal = None if below is not None or is_recorded(scope) else _refusal_outside_prefixes(message)
                if refusal is not None:
                    is_lost, status = True, status_of(refusal)
                    await protocol.refusal(scope, refusal)(scope, receive, send)
            if not is_lost:
                await send(message)

        try:
            await self.app(scope, receive, send_watched)
        finally:
            # Outside the prefixes our own API records requests of its own keys; this one has a protocol's credential.
            if below is not None or is_lost or scope["state"].get("actor") is None:
                record_message(scope, protocol, note, status)


def _refusal_outside_prefixes(answer: Message) -> Refusal | None:
    """Map our own API's 404, 405 or 429 to the protocol's refusal; None for other responses."""
    match answer["status"]:
        case 404 | 405:
            return NotFound()
        case 429:
            seconds = dict(answer["headers"]).get(b"retry-after", b"1")
            return RateLimited(retry_after_seconds=int(seconds))
    return None


def protocol_by_headers(scope: Scope) -> ForeignProtocol | None:
    """Return the protocol whose headers a request has, whatever its path; one that accepts its credential first."""
    if scope["type"] != "http":
        return None
    names = {name for name, _ in scope["headers"]}
    found = [protocol for protocol in PROTOCOLS if protocol.login_header.encode() in names]
    return next(
        (protocol for protocol in found if recognised(scope, protocol) is not None), found[0] if found else None
    )


def record_message(scope: Scope, protocol: ForeignProtocol, note: Note, status: int) -> None:
    """Record this request in the messages of the facility that sent it; do nothing if that is unknown."""
    if is_recorded(scope):
        return
    if note.facility_id is None:
        # It was refused before its route authenticated it, or its credential is for another protocol. Only this node's
        # knowledge is used: an unknown sender costs no read of the ledger.
        keys = (
            recognised(scope, tried) for tried in (protocol, *(other for other in PROTOCOLS if other is not protocol))
        )
        key = next((key for key in keys if key is not None), None)
        actor = shown_actor(scope) if key is None else key.actor
        note.facility_id = actor.scope.facility_id if actor is not None else None
    if note.facility_id is None:
        return
    details = note.warnings if note.refused is None else [note.refused]
    outcome = MessageOutcome.flagged if details else MessageOutcome.accepted
    if note.refused is not None or status >= 400:
        outcome = MessageOutcome.refused
    note_request(
        scope,
        note.facility_id,
        protocol.channel,
        outcome,
        status,
        detail=without_secrets("; ".join(details)),
        path=note.path,
        skew_seconds=note.skew_seconds,
        seq=note.seq,
    )
