"""Facilities: places with beds."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from app.domain.beds.freshness import Thresholds, hours
from app.domain.channels import Channel
from app.domain.registry.contact import Contact
from app.domain.registry.planned_changes import Plans
from app.domain.vocabulary import StoredEnum

FACILITY_ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
SYSTEM_PATTERN = r"^[a-z][a-z0-9_]{0,31}$"
IDENTIFIER_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$"

_SYSTEM_AND_VALUE = re.compile(r"([a-z][a-z0-9_]{0,31}):(.+)")


class FacilityKind(StoredEnum):
    """The kind of a facility. `clinic` is a puskesmas or klinik."""

    hospital = "hospital"
    clinic = "clinic"
    isolation_site = "isolation_site"
    rw_hall = "rw_hall"


class Switch(StoredEnum):
    """A per-facility deviation from the default protocol behaviour, for software that needs it."""

    sirs_status = "sirs_status"  # a row that was not stored returns HTTP 404, 409 or 422 instead of 200
    aplicares_strict = "aplicares_strict"  # update of an unknown room, create of a known one: code 0, as nationally
    aplicares_utc = "aplicares_utc"  # timestamps in local time are refused
    relay_sirs = "relay_sirs"  # accepted messages are relayed to the ministry
    relay_aplicares = "relay_aplicares"  # ... to the insurer


NO_SWITCHES: frozenset[Switch] = frozenset()

# docs/api.md. A hospital is expected to report every few hours, a hall once a day.
DEFAULT_THRESHOLDS = {
    FacilityKind.hospital: hours(6, 24),
    FacilityKind.clinic: hours(24, 72),
    FacilityKind.isolation_site: hours(24, 72),
    FacilityKind.rw_hall: hours(24, 72),
}


class LineBounds(NamedTuple):
    """The largest plausible counts of one line, set by an officer; None: no limit."""

    beds_total_max: int | None = None
    beds_occupied_max: int | None = None


NO_BOUNDS: Mapping[tuple[str, str], LineBounds] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Facility:
    """A place with beds, in its current registered state.

    Shape: belongs to exactly one area, of any level, the lowest that is known. `identifiers` maps a system
        (`sirs`, `bpjs`, ...) to this facility's code in it. `counting_channel` and `thresholds` are set if an
        officer overrides the default rule. `closed_at` is set while it is closed; `seq` is the ledger position of
        its last change and serves as its version. `planned` is sorted by time. Until a facility opens for the first
        time it is closed, and `opened_at` is in the future.
        `contact` is the duty desk, `phone` the switchboard; both are public.
        `line_bounds` are an officer's limits for lines by (ward code, bed type); they replace the plausibility rules.
    Units: `lapsed_after` is the age from which a line adds nothing to any sum. `beds_stated` is the number of beds in
        an external register, shown beside reported beds and never summed.
    """

    facility_id: str
    kind: FacilityKind
    name: str
    area_code: str
    operated_by: str | None = None
    lat: float | None = None
    lon: float | None = None
    phone: str | None = None
    address: str | None = None
    identifiers: dict[str, str] = field(default_factory=dict)
    beds_stated: int | None = None
    counting_channel: Channel | None = None
    thresholds: Thresholds | None = None
    switches: frozenset[Switch] = NO_SWITCHES
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    lapsed_after: timedelta | None = None
    line_bounds: Mapping[tuple[str, str], LineBounds] = field(default_factory=lambda: NO_BOUNDS)
    seq: int = 0
    more: str | None = None  # fields that only a newer version knows, canonical JSON: kept when it is written again
    planned: Plans = ()
    contact: Contact | None = None

    @property
    def is_open(self) -> bool:
        """Whether it accepts reports and counts in roll-ups."""
        return self.closed_at is None

    def was_open_at(self, at: datetime) -> bool:
        """Whether it was open at this time in the past, since it was last opened."""
        return (self.opened_at is None or at >= self.opened_at) and (self.closed_at is None or at < self.closed_at)

    @property
    def opens_at(self) -> datetime | None:
        """When it opens by plan; None while it is open, or without such a plan."""
        times = (plan.effective_at for plan in self.planned if plan.opens and plan.problem is None)
        return None if self.is_open else next(times, None)

    @property
    def awaits_opening(self) -> bool:
        """Whether it was registered before its first opening, which is still planned."""
        return not self.is_open and any(plan.opens and plan.effective_at == self.opened_at for plan in self.planned)

    @property
    def known_switches(self) -> frozenset[Switch]:
        """The switches that this version knows."""
        return frozenset(switch for switch in self.switches if switch.is_known)


def split_identifier(text: str) -> tuple[str, str] | None:
    """`("sirs", "3374010")` for `"sirs:3374010"`; None if the text is a plain facility id."""
    match = _SYSTEM_AND_VALUE.fullmatch(text)
    return (match[1], match[2]) if match else None
