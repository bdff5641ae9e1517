"""Changes of many facilities at once, from the columns of a table."""

from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.registry.contact import Contact
from app.domain.registry.facility import Facility
from app.domain.registry.facility_change import FacilityChange


@dataclass(frozen=True, slots=True)
class FacilityUpdate:
    """What one row changes; `reference` is the id of the facility, or an identifier (`sirs:3374015`).

    `contact_name` and `phones` are columns of their own: None keeps that part.
    """

    reference: str
    change: FacilityChange
    contact_name: str | None = None
    phones: tuple[str, ...] | None = None

    def apply_to(self, facility: Facility, at: datetime) -> Facility:
        """The facility after the change."""
        changed = self.change.apply_to(facility, at)
        if self.contact_name is None and self.phones is None:
            return changed
        known = facility.contact or Contact()
        name = known.name if self.contact_name is None else self.contact_name
        phones = known.phones if self.phones is None else self.phones
        return replace(changed, contact=Contact(name, phones))


@dataclass(frozen=True, slots=True)
class UpdateSummary:
    """How many facilities an update changes and how many are already as it says."""

    changed: int
    unchanged: int
