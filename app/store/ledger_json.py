"""The content of ledger entries as JSON text. It is canonical, so that the chain is computed over stable bytes.

Everything that was ever written must stay readable: fields may be added with a default, never renamed or removed.
During an upgrade nodes of two versions share the ledger. Fields of areas, facilities and keys that this version does
not know are kept in `more` and written again with them, and unknown enumeration values are kept unchanged
(`StoredEnum.stored`), and so are unknown fields that a planned change will change. Any other addition, such as a new
kind of entry or a new field of a line, raises WRITER_VERSION (app/store/writers.py): older nodes then no longer write.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

from app.domain.beds.counts import COUNT_FIELDS, AvailableIs, BedCount
from app.domain.beds.freshness import Thresholds
from app.domain.channels import Channel
from app.domain.ledger import AreasRegistered, FacilitiesRegistered, KeysChanged, Matter, OfNewerVersion
from app.domain.permissions import Actor, Credential, Role, Scope, ScopeKind
from app.domain.registry.area import Area, AreaLevel
from app.domain.registry.facility import NO_BOUNDS, Facility, FacilityKind, LineBounds, Switch
from app.domain.registry.planned_changes import PlannedChange, Plans
from app.domain.reports.report import LineKey, Report, ReportLine, canonical
from app.domain.reports.statements import CurrentLine, Moment
from app.domain.reports.withdrawal import RestoredLine, RestoredStatement, Withdrawal

Json = dict[str, Any]


def kind_of(matter: Matter) -> str:
    """The name of this kind of entry in the ledger."""
    match matter:
        case Report():
            return "report"
        case AreasRegistered():
            return "areas"
        case FacilitiesRegistered():
            return "facilities"
        case KeysChanged():
            return "keys"
        case OfNewerVersion(kind):
            return kind


def write(matter: Matter) -> str:
    """The body of an entry."""
    match matter:
        case Report():
            return matter.content()
        case AreasRegistered(areas):
            return canonical({"areas": [_area(area) for area in areas]})
        case FacilitiesRegistered(facilities, effective_at, reason):
            return canonical(
                {
                    "facilities": [facility_fields(facility) for facility in facilities],
                    "effective_at": effective_at.isoformat(),
                    "reason": reason,
                }
            )
        case KeysChanged(credentials):
            return canonical({"credentials": [_credential(credential) for credential in credentials]})
        case OfNewerVersion(body=body):
            return body


def read(kind: str, body: str, *, seq: int, report_id: str | None) -> Matter:
    """The content of an entry. Raises: ValueError or KeyError, when the body was changed after it was written."""
    document: Json = json.loads(body)
    match kind:
        case "report":
            return _read_report(document, report_id or "")
        case "areas":
            return AreasRegistered(tuple(_read_area(area) for area in document["areas"]))
        case "facilities":
            return FacilitiesRegistered(
                tuple(replace(_read_facility(facility), seq=seq) for facility in document["facilities"]),
                datetime.fromisoformat(document["effective_at"]),
                document["reason"],
            )
        case "keys":
            return KeysChanged(tuple(_read_credential(credential) for credential in document["credentials"]))
    return OfNewerVersion(kind, body)


def _read_report(document: Json, report_id: str) -> Report:
    return Report(
        facility_id=document["facility_id"],
        channel=Channel.stored(document["channel"]),
        report_id=report_id,
        observed_at=datetime.fromisoformat(document["observed_at"]),
        complete=document["complete"],
        redates=document.get("redates", False),
        confirms=frozenset(LineKey(*key) for key in document.get("confirms", ())),
        reason=document.get("reason", ""),
        withdraws=_read_withdrawal(document["withdraws"]) if "withdraws" in document else None,
        lines=tuple(_read_line(line) for line in document["lines"]),
    )


def _read_withdrawal(document: Json) -> Withdrawal:
    return Withdrawal(
        of=document["of"],
        reason=document["reason"],
        lines=tuple(_read_restored(line) for line in document["lines"]),
        complete=_read_moment(document["complete"]) if "complete" in document else None,
        newest=_read_moment(document["newest"]) if "newest" in document else None,
        recorded_at=_read_time(document.get("recorded_at")),
        implausible=tuple(_read_statement(statement) for statement in document.get("implausible", ())),
    )


def _read_restored(document: Json) -> RestoredLine:
    if "seq" not in document:
        return RestoredLine(document["ward_code"], document["bed_type"], None)
    return RestoredLine(*_read_statement(document))


def _read_statement(document: Json) -> RestoredStatement:
    line, recorded_at = _read_line(document), datetime.fromisoformat(document["recorded_at"])
    statement = CurrentLine(line.ward_name, line.beds, _read_moment(document), recorded_at, line.details)
    return RestoredStatement(document["ward_code"], document["bed_type"], statement)


def _read_moment(document: Json) -> Moment:
    return Moment(datetime.fromisoformat(document["observed_at"]), document["seq"])


def _read_line(document: Json) -> ReportLine:
    beds = None
    if not document.get("closed"):
        counts = {name: document[name] for name in COUNT_FIELDS if name in document}
        available_is = document.get("available_is")
        beds = BedCount(**counts, available_is=available_is and AvailableIs.stored(available_is))
    return ReportLine(
        document["bed_type"], document["ward_code"], document.get("ward_name"), beds, document.get("details")
    )


def _drop_none(stated: Json, more: str | None = None) -> Json:
    """The fields that are not None, with those that only a newer version knows (`more`)."""
    document = {name: value for name, value in stated.items() if value is not None}
    return document if more is None else json.loads(more) | document


_AREA_FIELDS = frozenset({"code", "name", "level", "type", "parent", "lat", "lon"})
_FACILITY_FIELDS = frozenset(
    {field.name for field in fields(Facility)} - {"thresholds", "lapsed_after", "more", "seq"}
    | {"stale_after_seconds", "silent_after_seconds", "lapsed_after_seconds"}
)
_CREDENTIAL_FIELDS = frozenset(
    {field.name for field in fields(Credential)} - {"actor", "more", "seq"}
    | {"principal", "role", "scope_kind", "scope_id", "name"}
)


def _unknown_fields(document: Json, known: frozenset[str]) -> str | None:
    """The fields that only a newer version knows, as canonical JSON; None without any."""
    if document.keys() <= known:
        return None
    return canonical({name: value for name, value in document.items() if name not in known})


def _time(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()


def _read_time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _area(area: Area) -> Json:
    return _drop_none(
        {
            "code": area.code,
            "name": area.name,
            "level": area.level,
            "type": area.type,
            "parent": area.parent,
            "lat": area.lat,
            "lon": area.lon,
        },
        area.more,
    )


def _read_area(document: Json) -> Area:
    return Area(
        document["code"],
        document["name"],
        AreaLevel.stored(document["level"]),
        document["type"],
        document.get("parent"),
        document.get("lat"),
        document.get("lon"),
        _unknown_fields(document, _AREA_FIELDS),
    )


def facility_fields(facility: Facility) -> Json:
    """A facility as flat JSON, without its version and without fields that are None."""
    return _drop_none(
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
            "opened_at": _time(facility.opened_at),
            "closed_at": _time(facility.closed_at),
            "lapsed_after_seconds": facility.lapsed_after and int(facility.lapsed_after.total_seconds()),
            "line_bounds": line_bounds_rows(facility.line_bounds),
            "planned": [_plan(plan) for plan in facility.planned] or None,
        },
        facility.more,
    )


def _read_facility(document: Json) -> Facility:
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
        opened_at=_read_time(document.get("opened_at")),
        closed_at=_read_time(document.get("closed_at")),
        lapsed_after=read_seconds(document.get("lapsed_after_seconds")),
        line_bounds=read_line_bounds(document.get("line_bounds")),
        planned=tuple(map(_read_plan, document.get("planned", ()))),
        more=_unknown_fields(document, _FACILITY_FIELDS),
    )


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
    return _drop_none(
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
    return sorted(value) if isinstance(value, frozenset) else value


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
    "counting_channel": Channel.stored,
    "switches": lambda names: frozenset(map(Switch.stored, names)),
    "lapsed_after": read_seconds,
    "line_bounds": read_line_bounds,
    "thresholds": lambda limits: read_thresholds(limits["stale_after_seconds"], limits["silent_after_seconds"]),
}


def _credential(credential: Credential) -> Json:
    actor = credential.actor
    return _drop_none(
        {
            "prefix": credential.prefix,
            "digest": credential.digest,
            "principal": actor.principal,
            "role": actor.role,
            "scope_kind": actor.scope.kind,
            "scope_id": actor.scope.id,
            "name": actor.name,
            "created_at": _time(credential.created_at),
            "created_by": credential.created_by,
            "expires_at": _time(credential.expires_at),
            "revoked_at": _time(credential.revoked_at),
            "channel": credential.channel,
            "sealed": credential.sealed,
            "clock_hours": credential.clock_hours or None,
        },
        credential.more,
    )


def _read_credential(document: Json) -> Credential:
    scope, channel = Scope(ScopeKind.stored(document["scope_kind"]), document.get("scope_id")), document.get("channel")
    return Credential(
        prefix=document["prefix"],
        digest=document["digest"],
        actor=Actor(document["principal"], Role.stored(document["role"]), scope, document["name"], document["prefix"]),
        created_at=datetime.fromisoformat(document["created_at"]),
        created_by=document["created_by"],
        expires_at=_read_time(document.get("expires_at")),
        revoked_at=_read_time(document.get("revoked_at")),
        channel=channel and Channel.stored(channel),
        sealed=document.get("sealed"),
        clock_hours=document.get("clock_hours", 0),
        more=_unknown_fields(document, _CREDENTIAL_FIELDS),
    )
