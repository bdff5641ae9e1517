from collections.abc import Collection

from app.domain.beds.counts import BedCount
from app.domain.registry.facility import FacilityKind


def flags_of(
    bed_type: str, beds: BedCount, *, kind: FacilityKind, beds_stated: int | None, reported: Collection[str]
) -> tuple[str, ...]:
    """STUB until the other branch is merged."""
    total, occupied = beds.beds_total, beds.beds_occupied
    return ("over_capacity",) if total is not None and occupied is not None and occupied > total else ()
