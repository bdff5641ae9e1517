"""Changing many registered facilities from a table, in one transaction: all or none."""

from collections.abc import Sequence
from datetime import datetime

from app.domain.errors import Fault, InvalidInput, NotFound
from app.domain.permissions import Actor, Target, Verb
from app.domain.registry.facility import Facility
from app.domain.registry.facility_change import check_facilities, due_plan
from app.domain.registry.facility_update import FacilityUpdate, UpdateSummary
from app.runtime.node import Node
from app.runtime.record_facilities import check_identifiers, record_facilities
from app.runtime.write_queue import seconds_for
from app.store.database import Transaction
from app.store.repositories import registry


async def update_facilities(
    node: Node, updates: Sequence[FacilityUpdate], *, by: Actor, reason: str, dry_run: bool = False
) -> UpdateSummary:
    """Change facilities, each named once; those that already are as stated stay untouched. All or none.

    With `dry_run` everything is checked and nothing changes.
    Raises: InvalidInput, naming every fault by its index in `updates`; Conflict, when an identifier belongs to another
        facility; NotPermitted.
    """
    node.authorise(by, Verb.register, Target())

    async def update(transaction: Transaction, now: datetime) -> UpdateSummary:
        known = _known(node, updates, now)
        after = [update.apply_to(facility, now) for update, facility in zip(updates, known, strict=True)]
        codes = await registry.areas(transaction.connection, {facility.area_code for facility in after})
        check_facilities(after, codes, now)
        changed = [facility for before, facility in zip(known, after, strict=True) if facility != before]
        await check_identifiers(transaction, changed)
        if not dry_run:
            await record_facilities(transaction, changed, node.board, by=by.principal, now=now, at=now, reason=reason)
        return UpdateSummary(len(changed), len(after) - len(changed))

    return await node.write_queue.change(update, by=by, seconds=seconds_for(len(updates)))


def _known(node: Node, updates: Sequence[FacilityUpdate], now: datetime) -> list[Facility]:
    """The facilities as they are, from the board, which also has the fields that only a newer version knows."""
    found: list[Facility] = []
    faults: list[Fault] = []
    for n, update in enumerate(updates):
        try:
            facility = node.board.facility(update.reference)
        except NotFound:
            faults.append(Fault(f"#/{n}/facility_id", f"there is no facility {update.reference!r}"))
            continue
        if due_plan(facility, now) is not None:
            faults.append(Fault(f"#/{n}/facility_id", "a planned change of it takes effect just now; try again"))
        found.append(facility)
    if faults:
        raise InvalidInput(*faults)
    return found
