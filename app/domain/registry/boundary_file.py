"""Outlines in GeoJSON: a FeatureCollection whose features have `properties.code`."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from math import isfinite

from app.domain.errors import Fault, InvalidInput
from app.domain.registry.outline import Outline, Polygon, Position, Ring

FEATURES_MAX = 100_000
POINTS_MAX = 50_000  # of one outline
ATTRIBUTION_LENGTH_MAX = 500
DIGITS = 6  # of stored coordinates: 0.1 m

_WGS84 = ("urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:EPSG::4326", "EPSG:4326")


@dataclass(frozen=True, slots=True)
class BoundaryFile:
    """The outlines in a file, with the name that it gives to each area, and whom to name as the source."""

    outlines: Sequence[Outline]
    names: Sequence[str]
    attribution: str | None

    def without(self, codes: Collection[str]) -> "BoundaryFile":
        """The file without the outlines of these areas."""
        kept = [n for n, outline in enumerate(self.outlines) if outline.code not in codes]
        return BoundaryFile([self.outlines[n] for n in kept], [self.names[n] for n in kept], self.attribution)


class _Wrong(ValueError):
    """What is wrong with a member: its pointer below the feature, and why."""


def read_boundaries(document: object) -> BoundaryFile:
    """The outlines in a parsed GeoJSON file. Raises: InvalidInput, naming every fault."""
    features = _features(document)
    outlines, names, faults = [], [], []
    seen: set[str] = set()
    for n, feature in enumerate(features):
        try:
            outline = _outline(feature)
            if outline.code in seen:
                raise _Wrong("properties/code", f"{outline.code} is named twice")  # noqa: TRY301
            seen.add(outline.code)
            outlines.append(outline)
            names.append(str(feature["properties"].get("name") or ""))
        except _Wrong as wrong:
            faults.append(Fault(f"#/features/{n}/{wrong.args[0]}", wrong.args[1]))
    if faults:
        raise InvalidInput(*faults)
    return BoundaryFile(outlines, names, _attribution(document))


def check_codes(file: BoundaryFile, known: Sequence[bool]) -> None:
    """Check that each outline belongs to a registered area. Raises: InvalidInput, naming those that do not."""
    faults = [
        Fault(f"#/features/{n}/properties/code", f"there is no area {outline.code!r}" + (f" ({name})" if name else ""))
        for n, (outline, name, is_known) in enumerate(zip(file.outlines, file.names, known, strict=True))
        if not is_known
    ]
    if faults:
        raise InvalidInput(*faults)


def _features(document: object) -> list[dict[str, dict[str, object]]]:
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        raise InvalidInput(Fault("#/type", "must be FeatureCollection"))
    crs = document.get("crs")
    stated = crs.get("properties") if isinstance(crs, dict) else None
    if crs is not None and not (isinstance(stated, dict) and stated.get("name") in _WGS84):
        raise InvalidInput(Fault("#/crs", "must be WGS 84, longitude before latitude; leave it out"))
    features = document.get("features")
    if not isinstance(features, list) or not 1 <= len(features) <= FEATURES_MAX:
        raise InvalidInput(Fault("#/features", f"must be a list of 1 to {FEATURES_MAX:,} features"))
    return features


def _attribution(document: object) -> str | None:
    text = document.get("attribution") if isinstance(document, dict) else None
    return text[:ATTRIBUTION_LENGTH_MAX] if isinstance(text, str) and text.strip() else None


def _outline(feature: object) -> Outline:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise _Wrong("type", "must be Feature")
    properties, geometry = feature.get("properties"), feature.get("geometry")
    code = properties.get("code") if isinstance(properties, dict) else None
    if not isinstance(code, str):
        raise _Wrong("properties/code", "must be the code of an area, as text")
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if not isinstance(geometry, dict) or kind not in ("Polygon", "MultiPolygon"):
        raise _Wrong("geometry", f"must be a Polygon or a MultiPolygon (area {code})")
    given = geometry.get("coordinates")
    try:
        polygons = [_polygon(each) for each in _list_of(given if kind == "MultiPolygon" else [given], "polygons")]
    except _Wrong as wrong:
        raise _Wrong("geometry/coordinates", f"{wrong.args[0]} (area {code})") from None
    if (points := sum(len(ring) for polygon in polygons for ring in polygon)) > POINTS_MAX:
        raise _Wrong("geometry/coordinates", f"has {points:,} positions; at most {POINTS_MAX:,} are accepted ({code})")
    return Outline(code, polygons)


def _polygon(given: object) -> Polygon:
    return [_ring(each) for each in _list_of(given, "rings")]


def _ring(given: object) -> Ring:
    positions = _list_of(given, "positions")
    if len(positions) < 4:
        raise _Wrong("a ring needs at least 4 positions")
    ring = list(_without_repeats(map(_position, positions)))
    if ring[0] != ring[-1]:
        raise _Wrong("a ring is not closed: its last position must be its first one")
    if len(ring) < 4:
        raise _Wrong("a ring encloses nothing: it has fewer than 3 different positions")
    return ring


def _without_repeats(positions: Iterator[Position]) -> Iterator[Position]:
    before = None
    for position in positions:
        if position != before:
            yield position
        before = position


def _position(given: object) -> Position:
    # A third number is the height.
    if not isinstance(given, list) or not 2 <= len(given) <= 3 or not all(map(_is_number, given)):
        raise _Wrong("a position must be [longitude, latitude] in degrees")
    lon, lat = float(given[0]), float(given[1])
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise _Wrong(f"[{lon}, {lat}] is not on the Earth; a position is [longitude, latitude] in degrees")
    return round(lon, DIGITS), round(lat, DIGITS)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _list_of(given: object, what: str) -> list[object]:
    if not isinstance(given, list) or not given:
        raise _Wrong(f"must hold {what}")
    return given
