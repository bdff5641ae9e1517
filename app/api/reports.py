"""Reporting in: one report, many at once; and paging back through what was said."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Annotated, Any, TypeVar
from uuid import uuid4

from fastapi import Body, Path, Query, Request, Response
from pydantic import TypeAdapter, ValidationError
from starlette.types import Scope

from app.actions.ask_history import reports_of
from app.actions.node import Node
from app.actions.submit_reports import submit_reports
from app.api import cursors
from app.api.faults import pydantic_faults
from app.api.idempotency import IdempotencyKey, key_of
from app.api.noted import note_receipt, note_refused_report
from app.api.plain_report import read_plain
from app.api.problems import UnsupportedMediaType, problem, request_id_of, why
from app.api.refusals import refusals
from app.api.schemas.fields import POSITION_MAX, Cursor, Limit, Wire
from app.api.schemas.receipt import BulkOut, BulkReceiptOut, ReceiptOut, RecordedReportOut, ReportsOut
from app.api.schemas.report import REPORT_EXAMPLE, BulkReportIn, ReportIn
from app.api.strict_json import (
    BULK_BYTES_MAX,
    JSON,
    NDJSON,
    check_content_type,
    read_json,
    read_json_aside,
    strict_router,
)
from app.bodies import IncompleteBody, count_as, count_lines, read_body
from app.dependencies import KnownCaller, NodeDep
from app.domain.actor import Actor
from app.domain.errors import (
    FacilityClosed,
    Fault,
    InvalidInput,
    InvalidReportId,
    Malformed,
    NotFound,
    NotPermitted,
    Refusal,
    ReportConflict,
    TooLarge,
    Unavailable,
)
from app.domain.report import Receipt, Report
from app.time_slices import TimeSlices

REPORTS_MAX = 1_000
# After so long of judging shapes, others get their turn.
TURN_SECONDS = 0.003

Thing = TypeVar("Thing")
Made = TypeVar("Made")

_RECEIPT = TypeAdapter(Receipt)
_NOT_TOLD = {"warnings": {"__all__": {"values"}}}  # `detail` has them


async def answer_plain(request: Request, facility_id: str, actor: Actor | None, body: bytes) -> Response | None:
    """The receipt of a report that is plain (`app.api.plain_report`); None for all that the route has to answer.

    Raises: Refusal, as the route would.
    """
    headers, node = request.headers, request.state["node"]
    if actor is None or "content-encoding" in headers:
        return None
    key = headers.get("idempotency-key")
    report = read_plain(body, facility_id, report_id=lambda said: _report_id(said, key_of(key)))
    if report is None:
        return None
    try:
        receipt = await _receipt(request, node, report, actor)
    except (InvalidInput, InvalidReportId):
        return None  # the route names every fault
    note_receipt(request.scope, receipt)
    return Response(
        _RECEIPT.dump_json(receipt, exclude=_NOT_TOLD),
        status_code=200 if receipt.repeated else 201,
        media_type="application/json",
    )


async def _receipt(request: Request, node: Node, report: Report, by: Actor) -> Receipt:
    count_lines(request, len(report.lines))
    [answer] = await submit_reports(node, [report], by=by)
    if isinstance(answer, Refusal):
        raise answer
    return answer


router = strict_router("reports")

FacilityRef = Annotated[
    str,
    Path(
        description="Id of the facility (*fasyankes*), also by its code in another system: `sirs:3374010`.",
        examples=["rs-3374010"],
    ),
]
_BODY_REFUSALS = (Malformed, InvalidReportId, TooLarge, UnsupportedMediaType, Unavailable)
_WHOLE_HOUSE = {
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
    response_description="A receipt: the report is on disk.",
    responses={
        200: {"model": ReceiptOut, "description": "The same report was here before: its first receipt again."},
        **refusals(*_BODY_REFUSALS, NotPermitted, NotFound, FacilityClosed, ReportConflict),
    },
)
async def report_beds(
    *,
    facility_id: FacilityRef,
    body: Annotated[
        ReportIn,
        Body(
            openapi_examples={
                "one line": {"summary": "One ward has changed", "value": REPORT_EXAMPLE},
                "all lines": {"summary": "The whole house (complete)", "value": _WHOLE_HOUSE},
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
    """Say how many beds there are and how many are in use (*laporan ketersediaan tempat tidur*).

    The receipt comes when the report is on disk; from then on every sum has it. A report speaks for the lines it
    names and leaves the others as they are, unless it is `complete`. Send a retry with the same id and the same
    content: it is answered with the first receipt and counts once. What is odd but possible (more patients than
    beds) is accepted with `warnings`; what cannot be true is refused, and `errors` names every fault.
    """
    report_id = _report_id(body.report_id, key_of(idempotency_key))
    receipt = await _receipt(request, node, body.to_domain(facility_id, report_id=report_id), caller)
    note_receipt(request.scope, receipt)
    response.status_code = 200 if receipt.repeated else 201
    return ReceiptOut.of(receipt)


_BULK_ITEM = {"$ref": "#/components/schemas/BulkReportIn"}
_BULK_EXAMPLE = [{"facility_id": "rs-3374010", **REPORT_EXAMPLE}]


@router.post(
    "/reports",
    summary="Report beds of many facilities",
    response_description="One receipt or one problem for each report, in the same order.",
    responses=refusals(*_BODY_REFUSALS, IncompleteBody),
    response_model=BulkOut,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                JSON: {
                    "schema": {"type": "array", "items": _BULK_ITEM, "maxItems": REPORTS_MAX},
                    "example": _BULK_EXAMPLE,
                },
                NDJSON: {"schema": {"type": "string"}},
            },
        }
    },
)
async def report_beds_of_many(
    request: Request, node: NodeDep, caller: KnownCaller, idempotency_key: IdempotencyKey = None
) -> Response:
    """Many reports in one request: a JSON array, or one JSON object a line (NDJSON). At most 1,000, 2 MiB.

    Each is judged alone: a faulty one is refused in its place, with pointers into itself, and the others are
    accepted. Each counts as a request, so after a large bulk the key has to wait. With an `Idempotency-Key`, reports
    that have no `report_id` get one from it and their place.
    """
    media_type = check_content_type(request, JSON, NDJSON)
    body = await read_body(request, bytes_max=BULK_BYTES_MAX)
    documents = _lines(body) if media_type == NDJSON else await _array(body)
    if len(documents) > REPORTS_MAX:
        raise TooLarge(f"There are {len(documents)} reports; at most {REPORTS_MAX} are taken at once.")
    count_as(request, len(documents) - 1)
    key = key_of(idempotency_key)
    slices: TimeSlices = request.state["slices"]
    placed = enumerate(documents)
    read = await _in_slices(slices, placed, lambda each: _read(each[1], key and f"{key}:{each[0]}"))
    reports = [said for _, said in read if isinstance(said, Report)]
    count_lines(request, *(len(report.lines) for report in reports))
    answers = iter(await submit_reports(node, reports, by=caller) if reports else [])
    named = [(reference, next(answers) if isinstance(said, Report) else said) for reference, said in read]
    written = await _in_slices(slices, named, lambda each: _written(request.scope, *each))
    results = [answer for _, answer in named]
    return Response(_bulk_document(results, written), media_type=JSON)


async def _in_slices(slices: TimeSlices, things: Iterable[Thing], make: Callable[[Thing], Made]) -> list[Made]:
    """Each of them made, in slices between which other requests go on, however many bulks are read at once."""
    return [made async for part in slices.run(_sliced(things), make) for made in part]


def _sliced(things: Iterable[Thing]) -> Iterator[Thing | None]:
    ends = time.monotonic() + TURN_SECONDS
    for thing in things:
        yield thing
        if time.monotonic() > ends:
            yield None
            ends = time.monotonic() + TURN_SECONDS


def _lines(body: bytes) -> list[Any]:
    return [line for line in body.split(b"\n") if line.strip()]


async def _array(body: bytes) -> list[Any]:
    documents = await read_json_aside(body)
    if not isinstance(documents, list):
        raise InvalidInput(Fault("#", "must be a list of reports"))
    return documents


def _read(document: Any, report_id: str | None) -> tuple[str | None, Report | Refusal]:
    """One of many, as JSON text or read already, after the facility that it names, where it names one."""
    reference = None
    try:
        value = read_json(document) if isinstance(document, bytes) else document
        if isinstance(value, dict) and isinstance(value.get("facility_id"), str):
            reference = value["facility_id"]
        body = BulkReportIn.model_validate(value)
        return reference, body.to_domain(body.facility_id, report_id=_report_id(body.report_id, None, report_id))
    except ValidationError as refused:
        return reference, InvalidInput(*pydantic_faults(refused.errors(include_url=False)))
    except Refusal as refusal:
        return reference, refusal


def _written(scope: Scope, reference: str | None, answer: Receipt | Refusal) -> str:
    """One result as JSON; noted."""
    if isinstance(answer, Refusal):
        told = problem(answer, request_id_of(scope))
        note_refused_report(scope, reference, told.status, why(told))
        return told.model_dump_json()
    note_receipt(scope, answer)
    status = 200 if answer.repeated else 201
    return BulkReceiptOut(**ReceiptOut.of(answer).model_dump(), status=status).model_dump_json()


def _bulk_document(answers: Sequence[Receipt | Refusal], written: Sequence[str]) -> str:
    """A `BulkOut` of results that are written already: the framework would look at all of them in one go."""
    receipts = [answer for answer in answers if isinstance(answer, Receipt)]
    counts = BulkOut(
        accepted=len(receipts),
        late=sum(receipt.outcome == "late" for receipt in receipts),
        repeated=sum(receipt.repeated for receipt in receipts),
        refused=len(answers) - len(receipts),
        results=[],
    ).model_dump_json()
    return counts.replace('"results":[]', f'"results":[{",".join(written)}]')


def _report_id(said: str | None, key: str | None, fallback: str | None = None) -> str:
    if said is not None and key is not None and said != key:
        raise InvalidReportId("Idempotency-Key and report_id differ; send one of them, or the same twice.")
    return said or key or fallback or str(uuid4())


class ReportsQuery(Wire):
    """Which page."""

    cursor: Cursor | None = None
    limit: Limit = 100


@router.get(
    "/facilities/{facility_id}/reports",
    summary="What a facility reported",
    response_description="A page of reports, newest in the ledger first.",
    responses=refusals(Malformed, NotPermitted, NotFound, Unavailable),
)
async def list_reports(
    facility_id: FacilityRef, query: Annotated[ReportsQuery, Query()], node: NodeDep, caller: KnownCaller
) -> ReportsOut:
    """All that was ever said of a facility (*riwayat laporan*): by whom, through which door, and what became of it.

    For the facility itself and the officers of its area.
    """
    before = _before(query.cursor)
    found_id, rows = await reports_of(node, facility_id, before=before, limit=query.limit, by=caller)
    return ReportsOut(
        facility_id=found_id,
        reports=[RecordedReportOut.of(row) for row in rows],
        next_cursor=cursors.encode(rows[-1].seq) if len(rows) == query.limit else None,
    )


def _before(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    (before,) = cursors.decode(cursor, int)
    if not isinstance(before, int) or not 0 <= before <= POSITION_MAX:
        raise Malformed("The cursor is not one of this list; begin again with the first page.")
    return before
