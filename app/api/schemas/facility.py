"""Facilities as they are registered: places with beds (*fasyankes*)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, model_validator

from app.api.schemas.fields import (
    AreaCode,
    Count,
    Days,
    Hours,
    Latitude,
    Longitude,
    Moment,
    Name,
    Note,
    OperatorCode,
    Text,
    Wire,
)
from app.domain.beds.freshness import Thresholds
from app.domain.channels import Channel
from app.domain.registry.contact import (
    PHONE_LENGTH_MAX,
    PHONE_LENGTH_MIN,
    PHONE_PATTERN,
    PHONES_MAX,
    Contact,
    contact_or_none,
)
from app.domain.registry.facility import (
    FACILITY_ID_PATTERN,
    IDENTIFIER_PATTERN,
    NO_SWITCHES,
    SYSTEM_PATTERN,
    Facility,
    FacilityKind,
    LineBounds,
    Switch,
)
from app.domain.registry.planned_changes import PlannedChange

FACILITIES_MAX = 5_000
IDENTIFIERS_LENGTH_MAX = 1_000
FACILITY_EXAMPLE: dict[str, JsonValue] = {
    "facility_id": "rs-3374010",
    "kind": "hospital",
    "name": "RSUP Dr. Kariadi",
    "area_code": "33.74.04.1007",
    "operated_by": "state",
    "lat": -6.99354,
    "lon": 110.40774,
    "phone": "024 8413476",
    "contact": {"name": "Posko TT RSUP Dr. Kariadi", "phones": ["024 8413476", "+62 811 0000 000"]},
    "identifiers": {"sirs": "3374015"},
}


def _parse_pairs(value: object) -> object:
    """Parse the text form used in tables, `sirs=3374015;bpjs=1199R001`, into an object."""
    if not isinstance(value, str):
        return value
    pairs: dict[str, str] = {}
    for part in filter(str.strip, value[:IDENTIFIERS_LENGTH_MAX].split(";")):
        system, equals, name = map(str.strip, part.partition("="))
        if not equals or system in pairs or len(value) > IDENTIFIERS_LENGTH_MAX:
            raise ValueError("must be an object, or text such as sirs=3374015;bpjs=1199R001, each system once")
        pairs[system] = name
    return pairs


Identifiers = Annotated[
    dict[
        Annotated[str, Field(pattern=SYSTEM_PATTERN)],
        Annotated[str, Field(pattern=IDENTIFIER_PATTERN)],
    ],
    BeforeValidator(_parse_pairs),
    Field(
        max_length=20,
        description="Its codes in other systems (*kode faskes*): sirs (ministry), bpjs (PPK), satusehat, ...",
    ),
]
FacilityId = Annotated[
    str, Field(pattern=FACILITY_ID_PATTERN, description="You choose it once; it never changes. No `:` in it.")
]


Switches = Annotated[
    frozenset[Switch],
    Field(
        max_length=10,
        description="Protocol options: sirs_status (rows not stored are HTTP 4xx), aplicares_strict "
        "(code 0 as nationally), aplicares_utc (no local clocks), relay_sirs, relay_aplicares (messages are relayed).",
    ),
]


# Its form is checked by the domain, like that of tables, and so is the number of phones.
Phone = Annotated[
    Text,
    Field(
        json_schema_extra={
            "pattern": PHONE_PATTERN, "minLength": PHONE_LENGTH_MIN, "maxLength": PHONE_LENGTH_MAX
        }
    ),
]  # fmt: skip


class ContactIn(Wire):
    """The duty desk (*petugas jaga*): whom to call about beds, day and night. It is public."""

    name: Name | None = None
    phones: Annotated[list[Phone], Field(max_length=PHONES_MAX)] = Field(
        default=[], description="Up to 5 numbers of digits, spaces and + - ( ), the first one to call first."
    )

    def to_domain(self) -> Contact | None:
        """Convert to the domain's contact; None if it says nothing."""
        return contact_or_none(self.name, tuple(phone.strip() for phone in self.phones))


class ContactOut(BaseModel):
    """The duty desk of a facility."""

    name: str | None
    phones: list[str]

    @classmethod
    def of(cls, contact: Contact | None) -> Self | None:
        """Convert from the domain's contact; None without one."""
        return None if contact is None else cls(name=contact.name, phones=list(contact.phones))


class FacilityIn(Wire):
    """A facility to register."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [FACILITY_EXAMPLE]})

    facility_id: FacilityId
    kind: FacilityKind = Field(
        description="hospital (*rumah sakit*), clinic (*puskesmas, klinik*), isolation_site, rw_hall (*balai RW*)."
    )
    name: Name
    area_code: AreaCode = Field(description="The smallest area known to contain it (*kode wilayah*).")
    operated_by: OperatorCode | None = Field(
        default=None, description="Who runs it (*pengelola*): city, kecamatan, kelurahan, rw, private, ..."
    )
    lat: Latitude | None = None
    lon: Longitude | None = None
    phone: Annotated[Text, Field(max_length=40)] | None = None
    contact: ContactIn | None = Field(default=None, description="The duty desk; `phone` is the switchboard.")
    address: Annotated[Text, Field(max_length=300)] | None = None
    identifiers: Identifiers = Field(default={})
    beds_stated: Count | None = Field(default=None, description="Beds according to a register; shown, never added up.")
    counting_channel: Channel | None = Field(
        default=None, description="The channel that counts, if an officer chooses it; default: the rule."
    )
    switches: Switches = NO_SWITCHES
    stale_after_hours: Hours | None = None
    silent_after_hours: Hours | None = None
    lapsed_after_days: Days | None = Field(
        default=None,
        description="Days after which a line that nobody reports adds nothing, at least silent_after_hours; "
        "default: the setting.",
    )
    opened_at: Moment | None = Field(
        default=None, description="When it opened or will open: until then it accepts no reports and counts in no sum."
    )

    @model_validator(mode="after")
    def _check_thresholds(self) -> Self:
        thresholds(self.stale_after_hours, self.silent_after_hours)
        return self

    def to_domain(self) -> Facility:
        """Convert to the domain's facility."""
        fields = self.model_dump(exclude={"stale_after_hours", "silent_after_hours", "lapsed_after_days", "contact"})
        return Facility(
            **fields,
            contact=None if self.contact is None else self.contact.to_domain(),
            thresholds=thresholds(self.stale_after_hours, self.silent_after_hours),
            lapsed_after=days(self.lapsed_after_days),
        )


