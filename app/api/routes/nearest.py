"""The nearest beds from a place."""

from datetime import datetime
from typing import Annotated

from fastapi import Query, Request, Response

from app.actions.resolve import area_for, facility_for
from app.api.exports.tables import Row, one_page, table_response
from app.api.http.documented_errors import OPTIONAL_KEY, refusals
from app.api.http.formats import Format, FormatName, choose, table_contents
from app.api.http.read_position import HEADERS, wait_for
from app.api.http.strict_json import strict_router
from app.api.schemas.figures import LocationOut
from app.api.schemas.nearest import (
    FullOut,
    NearestBedsOut,
    NearestBedsQuery,
    NearestOut,
    reason,
    row_fields,
)
from app.board.nearest import NearestRow
from app.board.offers import Standing
from app.dependencies import NodeDep, Now, Reader
from app.domain.errors import Fault, InvalidInput, NotAcceptable, NotFound, Refusal, Unavailable
from app.domain.permissions import Actor, Verb
from app.domain.registry.facility import Facility
from app.domain.registry.location import Location, LocationIs
from app.limits.time_slices import TimeSlices
from app.runtime.node import Node

router = strict_router("capacity")


class NearestTableQuery(NearestBedsQuery):
    """The place, which beds, and the format."""

    format: FormatName | None = None


@router.get(
    "/beds/nearest",
    summary="The nearest free beds",
    response_model=NearestBedsOut,
    response_description="Three lists, each sorted by distance.",
    responses={
        200: {"content": table_contents("facility")},
        **refusals(NotFound, NotAcceptable, Unavailable),
    },
    openapi_extra=OPTIONAL_KEY,
)
async def find_nearest_beds(
    *,
    query: Annotated[NearestTableQuery, Query()],
    request: Request,
    node: NodeDep,
    now: Now,
    reader: Reader,
) -> Response:
    """Find the nearest beds (*tempat tidur kosong terdekat*) from `lat` and `lon`, an `area` or a `facility`.

    `beds` has only facilities whose fresh lines state enough free beds, and more than patients wait. `full` and
    `not_fresh` say why a nearer one is not among them. Several values of `bed_type` or `group` mean any of these.
    Facilities without coordinates stand at the point of their area (`location_is`). A facility that never reported is
    in no list. CSV, XLSX, GeoJSON and NDJSON have the same rows with the column `list`.
    """
    wanted = choose(query.format, request.headers.get("accept"))
    await wait_for(node, query.min_position)
    place = _origin(node, query, reader)
    document = await _find(node, request.state["slices"], query, place, reader=reader, now=now)
    if wanted is Format.json:
        return Response(document.model_dump_json(), media_type="application/json", headers=HEADERS)
    rows = [
        *(_row("beds", row) for row in document.beds),
        *(_row("full", row) for row in document.full),
        *(_row("not_fresh", row) for row in document.not_fresh),
    ]
    return await table_response(request, wanted, "beds-nearest", COLUMNS, one_page(rows), headers=HEADERS)


def _origin(node: Node, query: NearestBedsQuery, reader: Actor | None) -> tuple[float, float]:
    """Where to search from. Raises: InvalidInput, unless it is one known place; NotFound."""
    given = [query.lat is not None or query.lon is not None, query.area is not None, query.facility is not None]
    if sum(given) != 1:
        raise InvalidInput(Fault("?lat", "give one place to search from: lat and lon, or area, or facility"))
    if query.bed_type and query.group:
        raise InvalidInput(Fault("?group", "give bed_type or group, not both"))
    if query.area is not None:
        area = area_for(node, query.area, reader, Verb.read)
        point = node.board.point_of(area.code)
        if point is None:
            raise InvalidInput(Fault("?area", "has no coordinates, nor has an area around it; give lat and lon"))
        return point
    if query.facility is not None:
        located = node.board.location(facility_for(node, query.facility, reader, Verb.read))
        if located is None:
            raise InvalidInput(Fault("?facility", "has no coordinates, nor has an area around it; give lat and lon"))
        return located.lat, located.lon
    if query.lat is None or query.lon is None:
        raise InvalidInput(Fault("?lat" if query.lat is None else "?lon", "lat and lon go together"))
    return query.lat, query.lon


async def _find(
    node: Node,
    slices: TimeSlices,
    query: NearestBedsQuery,
    place: tuple[float, float],
    *,
    reader: Actor | None,
    now: datetime,
) -> NearestBedsOut:
    """Build the document. `position` is that of its rows, or of the oldest of them."""
    board, position = node.board, node.board.position
    found = board.nearest(now, query.wanted(place), lambda facility: _may_see(node, reader, facility))

    def build(row: NearestRow) -> tuple[int, NearestRow, NearestOut]:
        fields = row_fields(row, board.location(row.facility) or Location(*place, LocationIs.area), now)
        is_full = row.standing is Standing.full
        built = FullOut(**fields, reason=reason(row, query.min_available)) if is_full else NearestOut(**fields)
        return board.position, row, built

    rows = [each async for part in slices.run(found, build) for each in part]
    of_standing: dict[Standing, list[NearestOut]] = {standing: [] for standing in Standing}
    for _, row, built in rows:
        of_standing[row.standing].append(built)
    return NearestBedsOut(
        position=min((seq for seq, _, _ in rows), default=position),
        as_of=now,
        origin=LocationOut(lat=place[0], lon=place[1]),
        beds=of_standing[Standing.free],
        full=[row for row in of_standing[Standing.full] if isinstance(row, FullOut)],
        not_fresh=of_standing[Standing.not_fresh],
    )


def _may_see(node: Node, reader: Actor | None, facility: Facility) -> bool:
    if node.public_read:
        return True
    try:
        node.authorise(reader, Verb.read, node.board.target(facility))
    except Refusal:
        return False
    return True


COLUMNS = (
    *("list", "facility_id", "name", "kind", "area_code", "lat", "lon", "location_is", "distance_km"),
    *("beds_available", "queue", "freshness", "observed_at", "age_seconds", "reason", "phones"),
)


def _row(which: str, row: NearestOut) -> Row:
    facility = row.facility
    return {
        "list": which,
        "facility_id": facility.facility_id,
        "name": facility.name,
        "kind": facility.kind.value,
        "area_code": facility.area_code,
        "lat": facility.location.lat,
        "lon": facility.location.lon,
        "location_is": facility.location_is,
        "distance_km": row.distance_km,
        "beds_available": row.beds_available,
        "queue": row.queue,
        "freshness": row.freshness.value,
        "observed_at": row.observed_at,
        "age_seconds": row.age_seconds,
        "reason": row.reason if isinstance(row, FullOut) else None,
        "phones": "; ".join(row.phones),
    }
