"""The content of ledger entries as JSON text. It is canonical, so that the chain is computed over stable bytes.

Everything that was ever written must stay readable: fields may be added with a default, never renamed or removed.
During an upgrade nodes of two versions share the ledger. Fields of areas, facilities and keys that this version does
not know are kept in `more` and written again with them, and unknown enumeration values are kept unchanged
(`StoredEnum.stored`), and so are unknown fields that a planned change will change. Any other addition, such as a new
kind of entry or a new field of a line, raises WRITER_VERSION (app/store/writers.py): older nodes then no longer write.
"""

import json
from dataclasses import fields, replace
from datetime import datetime

from app.domain.beds.counts import COUNT_FIELDS, AvailableIs, BedCount
from app.domain.channels import Channel
from app.domain.ledger import AreasRegistered, FacilitiesRegistered, KeysChanged, Matter, OfNewerVersion
from app.domain.permissions import Actor, Credential, Role, Scope, ScopeKind
from app.domain.registry.area import Area, AreaLevel
from app.domain.reports.report import Confirmation, LineKey, Report, ReportLine, canonical
from app.domain.reports.statements import CurrentLine, Moment
from app.domain.reports.withdrawal import RestoredLine, RestoredStatement, Withdrawal
from app.store.credential_json import ended_sessions, read_ended_sessions
from app.store.facility_json import facility_fields, read_facility
from app.store.json_fields import Json, drop_none, read_time, unknown_fields, write_time


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
                tuple(replace(read_facility(facility), seq=seq) for facility in document["facilities"]),
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
        confirms=frozenset(Confirmation(LineKey(*key), seq) for *key, seq in document.get("confirms", ())),
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
        recorded_at=read_time(document.get("recorded_at")),
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


_AREA_FIELDS = frozenset({"code", "name", "level", "type", "parent", "lat", "lon"})
_CREDENTIAL_FIELDS = frozenset(
    {field.name for field in fields(Credential)} - {"actor", "more", "seq"}
    | {"principal", "role", "scope_kind", "scope_id", "name"}
)


def _area(area: Area) -> Json:
    return drop_none(
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
        unknown_fields(document, _AREA_FIELDS),
    )


def _credential(credential: Credential) -> Json:
    actor = credential.actor
    return drop_none(
        {
            "prefix": credential.prefix,
            "digest": credential.digest,
            "principal": actor.principal,
            "role": actor.role,
            "scope_kind": actor.scope.kind,
            "scope_id": actor.scope.id,
            "name": actor.name,
            "created_at": write_time(credential.created_at),
            "created_by": credential.created_by,
            "expires_at": write_time(credential.expires_at),
            "revoked_at": write_time(credential.revoked_at),
            "channel": credential.channel,
            "sealed": credential.sealed,
            "clock_hours": credential.clock_hours or None,
            "ended_sessions": ended_sessions(credential.ended_sessions),
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
        expires_at=read_time(document.get("expires_at")),
        revoked_at=read_time(document.get("revoked_at")),
        channel=channel and Channel.stored(channel),
        sealed=document.get("sealed"),
        clock_hours=document.get("clock_hours", 0),
        ended_sessions=read_ended_sessions(document.get("ended_sessions")),
        more=unknown_fields(document, _CREDENTIAL_FIELDS),
    )
