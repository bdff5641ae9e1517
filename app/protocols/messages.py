"""One message of foreign software: what it says, and what is odd about it."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote

from fastapi import Request

from app.bodies import read_body
from app.domain.channels import Channel
from app.domain.registry.facility import Facility
from app.domain.relay import RelayedRequest, is_relayed
from app.domain.reports.report import Receipt
from app.domain.reports.rows import Written
from app.protocols.lenient_parsing import NotOneRow, Unreadable, fields_of, moment_of
from app.protocols.protocol import ForeignProtocol, NotReadable
from app.protocols.request_note import note_of
from app.protocols.texts import not_one_row_text, receipt_warning_text, unreadable_text, warning_text
from app.runtime.node import Node

SKEW_SECONDS_MAX = 300  # more is a wrong clock, not a slow line


async def fields(request: Request, protocol: ForeignProtocol, *, may_be_empty: bool = False) -> dict[str, Any]:
    """The members of the body, JSON or form, whatever its type says it is. Raises: NotReadable, TooLarge."""
    body = await read_body(request, bytes_max=protocol.bytes_max)
    if may_be_empty and not body.strip():
        return {}
    try:
        said = fields_of(body)
    except Unreadable as unreadable:
        raise NotReadable(unreadable_text(unreadable)) from None
    except NotOneRow as found:
        raise NotReadable(not_one_row_text(found)) from None
    # What is sent on must be readable for anybody.
    note_of(request.scope).body = body if said.is_plain else json.dumps(said.members).encode()
    return said.members


def clock_skew(request: Request, timestamp: str) -> tuple[datetime | None, int | None]:
    """The moment that a time stamp names, and how many seconds it is ahead of our clock; noted."""
    node: Node = request.state["node"]
    moment = moment_of(timestamp)
    skew = None if moment is None else round((moment - node.clock()).total_seconds())
    note_of(request.scope).skew_seconds = skew
    return moment, skew


def clock_warnings(request: Request, timestamp: str, skew: int | None) -> list[str]:
    """What is wrong with the clock of the sender, if anything; noted."""
    odd = []
    if timestamp and skew is None:
        odd = [warning_text("clock_unreadable")]
    elif skew is not None and abs(skew) > SKEW_SECONDS_MAX:
        odd = [warning_text("clock_skew", {"seconds_ahead": f"{skew:+}"})]
    note_of(request.scope).odd += odd
    return odd


def onward(request: Request, facility: Facility, channel: Channel) -> Callable[[Written], RelayedRequest] | None:
    """What is to be sent on with a message that is stored, as it came; None where this facility has no relay."""
    node: Node = request.state["node"]
    if not is_relayed(facility, channel) or not node.relay.has_upstream(channel):
        return None
    query = request.scope["query_string"].decode("latin-1")
    path = quote(request.scope["path"]) + (f"?{query}" if query else "")
    body, now = note_of(request.scope).body, node.clock()
    return lambda written: RelayedRequest(
        facility.facility_id, channel, written.row_id, request.method, path, body, now
    )


def stored(request: Request, receipt: Receipt, *odd: str) -> list[str]:
    """What is odd about a message that is on disk now, in words; noted."""
    note = note_of(request.scope)
    warnings = [receipt_warning_text(warning) for warning in receipt.warnings]
    note.seq = receipt.seq
    note.odd += warnings
    return [*odd, *warnings]
