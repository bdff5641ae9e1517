"""What a citizen may look for on the public page, and which beds meet it."""

from dataclasses import dataclass

from app.board.offers import ANY_BED, Need
from app.domain.beds.bed_types import BED_TYPES, BedGroup
from app.domain.registry.facility import FacilityKind

_HOSPITALS = frozenset({FacilityKind.hospital, FacilityKind.clinic})
_HALLS = frozenset({FacilityKind.isolation_site, FacilityKind.rw_hall})


@dataclass(frozen=True, slots=True)
class Care:
    """A choice: the beds that will do, and the kinds of facility that are asked."""

    needs: frozenset[Need]
    kind: frozenset[FacilityKind] = _HOSPITALS


def _of_level(*levels: str) -> frozenset[Need]:
    return frozenset(Need(bed_type=code) for code, bed_type in BED_TYPES.items() if bed_type.care_level in levels)


# In the order of the page; the first one is the usual one. Texts: public.need.*
CARE = {
    "ward": Care(frozenset({Need(group=BedGroup.ward)})),
    "icu": Care(_of_level("icu")),
    "isolation": Care(frozenset({Need(group=BedGroup.isolation)})),
    "emergency": Care(frozenset({Need(group=BedGroup.emergency)})),
    "delivery": Care(_of_level("delivery")),
    "nicu": Care(_of_level("nicu")),
    "hall": Care(frozenset({ANY_BED}), _HALLS),
}
USUAL = next(iter(CARE))
