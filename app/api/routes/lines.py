"""Lines of a facility that need an officer."""

from typing import Annotated

from fastapi import Body
from pydantic import Field

from app.actions.confirm_lines import ImplausibleLines, NothingImplausible, confirm_lines
from app.api.http.documented_errors import refusals
from app.api.http.parameters import FacilityRef
from app.api.http.strict_json import strict_router
from app.api.schemas.fields import BedTypeCode, Note, Text, Wire
from app.api.schemas.receipt import ReceiptOut
from app.dependencies import KnownCaller, NodeDep
from app.domain.channels import Channel
from app.domain.errors import Malformed, NotFound, NotPermitted, Unavailable
from app.domain.reports.report import WARD_CODE_LENGTH_MAX

router = strict_router("reports")


class ConfirmationIn(Wire):
    """Which implausible figures to confirm: of all lines, or of those that match."""

    channel: Channel | None = Field(default=None, description="Default: the first channel that has some.")
    bed_type: BedTypeCode | None = None
    ward_code: Annotated[Text, Field(max_length=WARD_CODE_LENGTH_MAX)] | None = None
    seq: int | None = Field(default=None, ge=1, description="Only figures of this ledger entry, as you have seen them.")
    reason: Note = Field(default="", description="Reason (*alasan*), stored in the ledger.")


@router.post(
    "/facilities/{facility_id}/lines/confirm",
    status_code=201,
    summary="Confirm implausible figures",
    response_description="A receipt: the figures count from now on.",
    responses=refusals(Malformed, NotPermitted, NotFound, NothingImplausible, Unavailable),
)
async def confirm_implausible(
    facility_id: FacilityRef,
    node: NodeDep,
    caller: KnownCaller,
    body: Annotated[ConfirmationIn, Body(openapi_examples={"one line": {"value": {"bed_type": "icu"}}})],
) -> ReceiptOut:
    """Confirm figures that looked like a typing error (*konfirmasi angka*): they count, as of when they were observed.

    For officers of the area; `GET /v1/areas/{code}/facilities?flagged=true` lists what waits. To raise the limits of a
    line for good, set its `line_bounds`.
    """
    wanted = ImplausibleLines(body.bed_type, body.ward_code, body.seq)
    return ReceiptOut.from_receipt(
        await confirm_lines(node, facility_id, body.channel, wanted, reason=body.reason, by=caller)
    )
