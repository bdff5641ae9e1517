"""Areas and facilities as they stand, beside the ledger entries that made them so."""

import sys
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from sqlalchemy import RowMapping, Table, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.channels import Channel
from app.domain.errors import Conflict
from app.domain.registry.area import Area, AreaLevel
from app.domain.registry.area_changes import PlacedArea
from app.domain.registry.facility import NO_SWITCHES, Facility, FacilityKind, Switch
from app.store.ledger_json import read_thresholds
from app.store.models import AreaRow, FacilityRow, IdentifierRow
from app.store.upsert import upsert

_AREAS: Table = AreaRow.__table__  # type: ignore[assignment]
_FACILITIES: Table = FacilityRow.__table__  # type: ignore[assignment]
_IDENTIFIERS: Table = IdentifierRow.__table__  # type: ignore[assignment]
_KEYS_AT_ONCE = 5_000
_ROWS_AT_ONCE = 5_000

T = TypeVar("T")
S = TypeVar("S", str, str | None)


async def areas(connection: AsyncConnection, codes: Collection[str] | None = None) -> dict[str, PlacedArea]:
    """Areas with their depth, parents before children; all of them, or these."""
    query = select(_AREAS).order_by(_AREAS.c.depth, _AREAS.c.code)
    if codes is None:
        rows = (await connection.execute(query)).mappings()
        return {row["code"]: PlacedArea(_area(row), row["depth"]) for row in rows}
    found: dict[str, PlacedArea] = {}
    for some in _parts(codes, _KEYS_AT_ONCE):
        for row in (await connection.execute(query.where(_AREAS.c.code.in_(some)))).mappings():
            found[row["code"]] = PlacedArea(_area(row), row["depth"])
    return found


async def has_children(connection: AsyncConnection, code: str) -> bool:
    """Whether any area names this one as its parent."""
    query = select(_AREAS.c.code).where(_AREAS.c.parent == code).limit(1)
    return (await connection.execute(query)).first() is not None


async def countries(connection: AsyncConnection) -> list[str]:
    """The codes of the areas at the root."""
    return list(await connection.scalars(select(_AREAS.c.code).where(_AREAS.c.parent.is_(None))))


async def put_areas(connection: AsyncConnection, placed: Sequence[PlacedArea]) -> None:
    """Write areas with their depth, parents first."""
    for some in _parts(placed, _ROWS_AT_ONCE):
        await upsert(
            connection,
            _AREAS,
            [
                {
                    "code": one.area.code,
                    "name": one.area.name,
                    "level": str(one.area.level),
                    "type": one.area.type,
                    "parent": one.area.parent,
                    "depth": one.depth,
                    "lat": one.area.lat,
                    "lon": one.area.lon,
                    "more": one.area.more,
                }
                for one in some
            ],
        )


async def facilities(connection: AsyncConnection, ids: Collection[str] | None = None) -> dict[str, Facility]:
    """All facilities, or these."""
    identifiers: dict[str, dict[str, str]] = {}
    found: dict[str, Facility] = {}
    for some in [None] if ids is None else _parts(ids, _KEYS_AT_ONCE):
        named, rows = select(_IDENTIFIERS), select(_FACILITIES)
        if some is not None:
            named = named.where(_IDENTIFIERS.c.facility_id.in_(some))
            rows = rows.where(_FACILITIES.c.facility_id.in_(some))
        for row in (await connection.execute(named)).mappings():
            identifiers.setdefault(row["facility_id"], {})[row["system"]] = row["value"]
        for row in (await connection.execute(rows)).mappings():
            found[row["facility_id"]] = _facility(row, identifiers.get(row["facility_id"], {}))
    return found


async def put_facilities(connection: AsyncConnection, changed: Sequence[Facility]) -> None:
    """Write facilities with their identifiers. Raises: Conflict, when another facility has an identifier."""
    for some in _parts(changed, _ROWS_AT_ONCE):
        await upsert(connection, _FACILITIES, [_facility_row(facility) for facility in some])
        ids = [facility.facility_id for facility in some]
        await connection.execute(delete(_IDENTIFIERS).where(_IDENTIFIERS.c.facility_id.in_(ids)))
    rows = [
        {"system": system, "value": value, "facility_id": facility.facility_id}
        for facility in changed
        for system, value in facility.identifiers.items()
    ]
    if rows:
        try:
            await connection.execute(_IDENTIFIERS.insert(), rows)
        except IntegrityError as error:
            raise Conflict("An identifier is already taken by another facility.") from error


async def holders(connection: AsyncConnection, identifiers: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Which facilities have these (system, value)."""
    found: dict[tuple[str, str], str] = {}
    for some in _parts(identifiers, _KEYS_AT_ONCE):
        query = select(_IDENTIFIERS).where(_IDENTIFIERS.c.value.in_([value for _, value in some]))
        for row in (await connection.execute(query)).mappings():
            found[row["system"], row["value"]] = row["facility_id"]
    return found


def _parts(items: Collection[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part


def _once(text: S) -> S:
    """A text of which there are few, held once: a country repeats them 300,000 times."""
    return text and sys.intern(text)


def _area(row: RowMapping) -> Area:
    level = AreaLevel.stored(row["level"])
    kind, parent = _once(row["type"]), _once(row["parent"])
    return Area(row["code"], row["name"], level, kind, parent, row["lat"], row["lon"], row["more"])


def _facility(row: RowMapping, identifiers: dict[str, str]) -> Facility:
    channel = row["counting_channel"]
    return Facility(
        facility_id=row["facility_id"],
        kind=FacilityKind.stored(row["kind"]),
        name=row["name"],
        area_code=_once(row["area_code"]),
        operated_by=_once(row["operated_by"]),
        lat=row["lat"],
        lon=row["lon"],
        phone=row["phone"],
        address=row["address"],
        identifiers=identifiers,
        beds_stated=row["beds_stated"],
        counting_channel=channel and Channel.stored(channel),
        thresholds=read_thresholds(row["stale_after_seconds"], row["silent_after_seconds"]),
        switches=frozenset(map(Switch.stored, row["switches"].split())) if row["switches"] else NO_SWITCHES,
        opened_at=row["opened_at"],
        closed_at=row["closed_at"],
        more=row["more"],
        seq=row["seq"],
    )


def _facility_row(facility: Facility) -> dict[str, object]:
    limits, channel = facility.thresholds, facility.counting_channel
    return {
        "facility_id": facility.facility_id,
        "kind": str(facility.kind),
        "name": facility.name,
        "area_code": facility.area_code,
        "operated_by": facility.operated_by,
        "lat": facility.lat,
        "lon": facility.lon,
        "phone": facility.phone,
        "address": facility.address,
        "beds_stated": facility.beds_stated,
        "counting_channel": channel and str(channel),
        "stale_after_seconds": limits and int(limits.stale_after.total_seconds()),
        "silent_after_seconds": limits and int(limits.silent_after.total_seconds()),
        "switches": " ".join(sorted(facility.switches)) or None,
        "opened_at": facility.opened_at,
        "closed_at": facility.closed_at,
        "more": facility.more,
        "seq": facility.seq,
    }
