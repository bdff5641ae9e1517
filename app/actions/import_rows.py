"""The ministry's own list of a hospital's rows taken over, so that the ids that its software stores go on working."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.actions.node import Node
from app.actions.write_rows import write_rows
from app.domain.actor import Actor, Verb
from app.domain.channels import Channel
from app.domain.errors import Fault, InvalidInput
from app.domain.lines import ChannelState
from app.domain.report import LINES_MAX, Receipt
from app.domain.rows import Written
from app.domain.sirs_message import SirsRow, read_row
from app.domain.sirs_rows import take_over
from app.domain.tolerant import text_of, wib_moment


async def import_rows(node: Node, reference: str, answer: Any, *, by: Actor) -> tuple[int, Receipt]:
    """How many rows of the ministry's answer to `GET Fasyankes` stand here now, under the ministry's ids.

    Their figures are as old as the answer says (`tglupdate`). All or none.
    Raises: InvalidInput, naming what cannot be read and every row that cannot be taken; NotFound, NotPermitted.
    """
    facility = node.board.facility(reference)
    node.authorise(by, Verb.tend_doors, node.board.target(facility))
    rows, true_at = _read(answer, node.clock())

    def write(state: ChannelState, now: datetime) -> Written:
        return take_over(state, rows, now).as_of(true_at, state)

    _, receipt = await write_rows(node, facility.facility_id, Channel.sirs, write, by=by, verb=Verb.tend_doors)
    return len(rows), receipt


def _read(answer: Any, now: datetime) -> tuple[list[SirsRow], datetime]:
    said = answer.get("fasyankes") if isinstance(answer, dict) else answer
    if not isinstance(said, list) or not said or not all(isinstance(each, dict) for each in said):
        raise InvalidInput(Fault("#/fasyankes", "must be the rows, as the ministry's GET Fasyankes answers"))
    if len(said) > LINES_MAX:
        raise InvalidInput(Fault("#/fasyankes", f"at most {LINES_MAX} rows, here {len(said)}"))
    rows, faults = [], []
    for place, each in enumerate(said):
        try:
            rows.append(_row(each))
        except InvalidInput as refusal:
            faults += [Fault(f"#/fasyankes/{place}/{fault.pointer}", fault.detail) for fault in refusal.faults]
    if faults:
        raise InvalidInput(*faults)
    moments = [moment for each in said if (moment := wib_moment(text_of(each.get("tglupdate"))))]
    return rows, min(now, max(moments, default=now))


def _row(said: Mapping[str, Any]) -> SirsRow:
    row = read_row(said)
    row.check()
    for name, value in (("id_t_tt", row.id_t_tt), ("id_tt", row.id_tt)):
        if not value:
            raise InvalidInput(Fault(name, "is needed"))
    return row
