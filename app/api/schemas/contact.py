"""The duty desk of a facility: whom to call. Public."""

from pydantic import BaseModel, Field

from app.domain.registry.facility import Facility


class ContactOut(BaseModel):
    """Whom to call at a facility."""

    name: str | None = Field(description="Of the desk, not of a person.")
    phones: list[str]


def contact(facility: Facility) -> ContactOut | None:
    """Return the contact of a facility: its duty desk, else its switchboard; None without a phone number."""
    desk = facility.contact
    if desk is not None and desk.phones:
        return ContactOut(name=desk.name, phones=list(desk.phones))
    return ContactOut(name=None, phones=[facility.phone]) if facility.phone else None


def phones(facility: Facility) -> list[str]:
    """Return the phone numbers of a facility."""
    found = contact(facility)
    return found.phones if found else []
