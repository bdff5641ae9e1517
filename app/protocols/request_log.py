"""The layer around everything below a protocol's prefix: tidy paths, and a note of each request for its hospital.

It stands outside all layers that limit and refuse, so that no request with a valid credential is missing from the
messages, whatever became of it. What never was HTTP is the connection's (app/server/unparsed_requests.py), and noted by
`keep` too.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.dependencies import is_counted, shown_actor
from app.domain.errors import NotFound, RateLimited, Refusal
from app.domain.message import MessageOutcome
from app.domain.redaction import without_secrets
from app.message_notes import SHED, is_noted, note_request
from app.protocols import PROTOCOLS, protocol_at
from app.protocols.authentication import look_up_shown, recognised
from app.protocols.protocol import ForeignProtocol, collapsed, status_of
from app.protocols.request_note import Note, begin

CLIENT_LEFT = 499  # nginx's number for a caller who did not wait; it is never sent


class ProtocolRequests:
    """Brings paths to the form of their routes (a redirect would lose the message), and keeps a note of each request.

    A request of our own API passes. Where there is nothing at a path outside all prefixes, and the request has the
    headers of a protocol, its software has a wrong address: that is told in its words, too. What our own API answers to
    such a request is kept as well, unless it is noted there already, for a key of its own
    (app/api/http/request_messages.py).
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = collapsed(scope["path"]) if scope["type"] == "http" else ""
        below = protocol_at(path)
        protocol = below or spoken(scope)
        if protocol is None:
            await self.app(scope, receive, send)
            return
        note = begin(scope)
        if below is not None:
            scope["path"] = below.tidy_path(path)  # in place: the log outside looks here for the route
        status = CLIENT_LEFT
        is_lost = False

        async def watched(message: Message) -> None:
            nonlocal status, is_lost
            if message["type"] == "http.response.start":
                status = message["status"]
                if below is None and status >= 400 and status not in SHED and is_counted(scope):
                    await look_up_shown(scope, protocol)
                lost = None if below is not None or is_noted(scope) else _lost(message)
                if lost is not None:
                    is_lost, status = True, status_of(lost)
                    await protocol.refusal(scope, lost)(scope, receive, send)
            if not is_lost:
                await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            # Elsewhere our own API answers and keeps what its keys sent; this was sent with a protocol's credential.
            if below is not None or is_lost or scope["state"].get("actor") is None:
                keep(scope, protocol, note, status)


def _lost(answer: Message) -> Refusal | None:
    """The refusal of a request outside all prefixes, where our own API has nothing for it; None for other answers."""
    match answer["status"]:
        case 404 | 405:
            return NotFound()
        case 429:
            seconds = dict(answer["headers"]).get(b"retry-after", b"1")
            return RateLimited(retry_after_seconds=int(seconds))
    return None


def spoken(scope: Scope) -> ForeignProtocol | None:
    """The door whose protocol a request speaks by its headers, whatever its path; one that it opens before others."""
    if scope["type"] != "http":
        return None
    names = {name for name, _ in scope["headers"]}
    found = [protocol for protocol in PROTOCOLS if protocol.login_header.encode() in names]
    return next(
        (protocol for protocol in found if recognised(scope, protocol) is not None), found[0] if found else None
    )


def keep(scope: Scope, protocol: ForeignProtocol, note: Note, status: int) -> None:
    """Keep what is known of this request, where it is anybody's."""
    if is_noted(scope):
        return
    if note.facility_id is None:
        # It was refused before its route could ask, or at a door that is not the one of its key. Only what this node
        # knows: a stranger's request costs no read.
        keys = (
            recognised(scope, each) for each in (protocol, *(other for other in PROTOCOLS if other is not protocol))
        )
        key = next((key for key in keys if key is not None), None)
        actor = shown_actor(scope) if key is None else key.actor
        note.facility_id = actor.scope.facility_id if actor is not None else None
    if note.facility_id is None:
        return
    told = note.odd if note.refused is None else [note.refused]
    outcome = MessageOutcome.flagged if told else MessageOutcome.accepted
    if note.refused is not None or status >= 400:
        outcome = MessageOutcome.refused
    note_request(
        scope,
        note.facility_id,
        protocol.channel,
        outcome,
        status,
        told=without_secrets("; ".join(told)),
        path=note.path,
        skew_seconds=note.skew_seconds,
        seq=note.seq,
    )
