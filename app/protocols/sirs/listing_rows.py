"""Rows of the ministry's own listing taken over under the ministry's ids, each as old as the listing says."""

from datetime import datetime

from app.domain.reports.lines import ChannelState
from app.domain.reports.report import ReportWarning
from app.domain.reports.rows import Row, Written, close_previous_line, ended, without_deletion
from app.protocols.sirs.message import SirsRow
from app.protocols.sirs.row_ids import SirsRows, is_own_id, same_id
from app.protocols.sirs.rows import bed_type_of, line_of, odd, one_id, same_name


def take_over(state: ChannelState, said: SirsRow, observed_at: datetime, now: datetime) -> Written:
    """One row of the listing, which was true at `observed_at`.

    Where a newer figure of this id is known, that figure stands and this one is history. A row that was reported here
    by name, under an id of ours, goes by the ministry's id from now on, and keeps its figures where they are newer.
    """
    rows = SirsRows(state, now)
    named = [row for row in rows.named(said.details) if same_id(row.row_id) != said.id_t_tt and row.is_shown]
    known = rows.with_id(said.id_t_tt)
    if known is None and (ours := next((row for row in named if is_own_id(row.row_id)), None)) is not None:
        return _renamed(said, ours, observed_at)
    flags = (*odd(said.details), *same_name(said.id_t_tt, named), *said.odd.warnings(0))
    row_id = said.id_t_tt if known is None else known.row_id  # the same number, as it was first written
    line, details = line_of(row_id, said.details), said.details
    if known is None:
        return Written(row_id, (line,), flags, observed_at)
    doubles = rows.doubles(known)
    flags = (*flags, *one_id(row_id, doubles))
    replaced = [ended(double, merged_into=row_id) for double in doubles]
    is_open, known_at = known.line.beds is not None, known.line.moment.observed_at
    if known_at < observed_at or (known_at == observed_at and is_open):
        details = said.over(without_deletion(known.details) if is_open else {})
        lines = (line_of(row_id, details), *close_previous_line(known, bed_type_of(details)), *replaced)
        # A required count that the listing lacks is no new observation: the line keeps its time.
        is_kept = is_open and said.odd.missing
        return Written(row_id, lines, flags, known_at if is_kept else observed_at)
    if known.key == line.key and known_at > observed_at:
        return Written(row_id, (line,), flags, observed_at)
    # It was dropped, or has another bed type since: a line under the old one would count its beds again.
    again = line_of(known.row_id, known.details) if is_open else ended(known)
    return Written(row_id, (again, *replaced), flags, known_at)


def _renamed(said: SirsRow, ours: Row, observed_at: datetime) -> Written:
    stands_at = ours.line.moment.observed_at
    standing = without_deletion(ours.details)
    details = said.over(standing) if observed_at > stands_at else said.details | standing
    told = f"id_t_tt {ours.row_id} is now {said.id_t_tt}: the same id_tt, ruang and covid, as the ministry lists it"
    lines = (line_of(said.id_t_tt, details), ended(ours, merged_into=said.id_t_tt))
    flags = (ReportWarning("id_replaced", 0, told, {"id_t_tt": said.id_t_tt}), *odd(details), *said.odd.warnings(0))
    return Written(said.id_t_tt, lines, flags, stands_at if said.odd.missing else max(observed_at, stands_at))
