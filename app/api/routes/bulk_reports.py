"""Report beds of many facilities in one request."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from fastapi import Request, Response
from pydantic import ValidationError
from starlette.types import Scope

from app.actions.submit_reports import submit_reports
from app.api.http.documented_errors import REPORT_REFUSALS, refusals
from app.api.http.idempotency import IdempotencyKey, chosen_report_id, key_of
from app.api.http.problems import problem, request_id_of, why
from app.api.http.request_messages import note_receipt, note_refused_report
from app.api.http.strict_json import (
    BULK_BYTES_MAX,
    JSON,
    NDJSON,
    check_content_type,
    read_json,
    read_json_aside,
    strict_router,
)
from app.api.http.validation_errors import pydantic_faults
from app.api.schemas.receipt import BulkOut, BulkReceiptOut, ReceiptOut
from app.api.schemas.report import REPORT_EXAMPLE, BulkReportIn
from app.bodies import IncompleteBody, count_as, count_lines, read_body
from app.dependencies import KnownCaller, NodeDep
from app.domain.errors import Fault, InvalidInput, Refusal, TooLarge
from app.domain.reports.report import Receipt, Report
from app.time_slices import TimeSlices

REPORTS_MAX = 1_000
# After so long of judging shapes, others get their turn.
TURN_SECONDS = 0.003

Thing = TypeVar("Thing")
Made = TypeVar("Made")

router = strict_router("reports")

_BULK_ITEM = {"$ref": "#/components/schemas/BulkReportIn"}
_BULK_EXAMPLE = [{"facility_id": "rs-3374010", **REPORT_EXAMPLE}]


@router.post(
    "/reports",
    summary="Report beds of many facilities",
    response_description="One receipt or one problem for each report, in the same order.",
    responses=refusals(*REPORT_REFUSALS, IncompleteBody),
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
        return reference, body.to_domain(body.facility_id, report_id=chosen_report_id(body.report_id, None, report_id))
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
