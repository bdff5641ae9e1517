"""Adding areas to the tree, or changing them: all or none. Each batch is a ledger entry."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from app.actions.resolve import area_for
from app.domain.errors import Conflict, Fault, InvalidInput, NotFound
from app.domain.ledger import AreasRegistered
from app.domain.permissions import Actor, Target, Verb
from app.domain.registry.area import RW_NUMBER_MAX, Area, AreaLevel, rw
from app.domain.registry.area_changes import PlacedArea, country_for, plan
from app.runtime.node import Node
from app.runtime.write_queue import seconds_for
from app.store import ledger
from app.store.database import Transaction
from app.store.repositories import registry

AREAS_PER_ENTRY = 1_000


async def register_areas(
    node: Node, areas: Sequence[Area], *, by: Actor, progress: Callable[[int], None] = lambda _: None
) -> list[Area]:
    """Add these areas or change registered ones. Returns those that were new or changed, parents first.

    `progress` is called with the number of areas in each batch written.
    Raises: InvalidInput, naming every fault; Conflict; NotPermitted.
    """
    node.authorise(by, Verb.register, Target())

    async def register(transaction: Transaction, now: datetime) -> list[Area]:
        completed = [_with_unknown_fields(node, area) for area in areas]
        return await _store_areas(transaction, completed, by=by, now=now, progress=progress)

    return await node.write_queue.change(register, by=by, seconds=seconds_for(len(areas)))


async def add_rw(
    node: Node, kelurahan_code: str, *, by: Actor, count: int | None = None, numbers: Sequence[int] = ()
) -> list[Area]:
    """Add the first `count` RW of a kelurahan, or those with these numbers. Returns those that were new.

    Raises: NotFound, for the kelurahan; NotPermitted; InvalidInput, when the area is not a kelurahan or a number is
        not from 1 to 999.
    """
    kelurahan = area_for(node, kelurahan_code, by, Verb.add_rw)
    if kelurahan.level is not AreaLevel.kelurahan:
        raise InvalidInput(Fault("#", f"{kelurahan.name} is a {kelurahan.level}; an RW belongs to a kelurahan or desa"))
    wanted = list(numbers) if count is None else list(range(1, count + 1))
    if not wanted or min(wanted) < 1 or max(wanted) > RW_NUMBER_MAX:
        raise InvalidInput(Fault("#", f"RW numbers must be from 1 to {RW_NUMBER_MAX}"))
    areas = [rw(kelurahan, number) for number in sorted(set(wanted))]

    async def add(transaction: Transaction, now: datetime) -> list[Area]:
        known = await registry.areas(transaction.connection, [area.code for area in areas])
        new = [area for area in areas if area.code not in known]
        return await _store_areas(transaction, new, by=by, now=now)

    return await node.write_queue.change(add, by=by)


def _with_unknown_fields(node: Node, area: Area) -> Area:
    """The area with the fields that a newer version stored before."""
    try:
        return replace(area, more=node.board.area(area.code).more)
    except NotFound:
        return area


async def _store_areas(
    transaction: Transaction,
    areas: list[Area],
    *,
    by: Actor,
    now: datetime,
    progress: Callable[[int], None] = lambda _: None,
) -> list[Area]:
    connection = transaction.connection
    countries = await registry.countries(connection)
    if country := country_for(areas, countries):
        areas = [country, *areas]
    names = {area.code for area in areas} | {area.parent for area in areas if area.parent is not None}
    known = await registry.areas(connection, names | set(countries))
    placed = plan(areas, known, countries)
    for change in placed:
        before = known.get(change.area.code)
        same = before is None or (before.depth, before.area.level) == (change.depth, change.area.level)
        if not same and await registry.has_children(connection, change.area.code):
            raise Conflict(f"{change.area.code} has areas below it and cannot be moved to another depth or level.")
    for start in range(0, len(placed), AREAS_PER_ENTRY):
        part: list[PlacedArea] = placed[start : start + AREAS_PER_ENTRY]
        await registry.put_areas(connection, part)
        matter = AreasRegistered(tuple(p.area for p in part))
        await ledger.append(transaction, [(matter, by.principal, None)], now=now)
        progress(len(part))
    return [p.area for p in placed]
