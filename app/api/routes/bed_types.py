"""The list of bed types."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from app.api.http.documented_errors import OPTIONAL_KEY, refusals
from app.api.http.strict_json import strict_router
from app.dependencies import CallerDep
from app.domain.beds.bed_types import BED_TYPES, BedGroup, BedType
from app.domain.group_names import SHOWN_GROUPS
from app.domain.registry.facility import FacilityKind

router = strict_router("vocabulary")


class NameOut(BaseModel):
    """A name in Indonesian and English."""

    id: str
    en: str


class BedTypeOut(BaseModel):
    """One bed type. Null means unknown, not no."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "icu_ventilator",
                    "name": {"id": "ICU dengan ventilator", "en": "ICU with ventilator"},
                    "care_level": "icu",
                    "group": "intensive",
                    "negative_pressure": None,
                    "ventilator": True,
                    "covid": False,
                    "parent": "all_icu",
                    "codes": {"sirs": ["38"], "aplicares": []},
                }
            ]
        }
    )

    code: str
    name: NameOut
    care_level: str
    group: BedGroup
    negative_pressure: bool | None
    ventilator: bool | None
    covid: bool | None
    parent: str | None = Field(
        description="The type that contains this one: if a facility reports both, this one is left out of its sums."
    )
    codes: dict[str, list[str]] = Field(description="Its codes in other systems, by system.")

    @classmethod
    def of(cls, bed_type: BedType) -> Self:
        """Convert from the domain's bed type."""
        names = ("code", "care_level", "group", "negative_pressure", "ventilator", "covid", "parent")
        return cls(
            **{name: getattr(bed_type, name) for name in names},
            name=NameOut(id=bed_type.name_id, en=bed_type.name_en),
            codes={"sirs": list(bed_type.sirs), "aplicares": list(bed_type.aplicares)},
        )


class BedGroupOut(BaseModel):
    """A row of a table of groups."""

    code: str
    name: NameOut
    kinds: list[FacilityKind] = Field(
        description="Empty for a group of bed types, which `group` filters by. Else the row has all beds of facilities "
        "of these kinds, which `kind` filters by."
    )


class BedTypesOut(BaseModel):
    """All bed types, and the groups in the order in which pages show them."""

    bed_types: list[BedTypeOut]
    groups: list[BedGroupOut]


_VOCABULARY = BedTypesOut(
    bed_types=[BedTypeOut.of(bed_type) for bed_type in BED_TYPES.values()],
    groups=[
        BedGroupOut(code=each.code, name=NameOut(id=each.name_id, en=each.name_en), kinds=list(each.kinds))
        for each in SHOWN_GROUPS
    ],
)


@router.get(
    "/bed-types",
    summary="Kinds of bed",
    response_description="Every kind of bed, and the groups.",
    responses=refusals(),
    openapi_extra=OPTIONAL_KEY,
)
async def list_bed_types(_caller: CallerDep) -> BedTypesOut:
    """List the bed type codes used in reports (*jenis tempat tidur*), each with its codes in SIRS and Aplicares.

    `groups` names the groups in Indonesian and English.
    """
    return _VOCABULARY
