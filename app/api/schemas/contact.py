"""Whom to call at a facility: its duty desk, else its switchboard. Public."""

from app.api.schemas.facility import ContactOut
from app.domain.registry.contact import Contact
from app.domain.registry.facility import Facility


def contact(facility: Facility) -> ContactOut | None:
    """Return the duty desk; without one the switchboard as a contact without a name; None without any number."""
    switchboard = Contact(None, (facility.phone,)) if facility.phone else None
    return ContactOut.of(facility.contact or switchboard)


def phones(facility: Facility) -> list[str]:
    """Return the phone numbers to call."""
    found = contact(facility)
    return found.phones if found else []
