"""What our own door makes of requests, among the messages that a facility's people can look at.

Noted are reports, and every refusal of a request with the key of one facility, whatever its path, method or body; of a
report also where the key is an officer's. Not noted are successful reads, which would push the reports out of a list of
200, and 429 and 503: nothing is wrong with such a request, and a client that tries again would fill the list with it.
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
from app.message_notes import SHED, is_noted, note_request
from app.runtime.node import Node

REPORT_PATH = re.compile(r"/v1/facilities/([^/]+)/reports")

_NOBODY_KNOWN = 401


def note_receipt(scope: Scope, receipt: Receipt) -> None:
    """Note a report that is stored."""
    odd = "; ".join(f"{warning.code}: {warning.detail}" for warning in receipt.warnings)
    outcome = MessageOutcome.flagged if odd else MessageOutcome.accepted
    status = 200 if receipt.repeated else 201
    note_request(scope, receipt.facility_id, Channel.native, outcome, status, told=odd, seq=receipt.seq)


def note_refused_report(scope: Scope, reference: str | None, status: int, told: str) -> None:
    """Note one report of several that is refused; `reference` is the facility that it names, if it names one."""
    if status not in SHED:
        _note(scope, scope["state"].get("actor"), reference, status, told)


async def note_refusal(scope: Scope, status: int, told: str) -> None:
    """Note a request that is refused, before its sender is told; nothing where it is nobody's.

    A key that was made a moment ago by another process may be used first where no route asks for it. It is looked up
    here, in a request that was counted for its address.
    """
    if status in SHED or is_noted(scope):
        return
    actor: Actor | None = scope["state"].get("actor")
    if actor is None and status != _NOBODY_KNOWN:
        actor = await look_up_caller(scope)
    report = REPORT_PATH.fullmatch(scope["path"]) if scope["method"] == "POST" else None
    _note(scope, actor, report[1] if report else None, status, told)


def note_unread(scope: Scope, status: int, told: str) -> None:
    """Note what is not HTTP and has a key that this node knows."""
    _note(scope, shown_actor(scope), None, status, told)


def _note(scope: Scope, actor: Actor | None, reference: str | None, status: int, told: str) -> None:
    facility_id = None if actor is None else _concerned(scope["state"]["node"], actor, reference)
    if facility_id is not None:
        note_request(scope, facility_id, Channel.native, MessageOutcome.refused, status, told=without_keys(told))


def _concerned(node: Node, actor: Actor, reference: str | None) -> str | None:
    """Whose message it is: that of the key's facility, else of the facility that an officer reports for."""
    if actor.scope.facility_id is not None or reference is None:
        return actor.scope.facility_id
    try:
        found = node.board.facility(reference)
    except NotFound:
        return None
    return found.facility_id if actor.scope.covers(node.board.target(found)) else None
