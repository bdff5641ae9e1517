"""Facilities: register new ones; change, move, close and open existing ones."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Final, Literal

from app.actions.resolve import facility_for
from app.board.board import Board
from app.domain.beds.freshness import Thresholds
from app.domain.channels import Channel
from app.domain.errors import Conflict, Fault, InvalidInput, PreconditionFailed, PreconditionRequired
from app.domain.ledger import FacilitiesRegistered
from app.domain.permissions import Actor, Target, Verb
from app.domain.registry.facility import (
    FACILITY_ID_PATTERN,
    IDENTIFIER_PATTERN,
    SYSTEM_PATTERN,
    Facility,
    FacilityKind,
    LineBounds,
    Switch,
)
from app.runtime.node import Node
from app.runtime.pending_states import PendingStates
from app.runtime.write_queue import seconds_for
from app.store import ledger
from app.store.bulk_write import Writes
from app.store.database import Transaction
from app.store.repositories import channel_states, registry

FACILITIES_PER_ENTRY = 500


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
    def verb(self) -> Verb:
        """The required permission: changing kind, area or identifiers needs more than changing operational fields."""
        is_registration = any(value is not UNSET for value in (self.kind, self.area_code, self.identifiers))
        return Verb.register if is_registration else Verb.change_site

    def apply_to(self, facility: Facility, at: datetime) -> Facility:
        """The facility after the change; `at` is the time of closing or opening."""
        given = {f.name: value for f in fields(self) if (value := getattr(self, f.name)) is not UNSET}
        is_open = given.pop("is_open", facility.is_open)
        if "switches" in given:  # the change cannot mention switches that only a newer version knows
            given["switches"] |= facility.switches - facility.known_switches
        changed = replace(facility, **given)
        if is_open == facility.is_open:
            return changed
        return replace(changed, closed_at=None, opened_at=at) if is_open else replace(changed, closed_at=at)


async def register_facilities(
    node: Node, facilities: Sequence[Facility], *, by: Actor, reason: str = "registered"
) -> list[Facility]:
    """Register new facilities, all or none. One that is already registered with the same data is left unchanged.

    Raises: InvalidInput, naming every fault; Conflict, when an id or identifier belongs to another facility;
        NotPermitted.
    """
    node.authorise(by, Verb.register, Target())

    async def register(transaction: Transaction, now: datetime) -> list[Facility]:
        connection = transaction.connection
        areas = await registry.areas(connection, {facility.area_code for facility in facilities})
        _check(facilities, areas)
        known = await registry.facilities(connection, [facility.facility_id for facility in facilities])
        new = []
        for facility in facilities:
            before = known.get(facility.facility_id)
            if before is None:
                new.append(facility)
            elif replace(before, seq=0, more=None, switches=before.known_switches) != replace(facility, seq=0):
                raise Conflict(f"{facility.facility_id} is already registered with other data; change it with PATCH.")
        await _check_identifiers(transaction, new)
        return await _store_facilities(transaction, new, by=by, now=now, at=now, reason=reason)

    registered = await node.write_queue.change(register, by=by, seconds=seconds_for(len(facilities)))
    stored = {facility.facility_id: facility for facility in registered}
    return [stored.get(f.facility_id) or node.board.facility(f.facility_id) for f in facilities]


async def change_facility(
    node: Node,
    reference: str,
    change: FacilityChange,
    *,
    by: Actor,
    reason: str,
    if_match: int | None,
    effective_at: datetime | None = None,
) -> Facility:
    """Change one facility from `effective_at` (default: now) on. Returns its new state.

    `if_match` is the version (`Facility.seq`) that the caller has read. Officers of an area may rename, open, close
    and configure their facilities; moving one, or changing its kind or identifiers, needs the permission to register.
    Raises: NotFound, NotPermitted, PreconditionRequired, PreconditionFailed, InvalidInput, Conflict.
    """
    verb = change.verb
    facility = facility_for(node, reference, by, verb)
    if if_match is None:
        raise PreconditionRequired

    async def apply(transaction: Transaction, now: datetime) -> Facility:
        connection = transaction.connection
        # From the board, which also has the fields that only a newer version knows.
        found = node.board.facility(facility.facility_id)
        node.authorise(by, verb, node.board.target(found))  # it may have just been moved
        if found.seq != if_match:
            raise PreconditionFailed
        at = effective_at or now
        if at > now:
            raise InvalidInput(Fault("#/effective_at", "is in the future; send the change after it has happened"))
        changed = change.apply_to(found, at)
        if changed == found:
            return found
        _check([changed], await registry.areas(connection, {changed.area_code}))
        await _check_identifiers(transaction, [changed])
        stored = await _store_facilities(transaction, [changed], by=by, now=now, at=at, reason=reason)
        await _store_counting(transaction, node.board, stored[0], now)
        return stored[0]

    return await node.write_queue.change(apply, by=by)


async def _store_facilities(
    transaction: Transaction, facilities: Sequence[Facility], *, by: Actor, now: datetime, at: datetime, reason: str
) -> list[Facility]:
    stored: list[Facility] = []
    for start in range(0, len(facilities), FACILITIES_PER_ENTRY):
        part = tuple(facilities[start : start + FACILITIES_PER_ENTRY])
        matter = FacilitiesRegistered(part, at, reason)
        for entry in await ledger.append(transaction, [(matter, by.principal, None)], now=now):
            if isinstance(entry.matter, FacilitiesRegistered):
                stored += entry.matter.facilities
    await registry.put_facilities(transaction.connection, stored)
    return stored


async def _store_counting(transaction: Transaction, board: Board, facility: Facility, now: datetime) -> None:
    """Store since when another channel counts, if this change makes it count."""
    states = PendingStates(board, now)
    states.replace(facility)
    writes = Writes(transaction.connection)
    channel_states.save(writes, states.to_store())
    await writes.send()


def _check(facilities: Sequence[Facility], areas: Collection[str]) -> None:
    """Raises: InvalidInput, naming every fault."""
    faults = [Fault(f"#/{n}/{field}", why) for n, f in enumerate(facilities) for field, why in _faults(f, areas)]
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


def _faults(facility: Facility, areas: Collection[str]) -> Iterator[tuple[str, str]]:
    if not re.fullmatch(FACILITY_ID_PATTERN, facility.facility_id):
        yield "facility_id", "must be 1 to 64 letters, digits, '.', '_' or '-', starting with a letter or digit"
    if facility.area_code not in areas:
        yield "area_code", f"there is no area {facility.area_code!r}"
    if not facility.name.strip():
        yield "name", "must not be empty"
    if (facility.lat is None) != (facility.lon is None):
        yield "lat", "lat and lon must be given together"
    if facility.lat is not None and not -90 <= facility.lat <= 90:
        yield "lat", "must be from -90 to 90"
    if facility.lon is not None and not -180 <= facility.lon <= 180:
        yield "lon", "must be from -180 to 180"
    if facility.thresholds and (why := facility.thresholds.fault()):
        yield "thresholds", why
    for system, value in facility.identifiers.items():
        if not re.fullmatch(SYSTEM_PATTERN, system) or not re.fullmatch(IDENTIFIER_PATTERN, value):
            yield "identifiers", f"{system}={value} does not have the form system=value, e.g. sirs=3374015"


async def _check_identifiers(transaction: Transaction, facilities: Sequence[Facility]) -> None:
    wanted = {pair: f.facility_id for f in facilities for pair in f.identifiers.items()}
    for pair, holder in (await registry.holders(transaction.connection, wanted)).items():
        if pair in wanted and wanted[pair] != holder:
            raise Conflict(f"{pair[0]}:{pair[1]} is already the identifier of another facility.")
