# /// script
# requires-python = ">=3.11"
# dependencies = ["shapely>=2.2"]
# ///
"""Make app/data/semarang/*.geojson from the published outlines of the kelurahan. For developers; nothing runs it.

    uv run tests/data/make_semarang_outlines.py KELURAHAN.geojson app/data/semarang

Published neighbours overlap and leave gaps of a few metres. `coverage_clean` gives each sliver to one of them; then all
borders are put on a grid, so that common ones are the same points, and `coverage_simplify` keeps them so. The kecamatan
and the city are unions of the same outlines: all three levels fit each other.
"""

import json
import sys
from collections import defaultdict
from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry

DIGITS = 4  # of the coordinates: 11 m
GRID = 10.0**-DIGITS
GAP = 5 * GRID  # a narrower gap between neighbours is none
TOLERANCE = 3 * GRID  # corners that change an area by less than about its square are left out
ATTRIBUTION = "Boundaries: cahyadsn/wilayah_boundaries, MIT, (c) Cahya DSN; simplified"


def main(source: Path, target: Path) -> None:
    """Write one file for each level."""
    features = json.loads(source.read_text())["features"]
    published = {
        each["properties"]["code"]: shapely.make_valid(shapely.geometry.shape(each["geometry"])) for each in features
    }
    codes = sorted(published)
    kelurahan = dict(zip(codes, fitted([published[code] for code in codes]), strict=True))
    kecamatan = unions(kelurahan)
    for name, outlines in (("kelurahan", kelurahan), ("kecamatan", kecamatan), ("kota", unions(kecamatan))):
        write(target / f"{name}.geojson", outlines)


def fitted(published: list[BaseGeometry]) -> list[BaseGeometry]:
    """The outlines without overlaps and gaps, simplified, with all points on the grid."""
    # Of a sliver that two claim, the first one gets it: the one with the lower code.
    clean = shapely.coverage_clean(published, gap_width=GAP, snapping_distance=GRID / 2, merge_strategy="min_index")
    borders = shapely.union_all([outline.boundary for outline in clean], grid_size=GRID)
    parts: dict[int, list[BaseGeometry]] = defaultdict(list)
    for piece in shapely.get_parts(shapely.polygonize([borders])):
        inside = piece.representative_point()
        parts[next(n for n, outline in enumerate(clean) if outline.contains(inside))].append(piece)
    simple = shapely.coverage_simplify([shapely.coverage_union_all(parts[n]) for n in range(len(clean))], TOLERANCE)
    if not shapely.coverage_is_valid(simple):
        raise SystemExit("The simplified neighbours do not fit each other; change the constants.")
    return list(simple)


def unions(outlines: dict[str, BaseGeometry]) -> dict[str, BaseGeometry]:
    """The outlines of the areas one level up."""
    parts: dict[str, list[BaseGeometry]] = defaultdict(list)
    for code, outline in outlines.items():
        parts[code.rpartition(".")[0]].append(outline)
    return {code: shapely.coverage_union_all(parts[code]) for code in sorted(parts)}


def write(file: Path, outlines: dict[str, BaseGeometry]) -> None:
    """Write one feature to a line."""
    lines = []
    for code, outline in outlines.items():
        shape = shapely.orient_polygons(outline)  # counterclockwise, as RFC 7946 asks for
        geometry = json.loads(shapely.to_geojson(shape))
        geometry["coordinates"] = rounded(geometry["coordinates"])
        feature = {"type": "Feature", "properties": {"code": code}, "geometry": geometry}
        lines.append(json.dumps(feature, separators=(",", ":")))
    head = json.dumps({"type": "FeatureCollection", "attribution": ATTRIBUTION}, ensure_ascii=False)[:-1]
    file.write_text(head + ', "features": [\n' + ",\n".join(lines) + "\n]}\n")


def rounded(coordinates: object) -> object:
    """Coordinates with as many digits as the grid has."""
    if isinstance(coordinates, list):
        return [rounded(each) for each in coordinates]
    return round(float(coordinates), DIGITS)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
