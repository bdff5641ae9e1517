"""Rows with unknown ids: held until an officer assigns a bed type, then stored in one step.

Only SIRS has them: software sends ids issued by the ministry, often without anything that names the kind of bed.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.actions.resolve import facility_for
from app.domain.beds.bed_types import BY_SIRS
from app.domain.channels import Channel
from app.domain.errors import Fault, InvalidInput, NotFound
from app.domain.held_rows import HeldRow
from app.domain.permissions import Actor, Verb
from app.domain.reports.report import Receipt
from app.protocols.field_values import is_empty
from app.protocols.sirs.message import SirsRow
from app.protocols.sirs.row_ids import same_id
from app.protocols.sirs.rows import write_row
from app.protocols.write_rows import write_rows
from app.runtime.node import Node
from app.store.database import Transaction
from app.store.repositories import held_rows

WAITING_MAX = 500  # per facility; beyond it new rows are refused without being held


async def hold_row(node: Node, facility_id: str, row_id: str, sent: Mapping[str, Any], *, by: Actor) -> None:
    """Hold an unknown row; the latest message about it replaces the earlier one."""

    async def work(transaction: Transaction, now: datetime) -> None:
        connection = transaction.connection
        known = await held_rows.of_facility(connection, facility_id, row_id)
        if not known and await held_rows.count(connection, facility_id) >= WAITING_MAX:
            return
        times = known[0].times + 1 if known else 1
        await held_rows.put(connection, HeldRow(facility_id, Channel.sirs, row_id, dict(sent), now, times))

    await node.write_queue.change(work, by=by)


async def held_rows_of(node: Node, reference: str, *, by: Actor) -> list[HeldRow]:
    """List the held rows of a facility, for its own staff and the officers of its area. Raises: NotFound."""
    facility = facility_for(node, reference, by, Verb.read_history)
    async with node.database.reading() as connection:
        return list(await held_rows.of_facility(connection, facility.facility_id))


async def complete_held_row(
    node: Node, reference: str, row_id: str, *, id_tt: str, ruang: str | None, covid: int | None, by: Actor
) -> Receipt:
    """Assign a bed type to a held row: its last message is stored, and its id is known from then on.

    Raises: NotFound, if no such row is held; InvalidInput, for a bed type that is not in force.
    """
    facility = facility_for(node, reference, by, Verb.maintain_channels)
    if id_tt not in BY_SIRS:
        raise InvalidInput(Fault("#/id_tt", f"{id_tt!r} is not a bed type in force; GET /v1/bed-types lists them"))
    async with node.database.reading() as connection:
        # By the id as listed; rows held before leading zeros were dropped still have them.
        found = await held_rows.of_facility(connection, facility.facility_id, row_id)
        found = found or await held_rows.of_facility(connection, facility.facility_id, same_id(row_id))
    if not found:
        raise NotFound(f"No row {row_id!r} of {facility.facility_id} is held.")
    before = found[0].said
    sent = SirsRow(
        same_id(row_id),
        id_tt,
        before["ruang"] if is_empty(ruang) else ruang,
        before["covid"] if covid is None else covid,
        before["counts"],
    )
    _, receipt = await write_rows(
        node,
        facility.facility_id,
        Channel.sirs,
        lambda state, now: write_row(state, sent, now, is_post=False).as_of(found[0].received_at, state),
        by=by,
        verb=Verb.maintain_channels,
    )

    async def work(transaction: Transaction, _now: datetime) -> bool:
        return await held_rows.drop(transaction.connection, found[0])

    if not await node.write_queue.change(work, by=by):
        # The software sent the row again after it was read and before its id was known: use the new message.
        return await complete_held_row(node, reference, row_id, id_tt=id_tt, ruang=ruang, covid=covid, by=by)
    return receipt
