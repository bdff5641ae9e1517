"""Deleted rows end after half an hour, whatever becomes of those of other hospitals."""

from datetime import timedelta

from app.actions.hospitals import Hospital, add_hospital
from app.actions.register_facilities import FacilityChange, change_facility
from app.actions.submit_reports import submit_reports
from app.domain.beds.counts import BedCount
from app.domain.channels import Channel
from app.domain.permissions import NATIONAL, OPERATOR, Actor, Role
from app.domain.reports.report import Receipt, Report, ReportLine
from app.domain.reports.rows import deleted, overdue, write_details
from app.runtime.node import Node
from app.runtime.row_ender import ENDED_AT_ONCE, RowEnder
from tests.conftest import Clock, on_sqlite
from tests.factories import MORNING

OFFICER = Actor("officer", Role.command, NATIONAL)


async def delete_rows(node: Node, facility_id: str, number: int) -> None:
    """This hospital deletes so many rows."""
    details = write_details(deleted({"id_tt": "3"}, MORNING))
    lines = [ReportLine("icu", str(row), None, BedCount(10, 4, 0, 6), details) for row in range(number)]
    for start in range(0, number, 500):
        said = Report(facility_id, Channel.sirs, f"{facility_id}-{start}", MORNING, tuple(lines[start : start + 500]))
        [answer] = await submit_reports(node, [said], by=OFFICER)
        assert isinstance(answer, Receipt), answer


async def set_open(node: Node, facility_id: str, *, is_open: bool) -> None:
    seq = node.board.facility(facility_id).seq
    await change_facility(node, facility_id, FacilityChange(is_open=is_open), by=OFFICER, reason="x", if_match=seq)


def left(node: Node, facility_id: str) -> int:
    return len(overdue(node.board.channel_state(facility_id, Channel.sirs), node.clock()))


@on_sqlite
async def test_rows_of_closed_hospitals_keep_no_others_from_ending(node: Node, clock: Clock) -> None:
    for facility_id, code in (("rs-a", None), ("rs-b", "3374002")):
        await add_hospital(node, Hospital(facility_id, sirs=code), by=OPERATOR)
    await delete_rows(node, "rs-a", ENDED_AT_ONCE + 1)
    await delete_rows(node, "rs-b", ENDED_AT_ONCE + 1)
    await set_open(node, "rs-a", is_open=False)
    clock.now = MORNING + timedelta(minutes=31)
    ender = RowEnder(node.board, node.write_queue, clock)
    assert await ender.end_rows() == ENDED_AT_ONCE + 1
    assert (left(node, "rs-a"), left(node, "rs-b")) == (ENDED_AT_ONCE + 1, 0)
    await set_open(node, "rs-a", is_open=True)
    assert await ender.end_rows() == ENDED_AT_ONCE + 1
    assert left(node, "rs-a") == 0
