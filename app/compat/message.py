"""One message of foreign software: what it says, and what is noted of it for the people who sent it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response

from app.actions.node import Node
from app.bodies import read_body
from app.compat.door import Door
from app.domain.channels import Channel
from app.domain.errors import Malformed
from app.domain.facility import Facility
from app.domain.message import DETAIL_LENGTH_MAX, REQUEST_LENGTH_MAX, Message, MessageOutcome
from app.domain.relay import Onward, is_relayed
from app.domain.report import Receipt
from app.domain.rows import Written
from app.domain.tolerant import Unreadable, decoded, fields_of, moment_of, plain

SKEW_SECONDS_MAX = 300  # more is a wrong clock, not a slow line

_NOTE = "balai.note"


@dataclass(slots=True)
class Note:
    """What is known of a message while it is answered: whose it is, what is odd, its place in the ledger, its body."""

    facility_id: str | None = None
    odd: str | None = None
    skew_seconds: int | None = None
    seq: int | None = None
    body: bytes = b""
    kept: bool = True  # reading leaves no note, unless it was refused


def begin(request: Request) -> Note:
    """A new note for this message."""
    note = request.scope[_NOTE] = Note()
    return note


def note_of(request: Request) -> Note:
    """The note of this message."""
    note: Note = request.scope[_NOTE]
    return note


def keep(request: Request, channel: Channel, response: Response) -> None:
    """Keep what is known of this message, where it is anybody's."""
    note = note_of(request)
    if note.facility_id is None or not note.kept:
        return
    node: Node = request.state["node"]
    outcome = MessageOutcome.accepted if note.odd is None else MessageOutcome.flagged
    if response.status_code >= 400 or (note.seq is None and note.odd is not None):
        outcome = MessageOutcome.refused
    node.messages.note(
        Message(
            facility_id=note.facility_id,
            channel=channel,
            received_at=node.clock(),
            request=f"{request.method} {plain(request.url.path)}"[:REQUEST_LENGTH_MAX],
            outcome=outcome,
            status=response.status_code,
            detail=note.odd and plain(note.odd)[:DETAIL_LENGTH_MAX],
            clock_skew_seconds=note.skew_seconds,
            address=request.client.host if request.client else None,
            request_id=request.scope["state"]["request_id"],
            seq=note.seq,
        )
    )


async def fields(request: Request, door: Door, *, may_be_empty: bool = False) -> dict[str, Any]:
    """The members of the body, JSON or form, whatever its type says it is. Raises: Malformed, TooLarge."""
    body = await read_body(request, bytes_max=door.bytes_max)
    if may_be_empty and not body.strip():
        return {}
    try:
        said = fields_of(body)
    except Unreadable:
        raise Malformed("isi permintaan bukan JSON") from None
    is_json = decoded(body[:10]).lstrip().startswith("{")
    note_of(request).body = body if is_json else json.dumps(said).encode()
    return said


def skew_of(request: Request, timestamp: str) -> tuple[datetime | None, int | None]:
    """The moment that a time stamp names, and how many seconds it is ahead of our clock; noted."""
    node: Node = request.state["node"]
    moment = moment_of(timestamp)
    skew = None if moment is None else round((moment - node.clock()).total_seconds())
    note_of(request).skew_seconds = skew
    return moment, skew


def odd_clock(timestamp: str, skew: int | None) -> list[str]:
    """What is wrong with the clock of the sender, if anything."""
    if not timestamp:
        return []
    if skew is None:
        return ["clock_unreadable: the time stamp is no Unix time"]
    if abs(skew) > SKEW_SECONDS_MAX:
        return [f"clock_skew: the sender's clock is {abs(skew)} s {'ahead' if skew > 0 else 'behind'}"]
    return []


def onward(request: Request, facility: Facility, channel: Channel) -> Callable[[Written], Onward] | None:
    """What is to be sent on with a message that is stored, as it came; None where this facility has no relay."""
    node: Node = request.state["node"]
    if not is_relayed(facility, channel) or not node.relay.has_upstream(channel):
        return None
    query = request.scope["query_string"].decode("latin-1")
    path = quote(request.scope["path"]) + (f"?{query}" if query else "")
    body, now = note_of(request).body, node.clock()
    return lambda written: Onward(facility.facility_id, channel, written.row_id, request.method, path, body, now)


def stored(request: Request, receipt: Receipt, *odd: str) -> list[str]:
    """What is odd about a message that is on disk now, in words; noted."""
    note = note_of(request)
    told = [*odd, *(f"{warning.code}: {warning.detail}" for warning in receipt.warnings)]
    note.seq, note.odd = receipt.seq, "; ".join(told) or None
    return told
