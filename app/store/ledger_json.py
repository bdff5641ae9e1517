"""The content of ledger entries as JSON text. It is canonical, so that the chain is computed over stable bytes.

Everything that was ever written must stay readable: fields may be added with a default, never renamed or removed.
During an upgrade nodes of two versions share the ledger. Fields of areas, facilities and keys that this version does
not know are kept in `more` and written again with them, and unknown enumeration values are kept unchanged
(`StoredEnum.stored`). Any other addition, such as a new kind of entry or a new field of a line, raises WRITER_VERSION
(app/store/writers.py): older nodes then no longer write.
"""

import json
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

from app.domain.beds.counts import COUNT_FIELDS, AvailableIs, BedCount
from app.domain.beds.freshness import Thresholds
from app.domain.channels import Channel
from app.domain.ledger import AreasRegistered, FacilitiesRegistered, KeysChanged, Matter, OfNewerVersion
from app.domain.permissions import Actor, Credential, Role, Scope, ScopeKind
from app.domain.registry.area import Area, AreaLevel
from app.domain.registry.facility import Facility, FacilityKind, Switch
from app.domain.reports.report import Report, ReportLine, canonical
from app.domain.reports.statements import CurrentLine, Moment
from app.domain.reports.withdrawal import RestoredLine, Withdrawal

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
        withdraws=_read_withdrawal(document["withdraws"]) if "withdraws" in document else None,
        lines=tuple(_read_line(line) for line in document["lines"]),
    )


def _read_withdrawal(document: Json) -> Withdrawal:
    return Withdrawal(
        of=document["of"],
        reason=document["reason"],
        lines=tuple(_read_restored(line) for line in document["lines"]),
        complete=_read_moment(document.get("complete")),
        newest=_read_moment(document.get("newest")),
        recorded_at=_read_time(document.get("recorded_at")),
    )


def _read_restored(document: Json) -> RestoredLine:
    key = document["ward_code"], document["bed_type"]
    moment = _read_moment(document) if "seq" in document else None
    if moment is None:
        return RestoredLine(*key, None)
    line, recorded_at = _read_line(document), datetime.fromisoformat(document["recorded_at"])
    return RestoredLine(*key, CurrentLine(line.ward_name, line.beds, moment, recorded_at, line.details))


def _read_moment(document: Json | None) -> Moment | None:
    return None if document is None else Moment(datetime.fromisoformat(document["observed_at"]), document["seq"])


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
    {field.name for field in fields(Facility)} - {"thresholds", "more", "seq"}
    | {"stale_after_seconds", "silent_after_seconds"}
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
    limits = facility.thresholds
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
            "stale_after_seconds": limits and int(limits.stale_after.total_seconds()),
            "silent_after_seconds": limits and int(limits.silent_after.total_seconds()),
            "switches": sorted(facility.switches) or None,
            "opened_at": _time(facility.opened_at),
            "closed_at": _time(facility.closed_at),
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
        more=_unknown_fields(document, _FACILITY_FIELDS),
    )


def read_thresholds(stale_after_seconds: int | None, silent_after_seconds: int | None) -> Thresholds | None:
    """The thresholds of a facility; None if it has none of its own."""
    if stale_after_seconds is None or silent_after_seconds is None:
        return None
    return Thresholds(timedelta(seconds=stale_after_seconds), timedelta(seconds=silent_after_seconds))


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
