"""In which format an answer is wanted: by `?format=`, else by `Accept`."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from app.domain.errors import NotAcceptable


class Format(StrEnum):
    """The formats of tables."""

    json = "json"
    csv = "csv"
    xlsx = "xlsx"
    geojson = "geojson"


MEDIA_TYPES = {
    Format.json: "application/json",
    Format.csv: "text/csv",
    Format.xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.geojson: "application/geo+json",
}

FormatName = Annotated[
    str,
    Field(
        max_length=20,
        description="json, csv, xlsx or geojson; wins over `Accept`.",
        json_schema_extra={"enum": list(Format)},
    ),
]


def choose(name: str | None, accept: str | None) -> Format:
    """The format that is wanted most; JSON where nothing is said.

    Raises: NotAcceptable, naming what there is.
    """
    if name is not None:
        if name in list(Format):
            return Format(name)
        raise NotAcceptable(f"?format= takes {', '.join(Format)}.")
    ranges = weights(accept or "*/*")
    # max() keeps the first of equals, and JSON stands first.
    best = max(Format, key=lambda each: _quality(MEDIA_TYPES[each], ranges))
    if _quality(MEDIA_TYPES[best], ranges) <= 0:
        raise NotAcceptable(f"There is {', '.join(MEDIA_TYPES.values())}.")
    return best


def weights(accept: str) -> dict[str, float]:
    """What a header of the Accept family names, each with its `q`; 0 where that is no number."""
    ranges: dict[str, float] = {}
    for part in accept.lower().split(","):
        media_range, *parameters = (piece.strip() for piece in part.split(";"))
        quality = next((p[2:].strip() for p in parameters if p.startswith("q=")), "1")
        try:
            ranges[media_range] = float(quality)
        except ValueError:
            ranges[media_range] = 0.0
    return ranges


def _quality(media_type: str, ranges: dict[str, float]) -> float:
    """The most precise range that holds it decides (RFC 9110, 12.5.1)."""
    for media_range in (media_type, media_type.partition("/")[0] + "/*", "*/*"):
        if media_range in ranges:
            return ranges[media_range]
    return 0.0


def table_contents(what: str) -> dict[str, object]:
    """The other formats of an answer, for `responses=`."""
    text = {"schema": {"type": "string"}}
    file = {"schema": {"type": "string", "format": "binary"}}
    features = {"schema": {"type": "object", "description": f"FeatureCollection, a Point for each {what}."}}
    by_format = {Format.csv: text, Format.xlsx: file, Format.geojson: features}
    return {MEDIA_TYPES[each]: content for each, content in by_format.items()}
