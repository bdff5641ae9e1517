"""Facilities: register new ones; change, move, close and open existing ones, now or by plan."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from app.actions.resolve import facility_for
from app.domain.errors import Conflict, NotFound, PreconditionFailed, PreconditionRequired
from app.domain.permissions import Actor, Target, Verb
from app.domain.registry.facility import Facility
from app.domain.registry.facility_change import (
    FacilityChange,
    add_plan,
    await_opening,
    cancel,
    check_facilities,
    due_plan,
    foresee,
    is_same_registration,
    verb_of,
)
from app.domain.registry.planned_changes import PlannedChange
from app.runtime.node import Node
from app.runtime.record_facilities import check_identifiers, record_facilities
from app.runtime.write_queue import seconds_for
from app.store.database import Transaction
from app.store.repositories import registry


async def register_facilities(
    node: Node, facilities: Sequence[Facility], *, by: Actor, reason: str = "registered", dry_run: bool = False
) -> list[Facility]:
    """Register new facilities, all or none. One that is already registered with the same data is left unchanged.

    Returns them as they are registered. With `dry_run` everything is checked, nothing is registered, and those that
    would be new are returned.
    Raises: InvalidInput, naming every fault; Conflict, when an id or identifier belongs to another facility;
        NotPermitted.
    """
    node.authorise(by, Verb.register, Target())

    async def register(transaction: Transaction, now: datetime) -> list[Facility]:
        connection = transaction.connection
        areas = await registry.areas(connection, {facility.area_code for facility in facilities})
        check_facilities(facilities, areas, now)
        known = await registry.facilities(connection, [facility.facility_id for facility in facilities])
        new = []
        for facility in facilities:
            before = known.get(facility.facility_id)
            if before is None:
                new.append(await_opening(facility, uuid4().hex, reason=reason, by=by.principal, now=now))
            elif not is_same_registration(before, replace(facility, seq=0)):
                raise Conflict(f"{facility.facility_id} is already registered with other data; change it with PATCH.")
        await check_identifiers(transaction, new)
        if dry_run:
            return new
        return await record_facilities(transaction, new, node.board, by=by.principal, now=now, at=now, reason=reason)

    registered = await node.write_queue.change(register, by=by, seconds=seconds_for(len(facilities)))
    if dry_run:
        return registered
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

    A change in the future is planned: permission and values are checked now, the values again when it takes effect.
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
        if found.seq != if_match or due_plan(found, now) is not None:  # a planned change comes first
            raise PreconditionFailed
        at = effective_at or now
        if at > now:
            plan = PlannedChange(uuid4().hex, at, reason, by.principal, change.values)
            changed, at = add_plan(found, plan, now), now
            then = foresee(changed, plan)
        else:
            changed = then = change.apply_to(found, at)
        if changed == found:
            return found
        check_facilities([then], await registry.areas(connection, {then.area_code}), now)
        await check_identifiers(transaction, [then])
        [stored] = await record_facilities(
            transaction, [changed], node.board, by=by.principal, now=now, at=at, reason=reason
        )
        return stored

    return await node.write_queue.change(apply, by=by)


async def cancel_planned_change(
    node: Node, reference: str, plan_id: str, *, by: Actor, reason: str, if_match: int | None
) -> Facility:
    """Cancel a planned change of a facility. Returns the facility without it.

    Needs the permission that planning it needed. Raises: NotFound, NotPermitted, PreconditionRequired,
        PreconditionFailed.
    """
    facility = facility_for(node, reference, by, Verb.change_site)
    if if_match is None:
        raise PreconditionRequired

    async def apply(transaction: Transaction, now: datetime) -> Facility:
        found = node.board.facility(facility.facility_id)
        node.authorise(by, Verb.change_site, node.board.target(found))
        if found.seq != if_match:
            raise PreconditionFailed
        plan = next((plan for plan in found.planned if plan.plan_id == plan_id), None)
        if plan is None:
            raise NotFound(f"{found.facility_id} has no planned change {plan_id!r}; it may have taken effect.")
        node.authorise(by, verb_of(plan), node.board.target(found))
        without = [cancel(found, plan)]
        [stored] = await record_facilities(
            transaction, without, node.board, by=by.principal, now=now, at=now, reason=reason
        )
        return stored

    return await node.write_queue.change(apply, by=by)
