"""Areas: the administrative tree (*wilayah administrasi*)."""

from collections.abc import Sequence
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, model_validator

from app.api.schemas.fields import AreaCode, Cursor, Latitude, Limit, Longitude, Name, Text, Wire
from app.domain.registry.area import LEVEL_SYNONYMS, RW_NUMBER_MAX, Area, AreaLevel

AREAS_MAX = 5_000
AREA_EXAMPLE: dict[str, JsonValue] = {
    "code": "33.74.01.1001",
    "name": "Miroto",
    "level": "kelurahan",
    "type": "kelurahan",
    "parent": "33.74.01",
    "lat": -6.98256,
    "lon": 110.42083,
}


class AreaBrief(BaseModel):
    """Code, name and level of an area."""

    code: str
    name: str
    level: AreaLevel
    type: str = Field(description="Its local designation: kota, kabupaten, kelurahan, desa, ...")

    @classmethod
    def of(cls, area: Area) -> Self:
        """Convert from the domain's area."""
        return cls(code=area.code, name=area.name, level=area.level, type=area.type)


class AreaOut(AreaBrief):
    """One area and its position in the tree."""

    parent: str | None = Field(description="Code of its parent area; null at the root.")
    lat: float | None
    lon: float | None
    path: list[AreaBrief] = Field(description="Its ancestors, from the country down to its parent.")

    @classmethod
    def at(cls, path: Sequence[Area]) -> Self:
        """Convert the last area of a path (root first)."""
        area = path[-1]
        return cls(
            code=area.code,
            name=area.name,
            level=area.level,
            type=area.type,
            parent=area.parent,
            lat=area.lat,
            lon=area.lon,
            path=[AreaBrief.of(ancestor) for ancestor in path[:-1]],
        )


class AreasOut(BaseModel):
    """A page of areas, sorted by code."""

    areas: list[AreaOut]
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null at the end.")


class RegisteredAreasOut(BaseModel):
    """Registered areas."""

    areas: list[AreaOut]


class AreasQuery(Wire):
    """Filters and page."""

    parent: AreaCode | None = Field(default=None, description="Only direct children of this area.")
    level: AreaLevel | None = Field(default=None, description="Only areas of this level.")
    q: Annotated[Text, Field(min_length=1, max_length=100)] | None = Field(
        default=None, description="Part of a name, or the beginning of a code."
    )
    cursor: Cursor | None = None
    limit: Limit = 100


def _resolve_level(value: object) -> object:
    return LEVEL_SYNONYMS.get(value, value) if isinstance(value, str) else value


class AreaIn(Wire):
    """An area to register."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [AREA_EXAMPLE]})

    code: AreaCode
    name: Name
    level: Annotated[
        AreaLevel,
        BeforeValidator(_resolve_level),
        Field(json_schema_extra={"enum": [*AreaLevel, *LEVEL_SYNONYMS], "type": "string"}),
    ] = Field(description="Also by its synonym: regency = city, district = kecamatan, village = kelurahan.")
    type: Annotated[Text, Field(min_length=1, max_length=40)] | None = Field(
        default=None, description="Its local designation (kota, desa, ...); default: the level."
    )
    parent: AreaCode | None = Field(default=None, description="Code of its parent area.")
    parent_code: AreaCode | None = Field(default=None, description="Alias of `parent`, as in tables.")
    lat: Latitude | None = None
    lon: Longitude | None = None

    @model_validator(mode="after")
    def _check_parents(self) -> Self:
        if self.parent and self.parent_code and self.parent != self.parent_code:
            raise ValueError("parent and parent_code name different areas")
        return self

    def to_domain(self) -> Area:
        """Convert to the domain's area."""
        parent = self.parent or self.parent_code
        return Area(self.code, self.name, self.level, self.type or self.level, parent, self.lat, self.lon)


class RwIn(Wire):
    """RW to add under a kelurahan: the first `count`, or one by its number."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"count": 8}, {"number": 9}]})

    count: Annotated[int, Field(strict=True, ge=1, le=RW_NUMBER_MAX)] | None = Field(
        default=None, description="RW 01 to this number; existing ones stay unchanged."
    )
    number: Annotated[int, Field(strict=True, ge=1, le=RW_NUMBER_MAX)] | None = Field(
        default=None, description="Only this RW."
    )

    @model_validator(mode="before")
    @classmethod
    def _check_one_of_both(cls, value: Any) -> Any:
        if isinstance(value, dict) and (value.get("count") is None) == (value.get("number") is None):
            raise ValueError("needs either count or number")
        return value

    @property
    def numbers(self) -> list[int]:
        """The number as a list, as the action expects it."""
        return [] if self.number is None else [self.number]
