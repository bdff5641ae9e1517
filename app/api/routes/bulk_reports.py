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
    without_bom,
)
from app.api.http.validation_errors import pydantic_faults
from app.api.schemas.receipt import BulkOut, BulkReceiptOut, ReceiptOut
from app.api.schemas.report import REPORT_EXAMPLE, BulkReportIn
from app.dependencies import KnownCaller, NodeDep
from app.domain.errors import Fault, InvalidInput, Refusal, TooLarge
from app.domain.reports.report import Receipt, Report
from app.limits.request_bodies import IncompleteBody, count_as, count_lines, read_body
from app.limits.time_slices import TimeSlices

REPORTS_MAX = 1_000
# After validating for this long, other requests run.
TURN_SECONDS = 0.003

Item = TypeVar("Item")
Result = TypeVar("Result")

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
    """Send many reports in one request: a JSON array, or one JSON object per line (NDJSON). At most 1,000, 2 MiB.

    A line is always stated in full: a count that it omits is unknown from then on (warning `count_dropped`).
    Each report is checked on its own: an invalid one gets a problem in its position, with pointers into that report,
    and the others are accepted. Each counts as a request, so after a large bulk the key has to wait. With an
    `Idempotency-Key`, reports without a `report_id` get one derived from it and their position.
    """
    media_type = check_content_type(request, JSON, NDJSON)
    body = await read_body(request, bytes_max=BULK_BYTES_MAX)
    documents = _split_lines(body) if media_type == NDJSON else await _parse_array(body)
    if len(documents) > REPORTS_MAX:
        raise TooLarge(f"There are {len(documents)} reports; at most {REPORTS_MAX} are accepted at once.")
    count_as(request, len(documents) - 1)
    key = key_of(idempotency_key)
    slices: TimeSlices = request.state["slices"]
    placed = enumerate(documents)
    read = await _map_in_slices(slices, placed, lambda pair: _parse_report(pair[1], key and f"{key}:{pair[0]}"))
    reports = [parsed for _, parsed in read if isinstance(parsed, Report)]
    count_lines(request, *(len(report.lines) for report in reports))
    answers = iter(await submit_reports(node, reports, by=caller) if reports else [])
    named = [(reference, next(answers) if isinstance(parsed, Report) else parsed) for reference, parsed in read]
    written = await _map_in_slices(slices, named, lambda pair: _encode(request.scope, *pair))
    results = [answer for _, answer in named]
    return Response(_assemble_document(results, written), media_type=JSON)


async def _map_in_slices(slices: TimeSlices, items: Iterable[Item], make: Callable[[Item], Result]) -> list[Result]:
    """Apply `make` to each item, in slices between which other requests run, even if many bulks are read at once."""
    return [made async for part in slices.run(_mark_slices(items), make) for made in part]


def _mark_slices(items: Iterable[Item]) -> Iterator[Item | None]:
    ends = time.monotonic() + TURN_SECONDS
    for item in items:
        yield item
        if time.monotonic() > ends:
            yield None
            ends = time.monotonic() + TURN_SECONDS


def _split_lines(body: bytes) -> list[Any]:
    return [line for line in without_bom(body).split(b"\n") if line.strip()]


async def _parse_array(body: bytes) -> list[Any]:
    documents = await read_json_aside(body)
    if not isinstance(documents, list):
        raise InvalidInput(Fault("#", "must be a list of reports"))
    return documents


def _parse_report(document: Any, report_id: str | None) -> tuple[str | None, Report | Refusal]:
    """Parse one report, JSON text or parsed already; return the facility that it names, if any, and the report."""
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


def _encode(scope: Scope, reference: str | None, answer: Receipt | Refusal) -> str:
    """Encode one result as JSON and record it in the message log."""
    if isinstance(answer, Refusal):
        document = problem(answer, request_id_of(scope))
        note_refused_report(scope, reference, document.status, why(document))
        return document.model_dump_json()
    note_receipt(scope, answer)
    status = 200 if answer.repeated else 201
    return BulkReceiptOut(**ReceiptOut.from_receipt(answer).model_dump(), status=status).model_dump_json()


def _assemble_document(answers: Sequence[Receipt | Refusal], written: Sequence[str]) -> str:
    """Assemble a `BulkOut` from encoded results: the framework would validate all of them at once."""
    receipts = [answer for answer in answers if isinstance(answer, Receipt)]
    counts = BulkOut(
        accepted=len(receipts),
        late=sum(receipt.outcome == "late" for receipt in receipts),
        repeated=sum(receipt.repeated for receipt in receipts),
        refused=len(answers) - len(receipts),
        results=[],
    ).model_dump_json()
    return counts.replace('"results":[]', f'"results":[{",".join(written)}]')
