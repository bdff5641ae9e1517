"""Matter of the ledger as text, and back. Canonical JSON, so that the chain is computed over stable bytes.

Whatever was ever written must be read for ever: fields may be added with a default, never renamed or dropped. During an
upgrade nodes of two versions share the ledger. Fields of areas, facilities and keys that this version does not know are
kept in `more` and written again with them, and words that it does not know stay as they are (`Word.stored`). What is
more than that, a new kind of entry or a new field of a line, raises WRITER_VERSION (app/store/writers.py): older nodes
then write no more.
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

Json = dict[str, Any]


def kind_of(matter: Matter) -> str:
    """The word of the ledger for this matter."""
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
    """The matter of an entry. Raises: ValueError or KeyError, when the body is not what was written."""
    said: Json = json.loads(body)
    match kind:
        case "report":
            return _read_report(said, report_id or "")
        case "areas":
            return AreasRegistered(tuple(_read_area(area) for area in said["areas"]))
        case "facilities":
            return FacilitiesRegistered(
                tuple(replace(_read_facility(facility), seq=seq) for facility in said["facilities"]),
                datetime.fromisoformat(said["effective_at"]),
                said["reason"],
            )
        case "keys":
            return KeysChanged(tuple(_read_credential(credential) for credential in said["credentials"]))
    return OfNewerVersion(kind, body)


def _read_report(said: Json, report_id: str) -> Report:
    return Report(
        facility_id=said["facility_id"],
        channel=Channel.stored(said["channel"]),
        report_id=report_id,
        observed_at=datetime.fromisoformat(said["observed_at"]),
        complete=said["complete"],
        redates=said.get("redates", False),
        lines=tuple(_read_line(line) for line in said["lines"]),
    )


def _read_line(said: Json) -> ReportLine:
    beds = None
    if not said.get("closed"):
        counts = {name: said[name] for name in COUNT_FIELDS if name in said}
        available_is = said.get("available_is")
        beds = BedCount(**counts, available_is=available_is and AvailableIs.stored(available_is))
    return ReportLine(said["bed_type"], said["ward_code"], said.get("ward_name"), beds, said.get("details"))


def _known(stated: Json, more: str | None = None) -> Json:
    said = {name: value for name, value in stated.items() if value is not None}
    return said if more is None else json.loads(more) | said


_AREA_FIELDS = frozenset({"code", "name", "level", "type", "parent", "lat", "lon"})
_FACILITY_FIELDS = frozenset(
    {field.name for field in fields(Facility)} - {"thresholds", "more", "seq"}
    | {"stale_after_seconds", "silent_after_seconds"}
)
_CREDENTIAL_FIELDS = frozenset(
    {field.name for field in fields(Credential)} - {"actor", "more", "seq"}
    | {"principal", "role", "scope_kind", "scope_id", "name"}
)


def _more(said: Json, known: frozenset[str]) -> str | None:
    """The fields of a newer version."""
    if said.keys() <= known:
        return None
    return canonical({name: value for name, value in said.items() if name not in known})


def _time(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()


def _read_time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _area(area: Area) -> Json:
    return _known(
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


def _read_area(said: Json) -> Area:
    return Area(
        said["code"],
        said["name"],
        AreaLevel.stored(said["level"]),
        said["type"],
        said.get("parent"),
        said.get("lat"),
        said.get("lon"),
        _more(said, _AREA_FIELDS),
    )


def facility_fields(facility: Facility) -> Json:
    """A facility as flat JSON, without what is not known and without its version."""
    limits = facility.thresholds
    return _known(
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


def _read_facility(said: Json) -> Facility:
    channel = said.get("counting_channel")
    return Facility(
        facility_id=said["facility_id"],
        kind=FacilityKind.stored(said["kind"]),
        name=said["name"],
        area_code=said["area_code"],
        operated_by=said.get("operated_by"),
        lat=said.get("lat"),
        lon=said.get("lon"),
        phone=said.get("phone"),
        address=said.get("address"),
        identifiers=said["identifiers"],
        beds_stated=said.get("beds_stated"),
        counting_channel=channel and Channel.stored(channel),
        thresholds=read_thresholds(said.get("stale_after_seconds"), said.get("silent_after_seconds")),
        switches=frozenset(map(Switch.stored, said.get("switches", ()))),
        opened_at=_read_time(said.get("opened_at")),
        closed_at=_read_time(said.get("closed_at")),
        more=_more(said, _FACILITY_FIELDS),
    )


def read_thresholds(stale_after_seconds: int | None, silent_after_seconds: int | None) -> Thresholds | None:
    """Thresholds of a facility that has its own."""
    if stale_after_seconds is None or silent_after_seconds is None:
        return None
    return Thresholds(timedelta(seconds=stale_after_seconds), timedelta(seconds=silent_after_seconds))


def _credential(credential: Credential) -> Json:
    actor = credential.actor
    return _known(
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


def _read_credential(said: Json) -> Credential:
    scope, channel = Scope(ScopeKind.stored(said["scope_kind"]), said.get("scope_id")), said.get("channel")
    return Credential(
        prefix=said["prefix"],
        digest=said["digest"],
        actor=Actor(said["principal"], Role.stored(said["role"]), scope, said["name"], said["prefix"]),
        created_at=datetime.fromisoformat(said["created_at"]),
        created_by=said["created_by"],
        expires_at=_read_time(said.get("expires_at")),
        revoked_at=_read_time(said.get("revoked_at")),
        channel=channel and Channel.stored(channel),
        sealed=said.get("sealed"),
        clock_hours=said.get("clock_hours", 0),
        more=_more(said, _CREDENTIAL_FIELDS),
    )
