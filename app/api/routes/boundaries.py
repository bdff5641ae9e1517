"""Outlines of areas, for maps. They change with an import only, so clients may keep them for a while."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from fastapi import Query, Request, Response
from fastapi.responses import JSONResponse

from app.actions.resolve import area_for
from app.api.http.conditional_requests import IfNoneMatch, is_known, weak_tag
from app.api.http.documented_errors import OPTIONAL_KEY, refusals
from app.api.http.formats import MEDIA_TYPES, Format
from app.api.http.parameters import AreaCode
from app.api.http.strict_json import strict_router
from app.api.schemas.area import AreaBrief
from app.api.schemas.boundaries import BOUNDARIES_EXAMPLE, BoundariesOut, BoundariesQuery
from app.dependencies import NodeDep, Reader
from app.domain.errors import NotFound, TooLarge, Unavailable
from app.domain.permissions import Verb
from app.domain.registry.area import Area
from app.limits.time_slices import TimeSlices
from app.runtime.outlines import KnownOutline

OUTLINES_MAX = 2_000
BODY_BYTES_MAX = 2 * 1024 * 1024
KEPT_SECONDS = 300
# Outlines between two pauses: to look for a label point takes some 100 microseconds each.
_OUTLINES_AT_ONCE = 10

router = strict_router("areas")


class GeoJSON(JSONResponse):
    """A response in GeoJSON (RFC 7946), already encoded. The framework documents the schema of JSON responses only."""

    media_type = MEDIA_TYPES[Format.geojson]

    def render(self, content: bytes) -> bytes:
        """Return the body as it is."""
        return content


@router.get(
    "/areas/{code}/boundaries",
    summary="Outlines of areas",
    response_class=GeoJSON,
    response_model=BoundariesOut,
    response_description="The outlines as GeoJSON, with a label point each.",
    responses={
        200: {"content": {MEDIA_TYPES[Format.geojson]: {"example": BOUNDARIES_EXAMPLE}}},
        304: {"description": "Nothing has changed since the ETag that you sent."},
        **refusals(NotFound, TooLarge, Unavailable),
    },
    openapi_extra=OPTIONAL_KEY,
)
async def read_boundaries(
    *,
    code: AreaCode,
    query: Annotated[BoundariesQuery, Query()],
    request: Request,
    node: NodeDep,
    reader: Reader,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Read the outlines (*batas wilayah*) of the areas of one level inside an area, at most 2,000.

    Operators import them with `balai import boundaries`. Copies may be used for five minutes; then ask with their ETag.
    """
    area = area_for(node, code, reader, Verb.read)
    level = query.level or node.board.level_below(code)
    slices: TimeSlices = request.state["slices"]
    areas: list[Area] = []
    async for part in slices.run(node.board.areas_among(await node.outlines.codes(), code, level), lambda each: each):
        areas += part
        if len(areas) > OUTLINES_MAX:
            raise TooLarge(f"More than {OUTLINES_MAX} areas have an outline; request a smaller area or a higher level.")
    found = await node.outlines.find([each.code for each in areas])
    features = [text async for part in slices.run(_with_pauses(areas, found), _feature) for text in part]
    head = {
        "type": "FeatureCollection",
        "area": AreaBrief.of(area).model_dump(mode="json"),
        "level": level.value,
        "attribution": _attribution(found),
    }
    body = (json.dumps(head, ensure_ascii=False)[:-1] + ',"features":[' + ",".join(features) + "]}").encode()
    if len(body) > BODY_BYTES_MAX:
        raise TooLarge(f"The outlines have {len(body):,} bytes; request a smaller area or a higher level.")
    headers = {
        "etag": weak_tag(body),
        "cache-control": f"{'public' if node.public_read else 'private'}, max-age={KEPT_SECONDS}",
        "vary": "Accept-Encoding, Authorization",
    }
    if is_known(headers["etag"], if_none_match):
        return Response(status_code=304, headers=headers)
    return GeoJSON(body, headers=headers)


def _with_pauses(
    areas: Sequence[Area], found: Mapping[str, KnownOutline]
) -> Iterator[tuple[Area, KnownOutline] | None]:
    for n, area in enumerate(areas):
        if n % _OUTLINES_AT_ONCE == _OUTLINES_AT_ONCE - 1:
            yield None
        if (known := found.get(area.code)) is not None:
            yield area, known


def _feature(each: tuple[Area, KnownOutline]) -> str:
    area, known = each
    lat, lon = known.label_for(area)
    properties: dict[str, Any] = {"code": area.code, "name": area.name, "label": {"lat": lat, "lon": lon}}
    text = json.dumps({"type": "Feature", "properties": properties}, ensure_ascii=False)
    return f'{text[:-1]},"geometry":{known.stored.geometry}}}'


def _attribution(found: Mapping[str, KnownOutline]) -> str | None:
    sources = sorted({known.stored.attribution for known in found.values() if known.stored.attribution})
    return "; ".join(sources) or None
