"""Facilities with their current figures: search below an area, and read one in detail."""

from datetime import datetime
from typing import Annotated

from fastapi import Query, Request, Response

from app.actions.resolve import area_for, facility_for
from app.api.exports.tables import Row, table_response
from app.api.http import cursors
from app.api.http.conditional_requests import document_tag
from app.api.http.documented_errors import OPTIONAL_KEY, refusals
from app.api.http.formats import Format, FormatName, choose, table_contents
from app.api.http.parameters import AreaCode, FacilityRef
from app.api.http.read_position import HEADERS, wait_for
from app.api.http.strict_json import strict_router
from app.api.schemas.area import AreaBrief
from app.api.schemas.capacity import COLUMNS as BLOCK_COLUMNS
from app.api.schemas.capacity import table_fields
from app.api.schemas.figures import FacilitiesOut, FacilitiesQuery, FacilityDetailOut, FacilityRowOut, LinesQuery
from app.board.index import Key
from app.board.names import NameKey
from app.board.search import FacilityRow
from app.dependencies import NodeDep, Now, Reader
from app.domain.errors import Malformed, NotAcceptable, NotFound, TooLarge, Unavailable
from app.domain.permissions import Verb
from app.domain.registry.contact import PHONES_JOINED_BY, Contact
from app.limits.time_slices import TimeSlices, at_most
from app.runtime.node import Node

EXPORT_ROWS_MAX = 100_000

router = strict_router("facilities")


class FacilitiesTableQuery(FacilitiesQuery):
    """Filters, page and format."""

    format: FormatName | None = None


@router.get(
    "/areas/{code}/facilities",
    summary="Facilities below an area",
    response_model=FacilitiesOut,
    response_description="A page of facilities, sorted by id, distance or how well the name matches.",
    responses={
        200: {"content": table_contents("facility")},
        **refusals(Malformed, NotFound, NotAcceptable, TooLarge, Unavailable),
    },
    openapi_extra=OPTIONAL_KEY,
)
async def list_facilities(
    *,
    code: AreaCode,
    query: Annotated[FacilitiesTableQuery, Query()],
    request: Request,
    node: NodeDep,
    now: Now,
    reader: Reader,
) -> Response:
    """List open facilities with their current figures (*daftar fasyankes*): with free beds, nearest, or silent.

    To find one by name: `q=rsud tugu`; the best match comes first.

    For a free bed nearby: `bed_type=icu_ventilator&min_available=1&near=-6.99,110.42`. With `group` or `bed_type` the
    totals cover only those beds, and facilities without any are left out. CSV, XLSX, GeoJSON and NDJSON contain all
    rows, up to 100,000; `cursor` and `limit` apply to JSON.
    """
    wanted = choose(query.format, request.headers.get("accept"))
    await wait_for(node, query.min_position)
    area_for(node, code, reader, Verb.read)
    slices: TimeSlices = request.state["slices"]
    if wanted is Format.json:
        return Response(
            await _encode_page(node, slices, code, query, now), media_type="application/json", headers=HEADERS
        )
    _check_size(node, code, query)
    pages = slices.run(node.board.search(code, now, query.wanted(after=None)), _row)
    return await table_response(request, wanted, f"facilities-{code}", COLUMNS, pages, headers=HEADERS)


async def _encode_page(node: Node, slices: TimeSlices, code: str, query: FacilitiesQuery, now: datetime) -> bytes:
    """Encode one page row by row: a whole page at once would block other requests.

    `position` is taken before the first row: no row is older.
    """
    # One more than the page has, to know whether there is a next page.
    found = at_most(node.board.search(code, now, query.wanted(after=_decode_cursor(query))), query.limit + 1)
    page = FacilitiesOut(
        area=AreaBrief.of(node.board.area(code)),
        position=node.board.position,
        as_of=now,
        facilities=[],
        next_cursor=None,
    )
    rows = [row async for part in slices.run(found, _encode) for row in part]
    if len(rows) > query.limit:
        page.next_cursor = cursors.encode(*rows[query.limit - 1][0])
    texts = b",".join(text for _, text in rows[: query.limit])
    return page.model_dump_json().encode().replace(_NO_ROWS, _NO_ROWS[:-1] + texts + b"]", 1)


