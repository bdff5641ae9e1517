"""`POST /toy/rooms`: {"room", "beds", "used"}, with the hospital's code and password in headers."""

from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.types import Scope

from app.domain.beds.counts import BedCount
from app.domain.channels import Channel
from app.domain.reports.report import ReportLine
from app.domain.reports.rows import Written
from app.protocols.authentication import by_password, recognise_by_password
from app.protocols.field_values import FieldReader
from app.protocols.messages import fields, record_receipt
from app.protocols.protocol import ForeignProtocol, answer
from app.protocols.route import ProtocolRoute
from app.protocols.write_rows import write_rows


def envelope(_scope: Scope, status: int, message: str) -> dict[str, Any]:
    """A refusal."""
    return {"ok": False, "code": status, "why": message}


PROTOCOL = ForeignProtocol(
    channel=Channel.fhir,
    prefix="/toy",
    base="/toy",
    words=frozenset({"rooms"}),
    unauthenticated="X-rs-id atau X-pass tidak sah",
    envelope=envelope,
    recognise=recognise_by_password(Channel.fhir),
    login_header="x-rs-id",
)
TAG = {"name": "Toy", "description": "A protocol of the tests."}


class ToyRoute(ProtocolRoute):
    """A route that replies in this envelope."""

    protocol = PROTOCOL


router = APIRouter(prefix=PROTOCOL.base, tags=[TAG["name"]], route_class=ToyRoute)


@router.post("/rooms", summary="Report a room (Toy)")
async def write_toy_room(request: Request) -> Response:
    """Report the beds of one room."""
    facility, actor = await by_password(request, Channel.fhir)
    reader = FieldReader(await fields(request, PROTOCOL))
    beds, used = reader.required("beds"), reader.required("used")
    reader.check()
    line = ReportLine("ward_1", reader.text("room"), None, BedCount(beds, used).completed())
    node = request.state["node"]
    _, receipt = await write_rows(
        node, facility.facility_id, Channel.fhir, lambda _state, _now: Written(line.ward_code, (line,)), by=actor
    )
    return answer({"ok": True, "warnings": record_receipt(request, receipt)})
