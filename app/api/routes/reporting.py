"""Facilities of an area that are not fresh: the list of calls."""

from datetime import datetime
from typing import Annotated

from fastapi import Query, Request, Response

from app.actions.resolve import area_for
from app.api.exports.tables import Row, table_response
from app.api.http.documented_errors import OPTIONAL_KEY, refusals
from app.api.http.formats import Format, FormatName, choose, table_contents
from app.api.http.parameters import AreaCode
from app.api.http.read_position import HEADERS, wait_for
from app.api.http.strict_json import strict_router
from app.api.schemas.area import AreaBrief
from app.api.schemas.capacity import ReportingOut
from app.api.schemas.contact import contact
from app.api.schemas.reporting import OverdueFacilitiesOut, OverdueFacilitiesQuery, OverdueOut, facility_ref
from app.board.overdue import OverdueRow
from app.dependencies import NodeDep, Now, Reader
from app.domain.capacity import Filters
from app.domain.errors import Malformed, NotAcceptable, NotFound, TooLarge, Unavailable
from app.domain.permissions import Verb
from app.limits.time_slices import TimeSlices, at_most
from app.runtime.node import Node

ROWS_MAX = 100_000

router = strict_router("facilities")


class OverdueTableQuery(OverdueFacilitiesQuery):
    """Filters, order, page and format."""

    format: FormatName | None = None


@router.get(
    "/areas/{code}/reporting",
    summary="Facilities that are not fresh",
    response_model=OverdueFacilitiesOut,
    response_description="A page of facilities, those with most beds at stake first.",
    responses={
        200: {"content": table_contents("facility")},
        **refusals(Malformed, NotFound, NotAcceptable, TooLarge, Unavailable),
    },
    openapi_extra=OPTIONAL_KEY,
)
async def list_overdue_facilities(
    *,
    code: AreaCode,
    query: Annotated[OverdueTableQuery, Query()],
    request: Request,
    node: NodeDep,
    now: Now,
    reader: Reader,
) -> Response:
    """List the open facilities that are late, silent, lapsed or never reported (*perlu ditelepon*), to call them.

    `beds_at_stake` says how many beds are uncertain until somebody answers. CSV, XLSX, GeoJSON and NDJSON contain all
    rows, up to 100,000; `cursor` and `limit` apply to JSON.
    """
    wanted = choose(query.format, request.headers.get("accept"))
    await wait_for(node, query.min_position)
    area_for(node, code, reader, Verb.read)
    slices: TimeSlices = request.state["slices"]
    if wanted is Format.json:
        document = await _read_page(node, slices, code, query, now)
        return Response(document.model_dump_json(), media_type="application/json", headers=HEADERS)
    there = node.board.count_facilities(code, frozenset(query.kind))
    if there > ROWS_MAX:
        raise TooLarge(f"There are {there} facilities; a file holds {ROWS_MAX}. Request a smaller area.")
    pages = slices.run(node.board.overdue(code, now, query.wanted(from_start=True)), _row)
    return await table_response(request, wanted, f"reporting-{code}", COLUMNS, pages, headers=HEADERS)


async def _read_page(
    node: Node, slices: TimeSlices, code: str, query: OverdueFacilitiesQuery, now: datetime
) -> OverdueFacilitiesOut:
    """Read one page. `position` and the counts are taken before the first row: no row is older."""
    capacity = node.board.roll_up(code, now, Filters(kind=frozenset(query.kind)))
    found = at_most(node.board.overdue(code, now, query.wanted()), query.limit + 1)
    rows = [row async for part in slices.run(found, lambda row: row) for row in part]
    has_more = len(rows) > query.limit
    return OverdueFacilitiesOut(
        position=capacity.position,
        as_of=capacity.as_of,
        area=AreaBrief.of(capacity.area),
        reporting=ReportingOut.model_validate(capacity.reporting, from_attributes=True),
        facilities=[OverdueOut.of(row) for row in rows[: query.limit]],
        next_cursor=query.cursor_after(rows[query.limit - 1]) if has_more else None,
    )


COLUMNS = (
    *("facility_id", "name", "kind", "area_code", "lat", "lon", "freshness", "observed_at", "since", "beds_at_stake"),
    *("contact_name", "phones"),
)


def _row(row: OverdueRow) -> Row:
    facility, desk = row.facility, contact(row.facility)
    return {
        **facility_ref(facility),
        "kind": facility.kind.value,
        "lat": facility.lat,
        "lon": facility.lon,
        "freshness": row.overdue.freshness.value,
        "observed_at": row.observed_at,
        "since": row.overdue.since,
        "beds_at_stake": row.overdue.beds_at_stake,
        "contact_name": desk and desk.name,
        "phones": "; ".join(desk.phones) if desk else None,
    }
