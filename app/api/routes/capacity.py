"""Capacity of an area, or of its children side by side. Read from the board, without any SQL."""

from typing import Annotated, Any

from fastapi import Query, Request, Response

from app.actions.resolve import area_for
from app.api.exports.tables import Row, one_page, table_response
from app.api.http.conditional_requests import IfNoneMatch, is_known
from app.api.http.documented_errors import OPTIONAL_KEY, refusals
from app.api.http.formats import Format, FormatName, choose, table_contents
from app.api.http.parameters import AreaCode
from app.api.http.read_position import HEADERS, tag_of, wait_for, without_moments
from app.api.http.response_cache import Answer, moment_of, question_of
from app.api.http.strict_json import strict_router
from app.api.schemas.capacity import CapacityOut, CapacityQuery, ChildrenOut, table_fields
from app.dependencies import NodeDep, Now, Reader
from app.domain.capacity import Capacity
from app.domain.errors import NotAcceptable, NotFound, Unavailable
from app.domain.permissions import Verb
from app.runtime.node import Node

router = strict_router("capacity")

_UNCHANGED: dict[int | str, dict[str, Any]] = {
    304: {"description": "Nothing has changed since the ETag that you sent."}
}


@router.get(
    "/areas/{code}/capacity",
    summary="Beds of an area",
    response_model=CapacityOut,
    response_description="The totals of the area.",
    responses={**_UNCHANGED, **refusals(NotFound, Unavailable)},
    openapi_extra=OPTIONAL_KEY,
)
async def read_capacity(
    *,
    code: AreaCode,
    query: Annotated[CapacityQuery, Query()],
    request: Request,
    node: NodeDep,
    now: Now,
    reader: Reader,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Add up all beds of an area (*rekap ketersediaan tempat tidur*), from its RW halls to its hospitals.

    Stale and silent lines keep counting with their last figures; `fresh` in each block has the fresh lines alone.
    Lapsed and implausible lines add nothing. A facility that never reported counts in `reporting` only. A total is null
    if no line reports that count, never zero. With filters on lines everything is about the matching lines.
    """
    await wait_for(node, query.min_position)
    area_for(node, code, reader, Verb.read)
    document = CapacityOut.of(node.board.roll_up(code, now, query.filters()))
    return _respond(document, request, node, query=query, code=code, if_none_match=if_none_match)


class ChildrenQuery(CapacityQuery):
    """Filters and format."""

    format: FormatName | None = None


@router.get(
    "/areas/{code}/capacity/children",
    summary="Beds of an area's children, side by side",
    response_model=ChildrenOut,
    response_description="One row for each child area.",
    responses={
        200: {"content": table_contents("child area")},
        **_UNCHANGED,
        **refusals(NotFound, NotAcceptable, Unavailable),
    },
    openapi_extra=OPTIONAL_KEY,
)
async def read_capacity_of_children(
    *,
    code: AreaCode,
    query: Annotated[ChildrenQuery, Query()],
    request: Request,
    node: NodeDep,
    now: Now,
    reader: Reader,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Add up the beds of each child area: a city's kecamatan, a kecamatan's kelurahan, a kelurahan's RW.

    `unplaced` has the facilities that are registered in the area itself, so that children and `unplaced` add up to the
    area. Also as CSV, XLSX, GeoJSON or NDJSON (`?format=` or `Accept`), with `unplaced` as the last row.
    """
    wanted = choose(query.format, request.headers.get("accept"))
    await wait_for(node, query.min_position)
    area_for(node, code, reader, Verb.read)
    children, unplaced = node.board.children(code, now, query.filters())
    document = ChildrenOut.of(children, unplaced)
    if wanted is Format.json:
        return _respond(document, request, node, query=query, code=code, if_none_match=if_none_match)
    tag = tag_of(without_moments(document, node), wanted)
    headers = HEADERS | {"etag": tag}
    if is_known(tag, if_none_match):
        return Response(status_code=304, headers=headers)
    rows = [*(_row("child", child) for child in children), _row("unplaced", unplaced)]
    return await table_response(request, wanted, f"capacity-{code}", tuple(rows[-1]), one_page(rows), headers=headers)


def _respond(
    document: CapacityOut | ChildrenOut,
    request: Request,
    node: Node,
    *,
    query: CapacityQuery,
    code: str,
    if_none_match: str | None,
) -> Response:
    """Send the document with its ETag, or 304 if the client has it; cache it for the next caller."""
    parts = without_moments(document, node)
    tag = tag_of(parts, Format.json)
    if query.min_position is None:
        request.state["response_cache"].keep(question_of(request.scope), Answer.of(node, code, tag, parts))
    headers = HEADERS | {"etag": tag}
    if is_known(tag, if_none_match):
        return Response(status_code=304, headers=headers)
    moment = moment_of(node.board.position, node.board.now)
    return Response(moment.join(parts), media_type="application/json", headers=headers)


def _row(what: str, capacity: Capacity) -> Row:
    area, reporting = capacity.area, capacity.reporting
    return {
        "row": what,
        "area_code": area.code,
        "area_name": area.name,
        "level": area.level.value,
        "type": area.type,
        "lat": area.lat,
        "lon": area.lon,
        **table_fields(capacity.totals),
        "registered_facilities": reporting.facilities,
        "fresh": reporting.fresh,
        "stale": reporting.stale,
        "silent": reporting.silent,
        "lapsed": reporting.lapsed,
        "never": reporting.never,
        "completeness": reporting.completeness,
        "position": capacity.position,
        "as_of": capacity.as_of,
    }
