"""Report beds of one facility, and page back through its reports. `bulk_reports` accepts many at once."""

from typing import Annotated

from fastapi import Body, Query, Request, Response

from app.actions.report_history import reports_of
from app.actions.submit_reports import submit_report
from app.api.http import cursors
from app.api.http.documented_errors import REPORT_REFUSALS, refusals
from app.api.http.idempotency import IdempotencyKey, chosen_report_id, key_of
from app.api.http.parameters import FacilityRef
from app.api.http.request_messages import note_receipt
from app.api.http.strict_json import (
    strict_router,
)
from app.api.schemas.fields import POSITION_MAX, Cursor, Limit, Wire
from app.api.schemas.receipt import ReceiptOut, RecordedReportOut, ReportsOut
from app.api.schemas.report import REPORT_EXAMPLE, ReportIn
from app.dependencies import KnownCaller, NodeDep
from app.domain.errors import (
    FacilityClosed,
    Malformed,
    NotFound,
    NotPermitted,
    ReportConflict,
    Unavailable,
)
from app.limits.request_bodies import count_lines

router = strict_router("reports")

_COMPLETE_REPORT = {
    "observed_at": "2026-11-23T10:00:00+07:00",
    "complete": True,
    "lines": [
        {"bed_type": "ward_1", "beds_total": 40, "beds_occupied": 31},
        {"bed_type": "icu_ventilator", "beds_total": 12, "beds_occupied": 9, "queue": 2},
    ],
}
_CLOSING = {
    "observed_at": "2026-11-23T10:00:00+07:00",
    "lines": [{"bed_type": "icu_ventilator", "ward_code": "ICU-1", "closed": True}],
}


@router.post(
    "/facilities/{facility_id}/reports",
    status_code=201,
    summary="Report beds of one facility",
    response_description="A receipt: the report is stored on disk.",
    responses={
        200: {"model": ReceiptOut, "description": "The same report was stored before: its first receipt again."},
        **refusals(*REPORT_REFUSALS, NotPermitted, NotFound, FacilityClosed, ReportConflict),
    },
)
async def report_beds(
    *,
    facility_id: FacilityRef,
    body: Annotated[
        ReportIn,
        Body(
            openapi_examples={
                "one line": {"summary": "One ward changed", "value": REPORT_EXAMPLE},
                "all lines": {"summary": "All lines of the facility (complete)", "value": _COMPLETE_REPORT},
                "closing": {"summary": "A ward is closed", "value": _CLOSING},
            }
        ),
    ],
    request: Request,
    node: NodeDep,
    caller: KnownCaller,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> ReceiptOut:
    """Report how many beds there are and how many are in use (*laporan ketersediaan tempat tidur*).

    The receipt is sent once the report is on disk; from then on every total includes it. A report covers the lines it
    names and leaves the others unchanged, unless it is `complete`. A line is always stated in full: a count that it
    omits is unknown from then on, even if an earlier report stated it (warning `count_dropped`). Send a retry with the
    same id and the same content: it returns the first receipt and counts once. Unusual but possible figures (more
    patients than beds) are accepted with `warnings`; impossible ones are refused, and `errors` names every fault. An RW
    hall reports bed types of group `isolation` only.
    """
    report_id = chosen_report_id(body.report_id, key_of(idempotency_key))
    count_lines(request, len(body.lines))
    receipt = await submit_report(node, body.to_domain(facility_id, report_id=report_id), by=caller)
    note_receipt(request.scope, receipt)
    response.status_code = 200 if receipt.repeated else 201
    return ReceiptOut.from_receipt(receipt)


class ReportsQuery(Wire):
    """The page to read."""

    cursor: Cursor | None = None
    limit: Limit = 100


@router.get(
    "/facilities/{facility_id}/reports",
    summary="Reports of a facility",
    response_description="A page of reports, newest in the ledger first.",
    responses=refusals(Malformed, NotPermitted, NotFound, Unavailable),
)
async def list_reports(
    facility_id: FacilityRef, query: Annotated[ReportsQuery, Query()], node: NodeDep, caller: KnownCaller
) -> ReportsOut:
    """List all reports of a facility (*riwayat laporan*): by whom, by which channel, and with which outcome.

    A report that was voided or corrected names the entry that did it (`withdrawn_by`), and that entry the reason.

    For the facility itself and the officers of its area.
    """
    before = _decode_cursor(query.cursor)
    found_id, rows, withdrawn = await reports_of(node, facility_id, before=before, limit=query.limit, by=caller)
    return ReportsOut(
        facility_id=found_id,
        reports=[RecordedReportOut.from_entry(row, withdrawn.get(row.seq)) for row in rows],
        next_cursor=cursors.encode(rows[-1].seq) if len(rows) == query.limit else None,
    )


def _decode_cursor(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    (before,) = cursors.decode(cursor, int)
    if not isinstance(before, int) or not 0 <= before <= POSITION_MAX:
        raise Malformed("The cursor does not belong to this list; start again with the first page.")
    return before
