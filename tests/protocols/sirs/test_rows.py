"""Rows of SIRS Online under any sequence of messages: one row for each name and id, and each bed counted once."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.domain.channels import Channel
from app.domain.errors import Refusal
from app.domain.reports.lines import ChannelState, change
from app.domain.reports.report import Report
from app.domain.reports.rows import Written, ended, overdue, rows_of, shown_rows
from app.protocols.sirs.listing_rows import take_over
from app.protocols.sirs.message import SirsRow
from app.protocols.sirs.row_ids import FIRST_ID, name_of
from app.protocols.sirs.rows import delete_row, write_row
from tests.factories import MORNING

ids = st.sampled_from(["", "", "", "34450001", "34450002", str(FIRST_ID), str(FIRST_ID + 1), str(FIRST_ID + 2)])
types = st.sampled_from(["", "3", "3", "28", "13"])
rooms = st.sampled_from([None, "", "A", " a ", "B"])
covids = st.sampled_from([None, None, 0, 1])
counts = st.dictionaries(st.sampled_from(["jumlah", "terpakai", "antrian", "terpakai_suspek"]), st.integers(0, 9))
rows = st.builds(SirsRow, ids, types, rooms, covids, counts)
kinds = st.sampled_from(["POST", "PUT", "DELETE", "IMPORT", "WAIT", "END"])
steps = st.lists(st.tuples(kinds, rows, st.integers(1, 20)), max_size=25)


def written_by(state: ChannelState, kind: str, said: SirsRow, now: datetime) -> Written | None:
    """What a message does; None where it is refused or does nothing."""
    try:
        if kind == "DELETE":
            return delete_row(state, said, now)
        if kind == "IMPORT":
            return take_over(state, said, now, now) if said.id_t_tt and said.id_tt else None
        if kind == "END":
            late = overdue(state, now)
            return Written("", tuple(ended(row) for row in late)) if late else None
        return write_row(state, said, now, is_post=kind == "POST" and not said.id_t_tt)
    except Refusal:
        return None


@given(steps)
def test_whatever_is_sent_an_id_has_one_row_a_shared_name_is_flagged_and_a_bed_counts_once(
    messages: list[tuple[str, SirsRow, int]],
) -> None:
    state, now = ChannelState(), MORNING
    for seq, (kind, said, minutes) in enumerate(messages, start=1):
        now += timedelta(minutes=minutes if kind == "WAIT" else 0, seconds=1)
        written = None if kind == "WAIT" else written_by(state, kind, said, now)
        if written is None:
            continue
        report = Report("rs-a", Channel.sirs, f"r{seq}", now, written.lines)
        report.check(now)
        change(state, report, seq=seq, recorded_at=now).apply_to(state)

        shown = shown_rows(state)
        assert len({row.row_id for row in shown}) == len(shown), "an id is shown twice"
        if kind in {"POST", "PUT"}:
            flagged = any(warning.code == "same_name" for warning in written.warnings)
            own = next(row for row in shown if row.row_id == written.row_id)
            is_shared = [name_of(row.details) for row in shown].count(name_of(own.details)) > 1
            assert flagged is is_shared, "a name that several rows have is flagged"
        counted = [key.ward_code for key, line in state.lines.items() if line.beds is not None]
        assert len(counted) == len(set(counted)), "a row is counted under two bed types"
        assert sorted(counted) == sorted(row.row_id for row in rows_of(state) if row.line.beds is not None)
        assert kind not in {"POST", "PUT"} or written.row_id in {row.row_id for row in shown}
