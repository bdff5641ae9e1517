"""Parse one message of foreign software and collect its warnings."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote

from fastapi import Request

from app.domain.channels import Channel
from app.domain.registry.facility import Facility
from app.domain.relay import RelayedRequest, is_relayed
from app.domain.reports.report import Receipt
from app.domain.reports.rows import Written
from app.limits.request_bodies import read_body
from app.protocols.lenient_parsing import NotOneRow, Unreadable, fields_of, moment_of
from app.protocols.protocol import ForeignProtocol, NotReadable
from app.protocols.request_note import note_of
from app.protocols.texts import not_one_row_text, receipt_warning_text, unreadable_text, warning_text
from app.runtime.node import Node

SKEW_SECONDS_MAX = 300  # more than this is a wrong clock, not a slow network


async def fields(request: Request, protocol: ForeignProtocol, *, may_be_empty: bool = False) -> dict[str, Any]:
    """Parse the members of the body, JSON or form, whatever its content type. Raises: NotReadable, TooLarge."""
    body = await read_body(request, bytes_max=protocol.bytes_max)
    if may_be_empty and not body.strip():
        return {}
    try:
        read = fields_of(body)
    except Unreadable as unreadable:
        raise NotReadable(unreadable_text(unreadable)) from None
    except NotOneRow as found:
        raise NotReadable(not_one_row_text(found)) from None
    # A relayed body must be JSON that any parser reads.
    note_of(request.scope).body = body if read.is_plain else json.dumps(read.members).encode()
    return read.members


def clock_skew(request: Request, timestamp: str) -> tuple[datetime | None, int | None]:
    """Parse a timestamp; return it and the seconds it is ahead of our clock. Stores the skew in the note."""
    node: Node = request.state["node"]
    moment = moment_of(timestamp)
    skew = None if moment is None else round((moment - node.clock()).total_seconds())
    note_of(request.scope).skew_seconds = skew
    return moment, skew


def clock_warnings(request: Request, timestamp: str, skew: int | None) -> list[str]:
    """Return the warnings about the sender's clock, if any, and add them to the note."""
    warnings = []
    if timestamp and skew is None:
        warnings = [warning_text("clock_unreadable")]
    elif skew is not None and abs(skew) > SKEW_SECONDS_MAX:
        warnings = [warning_text("clock_skew", {"seconds_ahead": f"{skew:+}"})]
    note_of(request.scope).warnings += warnings
    return warnings


def relayed_request(
    request: Request, facility: Facility, channel: Channel
) -> Callable[[Written], RelayedRequest] | None:
    """Return a function that builds the request to relay, unchanged, once it is stored; None without a relay."""
    node: Node = request.state["node"]
    if not is_relayed(facility, channel) or not node.relay.has_upstream(channel):
        return None
    query = request.scope["query_string"].decode("latin-1")
    path = quote(request.scope["path"]) + (f"?{query}" if query else "")
    body, now = note_of(request.scope).body, node.clock()
    return lambda written: RelayedRequest(
        facility.facility_id, channel, written.row_id, request.method, path, body, now
    )


def record_receipt(request: Request, receipt: Receipt, *warnings: str) -> list[str]:
    """Add the receipt's position and warnings to the note; return all warnings as Indonesian text."""
    note = note_of(request.scope)
    found = [receipt_warning_text(warning) for warning in receipt.warnings]
    note.seq = receipt.seq
    note.warnings += found
    return [*warnings, *found]
