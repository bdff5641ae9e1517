"""The current areas and facilities, which are derived from ledger entries."""

import json
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
from app.domain.reports.report import canonical
from app.store.facility_json import (
    line_bounds_rows,
    read_line_bounds,
    read_more,
    read_plans,
    read_seconds,
    read_thresholds,
    write_more,
    write_plans,
)
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
    """Areas by code with their depth, parents before children: all of them, or those with these codes."""
    query = select(_AREAS).order_by(_AREAS.c.depth, _AREAS.c.code)
    if codes is None:
        rows = (await connection.execute(query)).mappings()
        return {row["code"]: PlacedArea(_area(row), row["depth"]) for row in rows}
    found: dict[str, PlacedArea] = {}
    for batch in _batches(codes, _KEYS_AT_ONCE):
        for row in (await connection.execute(query.where(_AREAS.c.code.in_(batch)))).mappings():
            found[row["code"]] = PlacedArea(_area(row), row["depth"])
    return found


async def has_children(connection: AsyncConnection, code: str) -> bool:
    """Whether any area has this one as its parent."""
    query = select(_AREAS.c.code).where(_AREAS.c.parent == code).limit(1)
    return (await connection.execute(query)).first() is not None


async def countries(connection: AsyncConnection) -> list[str]:
    """The codes of the areas at the root."""
    return list(await connection.scalars(select(_AREAS.c.code).where(_AREAS.c.parent.is_(None))))


async def put_areas(connection: AsyncConnection, placed: Sequence[PlacedArea]) -> None:
    """Write areas with their depth; `placed` has parents first."""
    for batch in _batches(placed, _ROWS_AT_ONCE):
        await upsert(
            connection,
            _AREAS,
            [
                {
                    "code": item.area.code,
                    "name": item.area.name,
                    "level": str(item.area.level),
                    "type": item.area.type,
                    "parent": item.area.parent,
                    "depth": item.depth,
                    "lat": item.area.lat,
                    "lon": item.area.lon,
                    "more": item.area.more,
                }
                for item in batch
            ],
        )


async def facilities(connection: AsyncConnection, ids: Collection[str] | None = None) -> dict[str, Facility]:
    """Facilities by id: all of them, or those with these ids."""
    identifiers: dict[str, dict[str, str]] = {}
    found: dict[str, Facility] = {}
    for batch in [None] if ids is None else _batches(ids, _KEYS_AT_ONCE):
        identifier_query, facility_query = select(_IDENTIFIERS), select(_FACILITIES)
        if batch is not None:
            identifier_query = identifier_query.where(_IDENTIFIERS.c.facility_id.in_(batch))
            facility_query = facility_query.where(_FACILITIES.c.facility_id.in_(batch))
        for row in (await connection.execute(identifier_query)).mappings():
            identifiers.setdefault(row["facility_id"], {})[row["system"]] = row["value"]
        for row in (await connection.execute(facility_query)).mappings():
            found[row["facility_id"]] = _facility(row, identifiers.get(row["facility_id"], {}))
    return found


async def put_facilities(connection: AsyncConnection, changed: Sequence[Facility]) -> None:
    """Write facilities with their identifiers. Raises: Conflict, when another facility has one of the identifiers."""
    for batch in _batches(changed, _ROWS_AT_ONCE):
        await upsert(connection, _FACILITIES, [_facility_row(facility) for facility in batch])
        ids = [facility.facility_id for facility in batch]
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
            raise Conflict("An identifier already belongs to another facility.") from error


async def holders(connection: AsyncConnection, identifiers: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The ids of the facilities by (system, value), at least for these; pairs without a facility are absent."""
    found: dict[tuple[str, str], str] = {}
    for batch in _batches(identifiers, _KEYS_AT_ONCE):
        query = select(_IDENTIFIERS).where(_IDENTIFIERS.c.value.in_([value for _, value in batch]))
        for row in (await connection.execute(query)).mappings():
            found[row["system"], row["value"]] = row["facility_id"]
    return found


def _batches(items: Collection[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def _intern(text: S) -> S:
    """A text with few distinct values, kept in memory once: a country repeats them 300,000 times."""
    return text and sys.intern(text)


def _area(row: RowMapping) -> Area:
    level = AreaLevel.stored(row["level"])
    kind, parent = _intern(row["type"]), _intern(row["parent"])
    return Area(row["code"], row["name"], level, kind, parent, row["lat"], row["lon"], row["more"])


def _facility(row: RowMapping, identifiers: dict[str, str]) -> Facility:
    channel = row["counting_channel"]
    contact, more = read_more(row["more"])
    return Facility(
        facility_id=row["facility_id"],
        kind=FacilityKind.stored(row["kind"]),
        name=row["name"],
        area_code=_intern(row["area_code"]),
        operated_by=_intern(row["operated_by"]),
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
        lapsed_after=read_seconds(row["lapsed_after_seconds"]),
        line_bounds=read_line_bounds(row["line_bounds"] and json.loads(row["line_bounds"])),
        planned=read_plans(row["planned"]),
        contact=contact,
        more=more,
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
        "planned": write_plans(facility.planned),
        "more": write_more(facility),
        "seq": facility.seq,
        "lapsed_after_seconds": facility.lapsed_after and int(facility.lapsed_after.total_seconds()),
        "line_bounds": canonical(line_bounds_rows(facility.line_bounds)) if facility.line_bounds else None,
    }
