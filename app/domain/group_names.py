"""The groups of beds as pages show them: in this order, with their names in Indonesian and English."""

from typing import NamedTuple

from app.domain.beds.bed_types import BedGroup
from app.domain.registry.facility import FacilityKind


class ShownGroup(NamedTuple):
    """A row of a table of groups: a group of bed types, or all beds of facilities of some kinds (`kinds`)."""

    code: str
    name_id: str
    name_en: str
    kinds: tuple[FacilityKind, ...] = ()


SHOWN_GROUPS = (
    ShownGroup(BedGroup.intensive, "Intensif (ICU)", "Intensive (ICU)"),
    ShownGroup(BedGroup.isolation, "Isolasi", "Isolation"),
    ShownGroup(BedGroup.ward, "Rawat inap", "Ward"),
    ShownGroup(BedGroup.maternal_newborn, "Ibu & bayi", "Maternal & newborn"),
    ShownGroup(BedGroup.emergency, "IGD", "Emergency"),
    ShownGroup(BedGroup.other, "Lainnya", "Other"),
    # Not a group of bed types: the halls' beds are isolation beds too, and pages show them apart from the hospitals'.
    ShownGroup(
        "halls",
        "Balai & isolasi terpusat",
        "Halls & isolation sites",
        (FacilityKind.isolation_site, FacilityKind.rw_hall),
    ),
)
