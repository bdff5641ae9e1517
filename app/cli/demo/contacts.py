"""Invented duty desks. The numbers cannot be called: no exchange of Semarang begins with 000."""

from collections.abc import Iterator, Sequence

from app.domain.registry.facility import Facility, FacilityKind
from app.domain.registry.facility_change import FacilityChange
from app.domain.registry.facility_update import FacilityUpdate

# Every so many facilities one has no number, as in a real registry: adding it is an officer's work.
MISSING_EVERY = 9
_DESKS = {
    FacilityKind.hospital: "Petugas jaga TT",
    FacilityKind.clinic: "Petugas rawat inap",
    FacilityKind.isolation_site: "Posko isolasi",
    FacilityKind.rw_hall: "Ketua RW",
}


def contact_updates(facilities: Sequence[Facility]) -> Iterator[FacilityUpdate]:
    """A duty desk for most facilities."""
    for number, facility in enumerate(facilities):
        if number % MISSING_EVERY != MISSING_EVERY - 1:
            phones = (f"024-000 01{number % 100:02d}",)
            yield FacilityUpdate(facility.facility_id, FacilityChange(), _DESKS[facility.kind], phones)
