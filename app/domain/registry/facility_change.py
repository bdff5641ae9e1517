"""Changes of a facility: what they do, now or by plan, and which values can be true."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Final, Literal

from app.domain.beds.freshness import Thresholds
from app.domain.channels import Channel
from app.domain.errors import Conflict, Fault, InvalidInput
from app.domain.permissions import Verb
from app.domain.registry.contact import Contact, contact_faults, split_phones
from app.domain.registry.facility import (
    FACILITY_ID_PATTERN,
    IDENTIFIER_PATTERN,
    SYSTEM_PATTERN,
    Facility,
    FacilityKind,
    LineBounds,
    Switch,
)
from app.domain.registry.planned_changes import (
    AHEAD_MAX,
    PLANS_MAX,
    YEARS_AHEAD_MAX,
    PlannedChange,
    next_plan,
    with_plan,
    without_plan,
)

_TOO_FAR_AHEAD = f"is more than {YEARS_AHEAD_MAX} years ahead"


class Unset(Enum):
    """Marks a field that a change does not modify."""

    token = 0


UNSET: Final = Unset.token
_Unset = Literal[Unset.token]


@dataclass(frozen=True, slots=True)
class FacilityChange:
    """What to change. UNSET keeps a field, None removes its value."""

    name: str | _Unset = UNSET
    kind: FacilityKind | _Unset = UNSET
    area_code: str | _Unset = UNSET
    operated_by: str | _Unset | None = UNSET
    lat: float | _Unset | None = UNSET
    lon: float | _Unset | None = UNSET
    phone: str | _Unset | None = UNSET
    contact: Contact | _Unset | None = UNSET
    address: str | _Unset | None = UNSET
    identifiers: dict[str, str] | _Unset = UNSET
    beds_stated: int | _Unset | None = UNSET
    counting_channel: Channel | _Unset | None = UNSET
    thresholds: Thresholds | _Unset | None = UNSET
    switches: frozenset[Switch] | _Unset = UNSET
    lapsed_after: timedelta | _Unset | None = UNSET
    line_bounds: Mapping[tuple[str, str], LineBounds] | _Unset = UNSET
    is_open: bool | _Unset = UNSET

    @property
    def values(self) -> dict[str, Any]:
        """The new values of the fields that it changes."""
        return {f.name: value for f in fields(self) if (value := getattr(self, f.name)) is not UNSET}

    @property
    def verb(self) -> Verb:
        """The required permission: changing kind, area or identifiers needs more than changing operational fields."""
        is_registration = any(value is not UNSET for value in (self.kind, self.area_code, self.identifiers))
        return Verb.register if is_registration else Verb.change_site

    def apply_to(self, facility: Facility, at: datetime) -> Facility:
        """The facility after the change; `at` is the time of closing or opening."""
        given = self.values
        is_open = given.pop("is_open", facility.is_open)
        if "switches" in given:  # the change cannot mention switches that only a newer version knows
            given["switches"] |= facility.switches - facility.known_switches
        changed = replace(facility, **given)
        if is_open == facility.is_open:
            return changed
        return replace(changed, closed_at=None, opened_at=at) if is_open else replace(changed, closed_at=at)


_CHANGEABLE = frozenset(field.name for field in fields(FacilityChange))


def is_known(plan: PlannedChange) -> bool:
    """Whether this version knows all fields that the plan changes; otherwise only newer nodes carry it out."""
    return plan.changes.keys() <= _CHANGEABLE


def due_plan(facility: Facility, now: datetime) -> PlannedChange | None:
    """The plan that has to take effect now; None without one."""
    plan = next_plan(facility.planned)
    return plan if plan is not None and plan.effective_at <= now and is_known(plan) else None


def verb_of(plan: PlannedChange) -> Verb:
    """The permission that planning or cancelling it needs."""
    return FacilityChange(**plan.changes).verb if is_known(plan) else Verb.register


def add_plan(facility: Facility, plan: PlannedChange, now: datetime) -> Facility:
    """The facility with one more plan. Raises: InvalidInput, for its time or if it changes nothing; Conflict."""
    if plan.effective_at - now > AHEAD_MAX:
        raise InvalidInput(Fault("#/effective_at", _TOO_FAR_AHEAD))
    if not plan.changes:
        raise InvalidInput(Fault("#/effective_at", "is in the future, but no field changes then"))
    if len(facility.planned) >= PLANS_MAX:
        raise Conflict(f"{facility.facility_id} already has {PLANS_MAX} planned changes; cancel one of them first.")
    return replace(facility, planned=with_plan(facility.planned, plan))


def carry_out(facility: Facility, plan: PlannedChange) -> Facility:
    """The facility after its plan took effect. Other fields keep the values that they have by then."""
    changed = FacilityChange(**plan.changes).apply_to(facility, plan.effective_at)
    return replace(changed, planned=without_plan(facility.planned, plan))


def foresee(facility: Facility, until: PlannedChange) -> Facility:
    """The facility after the plan `until` and all that take effect before it."""
    for plan in facility.planned:
        if plan.problem is None and is_known(plan):
            facility = carry_out(facility, plan)
        if plan.plan_id == until.plan_id:
            break
    return facility


def cancel(facility: Facility, plan: PlannedChange) -> Facility:
    """The facility without this plan. One that would have opened for the first time stays closed."""
    never_opens = facility.awaits_opening and plan.opens and plan.effective_at == facility.opened_at
    return replace(
        facility,
        planned=without_plan(facility.planned, plan),
        opened_at=facility.closed_at if never_opens else facility.opened_at,
    )


def await_opening(facility: Facility, plan_id: str, *, reason: str, by: str, now: datetime) -> Facility:
    """A new facility, closed until it opens by plan if its `opened_at` is in the future."""
    if facility.opened_at is None or facility.opened_at <= now:
        return facility
    opening = PlannedChange(plan_id, facility.opened_at, reason, by, FacilityChange(is_open=True).values)
    return replace(facility, closed_at=now, planned=(opening,))


def is_same_registration(known: Facility, given: Facility) -> bool:
    """Whether a registered facility has the data that are given for its registration."""
    stated = replace(known, seq=0, more=None, switches=known.known_switches, planned=())
    if known.contact is None and given.contact == Contact(phones=split_phones(known.phone or "")):
        given = replace(given, contact=None)  # a table whose phones were not yet those of the contact
    return given == (replace(stated, closed_at=None) if known.awaits_opening else stated)


def check_facilities(facilities: Sequence[Facility], areas: Collection[str], now: datetime) -> None:
    """Check values, and that no id or identifier is named twice. Raises: InvalidInput, naming every fault."""
    faults = [Fault(f"#/{n}/{field}", why) for n, f in enumerate(facilities) for field, why in _faults(f, areas, now)]
    for field, of in (("facility_id", _ids), ("identifiers", _identifiers)):
        seen: set[object] = set()
        for n, facility in enumerate(facilities):
            for value in of(facility):
                if value in seen:
                    faults.append(Fault(f"#/{n}/{field}", f"{value} is named twice"))
                seen.add(value)
    if faults:
        raise InvalidInput(*faults)


def _ids(facility: Facility) -> list[object]:
    return [facility.facility_id]


def _identifiers(facility: Facility) -> list[object]:
    return [f"{system}:{value}" for system, value in facility.identifiers.items()]


def _faults(facility: Facility, areas: Collection[str], now: datetime) -> Iterator[tuple[str, str]]:
    if not re.fullmatch(FACILITY_ID_PATTERN, facility.facility_id):
        yield "facility_id", "must be 1 to 64 letters, digits, '.', '_' or '-', starting with a letter or digit"
    if facility.area_code not in areas:
        yield "area_code", f"there is no area {facility.area_code!r}"
    if not facility.name.strip():
        yield "name", "must not be empty"
    yield from _location_faults(facility)
    if facility.contact is not None:
        yield from contact_faults(facility.contact)
    if facility.thresholds and (why := facility.thresholds.fault()):
        yield "thresholds", why
    if facility.opened_at is not None and facility.opened_at - now > AHEAD_MAX:
        yield "opened_at", _TOO_FAR_AHEAD
    for system, value in facility.identifiers.items():
        if not re.fullmatch(SYSTEM_PATTERN, system) or not re.fullmatch(IDENTIFIER_PATTERN, value):
            yield "identifiers", f"{system}={value} does not have the form system=value, e.g. sirs=3374015"


def _location_faults(facility: Facility) -> Iterator[tuple[str, str]]:
    if (facility.lat is None) != (facility.lon is None):
        yield "lat", "lat and lon must be given together"
    if facility.lat is not None and not -90 <= facility.lat <= 90:
        yield "lat", "must be from -90 to 90"
    if facility.lon is not None and not -180 <= facility.lon <= 180:
        yield "lon", "must be from -180 to 180"