def days(number: float | None) -> timedelta | None:
    """A number of days as a duration; None without one."""
    return None if number is None else timedelta(days=number)


def thresholds(stale: float | None, silent: float | None) -> Thresholds | None:
    """Combine both thresholds, in hours; None if neither is set. Raises: ValueError."""
    if stale is None and silent is None:
        return None
    if stale is None or silent is None:
        raise ValueError("stale_after_hours and silent_after_hours go together")
    if stale > silent:
        raise ValueError("silent_after_hours must not be less than stale_after_hours")
    return Thresholds(timedelta(hours=stale), timedelta(hours=silent))


class LineBoundsOut(BaseModel):
    """The largest plausible counts of one line; null: no limit."""

    ward_code: str
    bed_type: str
    beds_total_max: int | None
    beds_occupied_max: int | None


class PlannedChangeOut(BaseModel):
    """A change that takes effect in the future."""

    plan_id: str
    effective_at: datetime
    reason: str
    changes: dict[str, Any] = Field(
        description="The new values of the fields that change, as in a change of the facility; `is_open`: it opens or "
        "closes."
    )
    problem: str | None = Field(description="Why it could not take effect; it is kept until it is cancelled.")


def planned_change(plan: PlannedChange) -> PlannedChangeOut:
    """Convert from the domain's planned change."""
    changes: dict[str, Any] = {}
    for name, value in plan.changes.items():
        if name == "thresholds":
            changes |= _hours(value)
        elif name == "lapsed_after":
            changes["lapsed_after_days"] = _days(value)
        elif name == "contact":
            changes[name] = value and ContactOut.of(value)
        elif name == "line_bounds":
            changes[name] = [bounds.model_dump() for bounds in line_bounds(value)]
        else:
            changes[name] = sorted(value) if isinstance(value, frozenset) else value
    return PlannedChangeOut(
        plan_id=plan.plan_id,
        effective_at=plan.effective_at,
        reason=plan.reason,
        changes=changes,
        problem=plan.problem,
    )


def line_bounds(bounds: Mapping[tuple[str, str], LineBounds]) -> list[LineBoundsOut]:
    """Convert from the domain's bounds."""
    return [
        LineBoundsOut(ward_code=key[0], bed_type=key[1], **limits._asdict()) for key, limits in sorted(bounds.items())
    ]


def _days(duration: timedelta | None) -> float | None:
    return None if duration is None else duration / timedelta(days=1)


def _hours(limits: Thresholds | None) -> dict[str, float | None]:
    return {
        "stale_after_hours": None if limits is None else limits.stale_after / timedelta(hours=1),
        "silent_after_hours": None if limits is None else limits.silent_after / timedelta(hours=1),
    }


class FacilityOut(BaseModel):
    """A registered facility."""

    facility_id: str
    kind: FacilityKind
    name: str
    area_code: str
    operated_by: str | None
    lat: float | None
    lon: float | None
    phone: str | None
    contact: ContactOut | None = Field(description="The duty desk (*petugas jaga*): whom to call about beds.")
    address: str | None
    identifiers: dict[str, str]
    beds_stated: int | None
    pinned_channel: Channel | None = Field(description="The channel that an officer chose; null: the rule.")
    switches: list[Switch] = Field(description="Protocol options.")
    stale_after_hours: float | None = Field(description="Set for this facility; null: the default of its kind.")
    silent_after_hours: float | None
    lapsed_after_days: float | None = Field(description="Set for this facility; null: the setting of the service.")
    line_bounds: list[LineBoundsOut] = Field(description="The largest plausible counts that an officer set.")
    is_open: bool
    opened_at: datetime | None
    closed_at: datetime | None
    planned: list[PlannedChangeOut] = Field(description="Changes that take effect in the future, by time.")
    version: int = Field(description="Ledger position of its last change; send it in quotes as If-Match.")


def registered(facility: Facility) -> dict[str, Any]:
    """Return the fields of FacilityOut."""
    names = set(FacilityOut.model_fields) - {
        "pinned_channel", "switches", "stale_after_hours", "silent_after_hours", "version", "lapsed_after_days",
        "line_bounds", "planned", "contact",
    }  # fmt: skip
    return {name: getattr(facility, name) for name in names} | {
        "pinned_channel": facility.counting_channel,
        "switches": sorted(facility.switches),
        "lapsed_after_days": _days(facility.lapsed_after),
        "line_bounds": line_bounds(facility.line_bounds),
        **_hours(facility.thresholds),
        "contact": ContactOut.of(facility.contact),
        "planned": [planned_change(plan) for plan in facility.planned],
        "version": facility.seq,
    }


class RegisteredFacilitiesOut(BaseModel):
    """Registered facilities."""

    facilities: list[FacilityOut]


class Dated(Wire):
    """Reason and effective time of a change."""

    reason: Note = Field(default="", description="Reason (*alasan*), stored in the ledger.")
    effective_at: Moment | None = Field(
        default=None,
        description="When it took or takes effect; default: now. In the future: it is planned, at most 5 years ahead.",
    )
