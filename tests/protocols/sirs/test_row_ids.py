"""Ids of SIRS rows: which we issue, which lead where, and how much work it is to follow them."""

from collections.abc import ItemsView, Iterator
from datetime import timedelta
from typing import Any

import pytest

from app.domain.channels import Channel
from app.domain.reports.lines import ChannelState, change
from app.domain.reports.report import LineKey, Report
from app.domain.reports.rows import ended, rows_of
from app.protocols.sirs.message import SirsRow
from app.protocols.sirs.row_ids import FIRST_ID, SirsRows, is_own_id
from app.protocols.sirs.rows import write_row
from tests.factories import MORNING


class CountedLines(dict[LineKey, Any]):
    """Lines that count how often one of them was looked at."""

    looked_at = 0

    def items(self) -> Any:
        class Counted(ItemsView[LineKey, Any]):
            def __iter__(view) -> Iterator[tuple[LineKey, Any]]:  # noqa: N805
                for item in dict.items(self):
                    self.looked_at += 1
                    yield item

        return Counted(self)

    def __iter__(self) -> Iterator[LineKey]:
        for key in dict.__iter__(self):
            self.looked_at += 1
            yield key


def put(state: ChannelState, said: SirsRow, seq: int) -> str:
    now = MORNING + timedelta(seconds=seq)
    written = write_row(state, said, now, is_post=False)
    report = Report("rs-a", Channel.sirs, f"r{seq}", now, written.lines)
    change(state, report, seq=seq, recorded_at=now).apply_to(state)
    return written.row_id


def chain(links: int) -> ChannelState:
    """Rows that were merged one into the next, as older ledgers have them."""
    state = ChannelState()
    for number in range(links + 1):
        put(state, SirsRow(str(1000 + number), "3", f"R{number}", 0, {"jumlah": 4, "terpakai": 1}), number + 1)
    now = MORNING + timedelta(hours=1)
    rows = {row.row_id: row for row in rows_of(state)}
    lines = tuple(ended(rows[str(1000 + n)], merged_into=str(1001 + n)) for n in range(links))
    for start in range(0, links, 100):
        report = Report("rs-a", Channel.sirs, f"m{start}", now, lines[start : start + 100])
        change(state, report, seq=5000 + start, recorded_at=now).apply_to(state)
    return state


def test_merged_rows_of_older_ledgers_lead_to_the_last_of_their_chain() -> None:
    state = chain(5)
    assert put(state, SirsRow("1000", counts={"terpakai": 3}), 9000) == "1005"
    assert put(state, SirsRow("1003", counts={"terpakai": 2}), 9001) == "1005"


def test_a_circle_of_merged_rows_leads_nowhere_and_ends() -> None:
    state = chain(2)
    row = next(row for row in rows_of(state) if row.row_id == "1002")
    now = MORNING + timedelta(hours=2)
    report = Report("rs-a", Channel.sirs, "x", now, (ended(row, merged_into="1000"),))
    change(state, report, seq=9000, recorded_at=now).apply_to(state)
    assert SirsRows(state, now).by_id("1001") is None


def test_following_a_chain_costs_a_look_at_each_row_and_not_one_per_link() -> None:
    work = {}
    for links in (50, 400):
        state = chain(links)
        lines = state.lines = CountedLines(state.lines)
        write_row(state, SirsRow("1000", counts={"terpakai": 3}), MORNING + timedelta(hours=2), is_post=False)
        work[links] = lines.looked_at
        assert lines.looked_at <= 6 * len(lines)
    assert work[400] <= 10 * work[50]


@pytest.mark.parametrize("foreign", ["999999999999", "1000000000000", "34450001", "900000002"])
def test_the_next_id_does_not_depend_on_ids_that_came_in(foreign: str) -> None:
    state = ChannelState()
    counts = {"jumlah": 10, "terpakai": 1}
    put(state, SirsRow("", "3", "A", 0, counts), 1)
    put(state, SirsRow(foreign, "3", "B", 0, counts), 2)
    ids = [put(state, SirsRow("", "3", room, 0, counts), seq) for seq, room in enumerate("CDE", start=3)]
    assert len({*ids, str(FIRST_ID)}) == 4
    assert all(FIRST_ID < int(row_id) < FIRST_ID + 6 for row_id in ids)


def test_our_own_range() -> None:
    assert [is_own_id(row_id) for row_id in ("900000001", "999999999")] == [True, True]
    others = ("900000000", "1000000000", "999999999999", "34450001", "", "abc", "-900000001")
    assert not any(is_own_id(row_id) for row_id in others)
