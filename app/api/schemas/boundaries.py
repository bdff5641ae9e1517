"""Outlines of areas, for maps."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from app.api.schemas.area import AreaBrief
from app.api.schemas.fields import Wire
from app.domain.registry.area import AreaLevel


class BoundariesQuery(Wire):
    """Which outlines."""

    level: AreaLevel | None = Field(
        default=None,
        description="The level of the areas to outline, the area's own or one below; default: that of its children.",
    )


class LabelOut(BaseModel):
    """Where to write the name: a place inside the outline."""

    lat: float
    lon: float


class OutlinePropertiesOut(BaseModel):
    """The area of an outline."""

    code: str
    name: str
    label: LabelOut


class GeometryOut(BaseModel):
    """A GeoJSON geometry: longitude before latitude."""

    type: Literal["Polygon", "MultiPolygon"]
    coordinates: list[Any]


class OutlineOut(BaseModel):
    """One area."""

    type: Literal["Feature"]
    properties: OutlinePropertiesOut
    geometry: GeometryOut


class BoundariesOut(BaseModel):
    """The outlines of the areas of one level: a GeoJSON FeatureCollection. Areas without an outline are absent."""

    type: Literal["FeatureCollection"]
    area: AreaBrief
    level: AreaLevel
    attribution: str | None = Field(description="Whom to name as the source, beside a map.")
    features: list[OutlineOut]


BOUNDARIES_EXAMPLE = {
    "type": "FeatureCollection",
    "area": {"code": "33.74", "name": "Kota Semarang", "level": "city", "type": "kota"},
    "level": "kecamatan",
    "attribution": "Boundaries: cahyadsn/wilayah_boundaries, MIT, (c) Cahya DSN; simplified",
    "features": [
        {
            "type": "Feature",
            "properties": {
                "code": "33.74.01",
                "name": "Semarang Tengah",
                "label": {"lat": -6.98029, "lon": 110.42078},
            },
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[110.41, -6.99], [110.43, -6.99], [110.43, -6.97], [110.41, -6.97], [110.41, -6.99]]],
            },
        }
    ],
}
