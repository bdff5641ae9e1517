"""Record requests to the native API in the message log of a facility.

Recorded are reports, and every refusal of a request with the key of one facility, whatever its path, method or body;
for reports also refusals with an officer's key. Not recorded are successful reads, which would push the reports out of
a log of 200 messages, and 429 and 503: such a request is correct, and a client that retries would fill the log.
"""

import re

from starlette.types import Scope

from app.dependencies import look_up_caller, shown_actor
from app.domain.channels import Channel
from app.domain.errors import NotFound
from app.domain.message import MessageOutcome
from app.domain.permissions import Actor
from app.domain.redaction import without_keys
from app.domain.reports.report import Receipt
from app.message_notes import SHED, is_recorded, note_request
from app.runtime.node import Node

REPORT_PATH = re.compile(r"/v1/facilities/([^/]+)/reports")

_UNAUTHENTICATED = 401


def note_receipt(scope: Scope, receipt: Receipt) -> None:
    """Record a stored report."""
    warnings = "; ".join(f"{warning.code}: {warning.detail}" for warning in receipt.warnings)
    outcome = MessageOutcome.flagged if warnings else MessageOutcome.accepted
    status = 200 if receipt.repeated else 201
    note_request(scope, receipt.facility_id, Channel.native, outcome, status, detail=warnings, seq=receipt.seq)


def note_refused_report(scope: Scope, reference: str | None, status: int, detail: str) -> None:
    """Record one refused report of a bulk; `reference` is the facility that it names, if any."""
    if status not in SHED:
        _note(scope, scope["state"].get("actor"), reference, status, detail)


async def note_refusal(scope: Scope, status: int, detail: str) -> None:
    """Record a refused request before the response is sent; nothing if it belongs to no facility.

    A key that another process issued a moment ago may first be used on a path without a route. It is looked up here,
    in a request that was counted for its address.
    """
    if status in SHED or is_recorded(scope):
        return
    actor: Actor | None = scope["state"].get("actor")
    if actor is None and status != _UNAUTHENTICATED:
        actor = await look_up_caller(scope)
    report = REPORT_PATH.fullmatch(scope["path"]) if scope["method"] == "POST" else None
    _note(scope, actor, report[1] if report else None, status, detail)


def note_unread(scope: Scope, status: int, detail: str) -> None:
    """Record input that is not HTTP but has a key that this node knows."""
    _note(scope, shown_actor(scope), None, status, detail)


def _note(scope: Scope, actor: Actor | None, reference: str | None, status: int, detail: str) -> None:
    facility_id = None if actor is None else _find_facility_id(scope["state"]["node"], actor, reference)
    if facility_id is not None:
        note_request(scope, facility_id, Channel.native, MessageOutcome.refused, status, detail=without_keys(detail))


def _find_facility_id(node: Node, actor: Actor, reference: str | None) -> str | None:
    """Return the facility of the key, else the facility that an officer reports for; None if neither."""
    if actor.scope.facility_id is not None or reference is None:
        return actor.scope.facility_id
    try:
        found = node.board.facility(reference)
    except NotFound:
        return None
    return found.facility_id if actor.scope.covers(node.board.target(found)) else None
