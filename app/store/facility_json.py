"""Facilities as JSON: in ledger entries, and the parts of them that the table of facilities stores as text."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from app.domain.beds.freshness import Thresholds
from app.domain.channels import Channel
from app.domain.registry.contact import Contact
from app.domain.registry.facility import NO_BOUNDS, Facility, FacilityKind, LineBounds, Switch
from app.domain.registry.planned_changes import PlannedChange, Plans
from app.domain.reports.report import canonical
from app.store.json_fields import Json, drop_none, read_time, unknown_fields, write_time

_FACILITY_FIELDS = frozenset(
    {field.name for field in fields(Facility)} - {"thresholds", "lapsed_after", "more", "seq"}
    | {"stale_after_seconds", "silent_after_seconds", "lapsed_after_seconds"}
)


def facility_fields(facility: Facility) -> Json:
    """A facility as flat JSON, without its version and without fields that are None."""
    return drop_none(
        {
            "facility_id": facility.facility_id,
            "kind": facility.kind,
            "name": facility.name,
            "area_code": facility.area_code,
            "operated_by": facility.operated_by,
            "lat": facility.lat,
            "lon": facility.lon,
            "phone": facility.phone,
            "address": facility.address,
            "identifiers": facility.identifiers,
            "beds_stated": facility.beds_stated,
            "counting_channel": facility.counting_channel,
            **_threshold_fields(facility.thresholds),
            "switches": sorted(facility.switches) or None,
            "opened_at": write_time(facility.opened_at),
            "closed_at": write_time(facility.closed_at),
            "lapsed_after_seconds": facility.lapsed_after and int(facility.lapsed_after.total_seconds()),
            "line_bounds": line_bounds_rows(facility.line_bounds),
            "planned": [_plan(plan) for plan in facility.planned] or None,
            "contact": _contact(facility.contact),
        },
        facility.more,
    )


def read_facility(document: Json) -> Facility:
    """The facility in a document of `facility_fields`, with the fields that only a newer version knows."""
    channel = document.get("counting_channel")
    return Facility(
        facility_id=document["facility_id"],
        kind=FacilityKind.stored(document["kind"]),
        name=document["name"],
        area_code=document["area_code"],
        operated_by=document.get("operated_by"),
        lat=document.get("lat"),
        lon=document.get("lon"),
        phone=document.get("phone"),
        address=document.get("address"),
        identifiers=document["identifiers"],
        beds_stated=document.get("beds_stated"),
        counting_channel=channel and Channel.stored(channel),
        thresholds=read_thresholds(document.get("stale_after_seconds"), document.get("silent_after_seconds")),
        switches=frozenset(map(Switch.stored, document.get("switches", ()))),
        opened_at=read_time(document.get("opened_at")),
        closed_at=read_time(document.get("closed_at")),
        lapsed_after=read_seconds(document.get("lapsed_after_seconds")),
        line_bounds=read_line_bounds(document.get("line_bounds")),
        planned=tuple(map(_read_plan, document.get("planned", ()))),
        contact=_read_contact(document.get("contact")),
        more=unknown_fields(document, _FACILITY_FIELDS),
    )


def write_more(facility: Facility) -> str | None:
    """The fields that have no column of their own, as canonical JSON: the contact, and what a newer version added.

    An older version keeps them as unknown fields, in its board and in the same column, and so it may go on writing.
    """
    fields = drop_none({"contact": _contact(facility.contact)}, facility.more)
    return canonical(fields) if fields else None


def read_more(text: str | None) -> tuple[Contact | None, str | None]:
    """The contact in a text of `write_more`, and the fields that only a newer version knows."""
    if text is None:
        return None, None
    document = json.loads(text)
    return _read_contact(document.get("contact")), unknown_fields(document, frozenset({"contact"}))


def line_bounds_rows(bounds: Mapping[tuple[str, str], LineBounds]) -> list[list[str | int | None]] | None:
    """An officer's bounds as rows of ward code, bed type, largest total, largest occupied; None without any."""
    return [[*key, *limits] for key, limits in sorted(bounds.items())] or None


def read_line_bounds(rows: Sequence[Sequence[Any]] | None) -> Mapping[tuple[str, str], LineBounds]:
    """The bounds in these rows."""
    return {(row[0], row[1]): LineBounds(row[2], row[3]) for row in rows} if rows else NO_BOUNDS


def read_seconds(seconds: int | None) -> timedelta | None:
    """A stored duration; None without one."""
    return None if seconds is None else timedelta(seconds=seconds)


def write_plans(plans: Plans) -> str | None:
    """Planned changes as canonical JSON; None without any."""
    return canonical([_plan(plan) for plan in plans]) if plans else None


def read_plans(text: str | None) -> Plans:
    """The planned changes in this text."""
    return () if text is None else tuple(map(_read_plan, json.loads(text)))


def _plan(plan: PlannedChange) -> Json:
    return drop_none(
        {
            "plan_id": plan.plan_id,
            "effective_at": plan.effective_at.isoformat(),
            "reason": plan.reason,
            "by": plan.by,
            "changes": {name: _changed_value(name, value) for name, value in plan.changes.items()},
            "problem": plan.problem,
        }
    )


def _changed_value(name: str, value: Any) -> object:
    if isinstance(value, Thresholds):
        return _threshold_fields(value)
    if isinstance(value, timedelta):
        return int(value.total_seconds())
    if name == "line_bounds":
        return line_bounds_rows(value) or []
    if isinstance(value, Contact):
        return _contact(value)
    return sorted(value) if isinstance(value, frozenset) else value


def _contact(contact: Contact | None) -> Json | None:
    return None if contact is None else {"name": contact.name, "phones": list(contact.phones)}


def _read_contact(document: Json | None) -> Contact | None:
    return None if document is None else Contact(document.get("name"), tuple(document.get("phones", ())))


def _read_plan(document: Json) -> PlannedChange:
    return PlannedChange(
        plan_id=document["plan_id"],
        effective_at=datetime.fromisoformat(document["effective_at"]),
        reason=document["reason"],
        by=document["by"],
        changes={name: _read_changed_value(name, value) for name, value in document["changes"].items()},
        problem=document.get("problem"),
    )


def _read_changed_value(name: str, value: Any) -> object:
    """The new value of a field. A field that only a newer version knows stays as it is."""
    if value is None or name not in _VALUE_READERS:
        return value
    return _VALUE_READERS[name](value)


def _threshold_fields(limits: Thresholds | None) -> Json:
    return {
        "stale_after_seconds": limits and int(limits.stale_after.total_seconds()),
        "silent_after_seconds": limits and int(limits.silent_after.total_seconds()),
    }


def read_thresholds(stale_after_seconds: int | None, silent_after_seconds: int | None) -> Thresholds | None:
    """The thresholds of a facility; None if it has none of its own."""
    if stale_after_seconds is None or silent_after_seconds is None:
        return None
    return Thresholds(timedelta(seconds=stale_after_seconds), timedelta(seconds=silent_after_seconds))


_VALUE_READERS: dict[str, Callable[[Any], object]] = {
    "kind": FacilityKind.stored,
    "contact": _read_contact,
    "counting_channel": Channel.stored,
    "switches": lambda names: frozenset(map(Switch.stored, names)),
    "lapsed_after": read_seconds,
    "line_bounds": read_line_bounds,
    "thresholds": lambda limits: read_thresholds(limits["stale_after_seconds"], limits["silent_after_seconds"]),
}