# Quotes inside strings are escaped, so this occurs exactly once in the document.
_NO_ROWS = b'"facilities":[]'


def _encode(row: FacilityRow) -> tuple[Key | NameKey, bytes]:
    return row.key, FacilityRowOut.of(row).model_dump_json().encode()


def _decode_cursor(query: FacilitiesQuery) -> Key | NameKey | None:
    if query.cursor is None:
        return None
    if query.is_by_name:
        rank, name, facility_id = cursors.decode(query.cursor, float, str, str)
        return float(rank), str(name), str(facility_id)
    distance, facility_id = cursors.decode(query.cursor, float, str)
    return float(distance), str(facility_id)


def _check_size(node: Node, code: str, query: FacilitiesQuery) -> None:
    """Check the number of rows. Raises: TooLarge, before the first byte of a file that would be incomplete."""
    there = node.board.count_facilities(code, frozenset(query.kind))
    if there > EXPORT_ROWS_MAX:
        raise TooLarge(f"There are {there} facilities; a file holds {EXPORT_ROWS_MAX}. Request a smaller area.")


_REGISTERED = ("facility_id", "name", "kind", "operated_by", "area_code", "lat", "lon", "phone", "address")
COLUMNS = (
    *_REGISTERED,
    *("contact_name", "phones", "identifiers", "beds_stated"),
    *("freshness", "counting_channel", "observed_at", "recorded_at"),
    *BLOCK_COLUMNS,
    "distance_km",
    *("location_lat", "location_lon", "location_is"),
)


def _row(row: FacilityRow) -> Row:
    figures, facility = row.figures, row.figures.facility
    contact, place = facility.contact or Contact(), row.location
    return {
        **{name: getattr(facility, name) for name in _REGISTERED},
        "kind": facility.kind.value,
        "contact_name": contact.name,
        "phones": PHONES_JOINED_BY.join(contact.phones) or None,
        "identifiers": ";".join(f"{system}={value}" for system, value in sorted(facility.identifiers.items())),
        "beds_stated": facility.beds_stated,
        "freshness": figures.freshness.value,
        "counting_channel": figures.counting_channel.channel and figures.counting_channel.channel.value,
        "observed_at": figures.observed_at,
        "recorded_at": figures.recorded_at,
        **table_fields(figures.totals),
        "distance_km": row.distance_km,
        "location_lat": place and place.lat,
        "location_lon": place and place.lon,
        "location_is": place and place.is_of.value,
    }


@router.get(
    "/facilities/{facility_id}",
    summary="One facility",
    response_model=FacilityDetailOut,
    response_description="The facility. Send its ETag as If-Match to change it.",
    responses=refusals(Malformed, NotFound),
    openapi_extra=OPTIONAL_KEY,
)
async def read_facility(
    facility_id: FacilityRef, query: Annotated[LinesQuery, Query()], node: NodeDep, now: Now, reader: Reader
) -> Response:
    """Read one facility: its registration, the lines of the channel that counts, and the other channels for comparison.

    At most 500 lines at a time (`lines_limit`); `next_lines_cursor` leads to the next ones. Totals include all lines.
    """
    facility = facility_for(node, facility_id, reader, Verb.read)
    document = FacilityDetailOut.of(
        node.board.figures(facility, now),
        node.board.path(facility.area_code),
        query,
        position=node.board.position,
        as_of=now,
    )
    body = document.model_dump_json().encode()
    headers = {**HEADERS, "etag": document_tag(node.board.place(facility.seq), body)}
    return Response(body, media_type="application/json", headers=headers)
