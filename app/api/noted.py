"""Reports by our own door among the messages that a facility's people can look at."""

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError

from app.actions.node import Node
from app.api.faults import pydantic_faults
from app.api.problems import problem
from app.api.strict_json import Handler, StrictRoute
from app.domain.actor import Actor
from app.domain.channels import Channel
from app.domain.errors import InvalidInput, NotFound, Refusal
from app.domain.message import DETAIL_LENGTH_MAX, REQUEST_LENGTH_MAX, Message, MessageOutcome
from app.domain.printable import cleaned
from app.domain.report import Receipt


class NotedRoute(StrictRoute):
    """Routes for reports: those of one facility that are refused are noted too."""

    def get_route_handler(self) -> Handler:
        """The strict handler, and a note of what it refuses."""
        handle = super().get_route_handler()

        async def noted(request: Request) -> Response:
            try:
                return await handle(request)
            except (Refusal, RequestValidationError) as refused:
                if request.method == "POST" and "facility_id" in request.path_params:
                    note(request, request.path_params["facility_id"], _as_refusal(refused))
                raise

        return noted


def note(request: Request, facility: str, answer: Receipt | Refusal) -> None:
    """Note what became of a report; nothing where there is no such facility, or it is not this sender's."""
    node: Node = request.state["node"]
    by: Actor | None = request.scope["state"].get("actor")
    if isinstance(answer, Receipt):
        facility_id, seq, status = answer.facility_id, answer.seq, 200 if answer.repeated else 201
        detail = "; ".join(f"{warning.code}: {warning.detail}" for warning in answer.warnings)
        outcome = MessageOutcome.flagged if detail else MessageOutcome.accepted
    else:
        try:
            found = node.board.facility(facility)
        except NotFound:
            return
        if by is None or not by.scope.covers(node.board.target(found)):
            return
        facility_id, seq, status = found.facility_id, None, problem(answer, "").status
        detail, outcome = _why(answer), MessageOutcome.refused
    node.messages.note(
        Message(
            facility_id=facility_id,
            channel=Channel.native,
            received_at=node.clock(),
            request=cleaned(f"{request.method} {request.scope['path']}")[:REQUEST_LENGTH_MAX],
            outcome=outcome,
            status=status,
            detail=cleaned(detail)[:DETAIL_LENGTH_MAX] or None,
            clock_skew_seconds=None,
            address=request.client.host if request.client else None,
            request_id=request.scope["state"]["request_id"],
            seq=seq,
        )
    )


def _as_refusal(refused: Refusal | RequestValidationError) -> Refusal:
    if isinstance(refused, Refusal):
        return refused
    return InvalidInput(*pydantic_faults(refused.errors(), refused.body))


def _why(refusal: Refusal) -> str:
    if isinstance(refusal, InvalidInput):
        return "; ".join(f"{fault.pointer}: {fault.detail}" for fault in refusal.faults) or refusal.detail
    return refusal.detail
