"""GeoJSON files with outlines: what is accepted, and what is told about the rest."""

from typing import Any

import pytest

from app.domain.errors import InvalidInput
from app.domain.registry import boundary_file
from app.domain.registry.boundary_file import check_codes, read_boundaries

RING = [[110.0, -7.0], [110.1, -7.0], [110.1, -6.9], [110.0, -7.0]]


def feature(code: object = "33.74", coordinates: object = None, kind: str = "Polygon", **properties: object) -> Any:
    geometry = {"type": kind, "coordinates": [RING] if coordinates is None else coordinates}
    return {"type": "Feature", "properties": {"code": code, **properties}, "geometry": geometry}


def collection(*features: Any, **more: object) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features), **more}


def faults_of(document: object) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as refused:
        read_boundaries(document)
    return [(fault.pointer, fault.detail) for fault in refused.value.faults]


def test_outlines_are_read_with_their_source_and_without_heights_and_repeats() -> None:
    high = [[110.0, -7.0, 5], [110.1, -7.0, 5], [110.1, -7.0, 6], [110.1, -6.9000000001, 5], [110.0, -7.0, 5]]
    found = read_boundaries(collection(feature(coordinates=[high]), attribution="Me"))
    assert found.attribution == "Me"
    assert found.outlines[0].polygons == [[[(110.0, -7.0), (110.1, -7.0), (110.1, -6.9), (110.0, -7.0)]]]
    multi = read_boundaries(collection(feature(coordinates=[[RING], [RING]], kind="MultiPolygon")))
    assert len(multi.outlines[0].polygons) == 2


@pytest.mark.parametrize(
    ("given", "pointer", "why"),
    [
        (feature(code=33), "properties/code", "must be the code of an area"),
        (feature(kind="Point", coordinates=[1, 2]), "geometry", "must be a Polygon or a MultiPolygon"),
        (feature(coordinates=[]), "geometry/coordinates", "must hold rings"),
        (feature(coordinates=[RING[:3]]), "geometry/coordinates", "at least 4 positions"),
        (feature(coordinates=[[*RING[:3], [110.0, -6.8]]]), "geometry/coordinates", "is not closed"),
        (feature(coordinates=[[RING[0], RING[1], RING[1], RING[0]]]), "geometry/coordinates", "encloses nothing"),
        (feature(coordinates=[[[-7.0, 110.0]] * 4]), "geometry/coordinates", "is not on the Earth"),
        (feature(coordinates=[[[110.0, float("nan")]] * 4]), "geometry/coordinates", "must be [longitude, latitude]"),
        (feature(coordinates=[[[110.0, True]] * 4]), "geometry/coordinates", "must be [longitude, latitude]"),
        (feature(coordinates=[["ab"] * 4]), "geometry/coordinates", "must be [longitude, latitude]"),
        (feature(coordinates="x"), "geometry/coordinates", "must hold rings"),
        ({"type": "Feature", "properties": None, "geometry": None}, "properties/code", "must be the code"),
        ({"type": "Feature", "properties": {"code": "33"}, "geometry": None}, "geometry", "must be a Polygon"),
        ("x", "type", "must be Feature"),
        (feature(), "properties/code", "33.74 is named twice"),
    ],
)
def test_each_wrong_feature_is_told(given: Any, pointer: str, why: str) -> None:
    [(where, detail)] = faults_of(collection(feature(), given))
    assert where == f"#/features/1/{pointer}"
    assert why in detail


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ([], "#/type"),
        ({"type": "Feature"}, "#/type"),
        (collection(), "#/features"),
        ({"type": "FeatureCollection", "features": {}}, "#/features"),
        (collection(feature(), crs={"type": "name", "properties": {"name": "EPSG:3857"}}), "#/crs"),
        (collection(feature(), crs={"properties": "x"}), "#/crs"),
        (collection(feature(), crs={"properties": {"name": "EPSG:32749"}}), "#/crs"),
    ],
)
def test_another_document_is_refused(document: object, pointer: str) -> None:
    assert [where for where, _ in faults_of(document)] == [pointer]


def test_an_outline_has_a_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boundary_file, "POINTS_MAX", 3)
    assert "at most 3 are accepted" in faults_of(collection(feature()))[0][1]


def test_unknown_areas_are_named() -> None:
    found = read_boundaries(collection(feature(), feature("99.99", name="Kota X")))
    with pytest.raises(InvalidInput) as refused:
        check_codes(found, [True, False])
    assert [(f.pointer, f.detail) for f in refused.value.faults] == [
        ("#/features/1/properties/code", "there is no area '99.99' (Kota X)")
    ]
