"""Void or correct a report. Nothing is erased: both are new entries of the ledger."""

from typing import Annotated, Any

from fastapi import Body, Path, Request, Response

from app.actions.withdraw_reports import Correction, Withdrawing, withdraw_report
from app.api.http.documented_errors import REPORT_REFUSALS, refusals
from app.api.http.idempotency import IdempotencyKey, chosen_report_id, key_of
from app.api.http.parameters import FacilityRef
from app.api.http.request_messages import note_receipt
from app.api.http.strict_json import strict_router
from app.api.schemas.fields import POSITION_MAX
from app.api.schemas.receipt import ReceiptOut
from app.api.schemas.withdrawal import CorrectionIn, VoidIn
from app.dependencies import KnownCaller, NodeDep
from app.domain.errors import Conflict, FacilityClosed, NotFound, NotPermitted, ReportConflict
from app.domain.reports.report import Receipt
from app.limits.request_bodies import count_lines

router = strict_router("reports")

Seq = Annotated[
    int, Path(ge=1, le=POSITION_MAX, description="`seq` of the report, as in its receipt.", examples=[1842])
]
_REPEATED: dict[int | str, dict[str, Any]] = {
    200: {"model": ReceiptOut, "description": "The same request was stored before: its first receipt again."}
}


@router.post(
    "/facilities/{facility_id}/reports/{seq}/void",
    status_code=201,
    summary="Void a report",
    response_description="A receipt: the void is stored on disk.",
    responses=_REPEATED | refusals(*REPORT_REFUSALS, NotPermitted, NotFound, Conflict, ReportConflict),
)
async def void_report(
    *,
    facility_id: FacilityRef,
    seq: Seq,
    body: Annotated[VoidIn, Body()],
    request: Request,
    node: NodeDep,
    caller: KnownCaller,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> ReceiptOut:
    """Withdraw a report that should not count (*batalkan laporan*): the figures before it count again.

    The report stays in the history, marked with the void and its reason. A facility can do this for 24 hours with what
    it sent itself, an area key for 31 days, a national key at any time. Works for reports of every channel, and for a
    closed facility.
    """
    asked = Withdrawing(seq, body.reason, chosen_report_id(None, key_of(idempotency_key)))
    receipt = await withdraw_report(node, facility_id, asked, by=caller)
    return _answer(request, response, receipt)


@router.post(
    "/facilities/{facility_id}/reports/{seq}/correct",
    status_code=201,
    summary="Correct a report",
    response_description="A receipt: the correction is stored on disk.",
    responses=_REPEATED | refusals(*REPORT_REFUSALS, NotPermitted, NotFound, Conflict, FacilityClosed, ReportConflict),
)
async def correct_report(
    *,
    facility_id: FacilityRef,
    seq: Seq,
    body: Annotated[CorrectionIn, Body()],
    request: Request,
    node: NodeDep,
    caller: KnownCaller,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> ReceiptOut:
    """Replace a report by what it should have stated (*koreksi laporan*), at the same time unless you send another.

    Send the whole report: lines that you leave out are withdrawn. Newer reports stay current. The same time limits as
    for a void apply. A correction can be corrected again, by its own `seq`. A report of hospital software (SIRS,
    Aplicares, SIRANAP) can only be voided; the software then sends the row again.
    """
    count_lines(request, len(body.report.lines))
    report_id = chosen_report_id(body.report.report_id, key_of(idempotency_key))
    correction: Correction = body.report.to_correction()
    asked = Withdrawing(seq, body.reason, report_id, correction)
    receipt = await withdraw_report(node, facility_id, asked, by=caller)
    return _answer(request, response, receipt)


def _answer(request: Request, response: Response, receipt: Receipt) -> ReceiptOut:
    note_receipt(request.scope, receipt)
    response.status_code = 200 if receipt.repeated else 201
    return ReceiptOut.from_receipt(receipt)
