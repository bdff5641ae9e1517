"""Choice of the response format: by `?format=`, else by `Accept`."""

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
    ndjson = "ndjson"


MEDIA_TYPES = {
    Format.json: "application/json",
    Format.csv: "text/csv",
    Format.xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.geojson: "application/geo+json",
    Format.ndjson: "application/x-ndjson",
}

FormatName = Annotated[
    str,
    Field(
        max_length=20,
        description="json, csv, xlsx, geojson or ndjson; takes precedence over `Accept`.",
        json_schema_extra={"enum": list(Format)},
    ),
]


def choose(name: str | None, accept: str | None) -> Format:
    """Return the preferred format; JSON by default.

    Raises: NotAcceptable, naming the available formats.
    """
    if name is not None:
        if name in list(Format):
            return Format(name)
        raise NotAcceptable(f"?format= takes {', '.join(Format)}.")
    ranges = weights(accept or "*/*")
    # max() returns the first of equals, and JSON is first.
    best = max(Format, key=lambda each: _quality(MEDIA_TYPES[each], ranges))
    if _quality(MEDIA_TYPES[best], ranges) <= 0:
        raise NotAcceptable(f"Available formats: {', '.join(MEDIA_TYPES.values())}.")
    return best


def weights(accept: str) -> dict[str, float]:
    """Parse a header of the Accept family into values with their `q`; 0 if that is not a number."""
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
    """Return the quality of the most specific range that matches (RFC 9110, 12.5.1)."""
    for media_range in (media_type, media_type.partition("/")[0] + "/*", "*/*"):
        if media_range in ranges:
            return ranges[media_range]
    return 0.0


def table_contents(what: str) -> dict[str, object]:
    """Describe the other formats of a table response, for `responses=`."""
    text = {"schema": {"type": "string"}}
    file = {"schema": {"type": "string", "format": "binary"}}
    features = {"schema": {"type": "object", "description": f"FeatureCollection, a Point for each {what}."}}
    by_format = {Format.csv: text, Format.xlsx: file, Format.geojson: features, Format.ndjson: text}
    return {MEDIA_TYPES[each]: content for each, content in by_format.items()}
