"""Current lines: the lines of one facility and channel after any number of reports, in any order.

The store computes a report's effect with this module before it writes, the board afterwards; live updates, replay and
`verify` therefore share one rule. It is a join: each line keeps the statement with the highest (observed_at, seq), and
a complete report is such a statement about every line that it does not name.

A channel with too many lines drops closed ones, the oldest first; the ledger still has them. One closed line
(`FORGOTTEN`) then represents all of them: it records when the newest of them was closed, so that no older report
reopens one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from app.domain.beds.bed_types import BED_TYPES, overlapping
from app.domain.beds.counts import BedCount
from app.domain.errors import Fault, InvalidInput
from app.domain.registry.facility import Facility
from app.domain.reports import recent_values
from app.domain.reports.clocks import CLOCK_AHEAD_MAX
from app.domain.reports.recent_values import Recent, alternates, may_alternate, remember
from app.domain.reports.report import LineKey, Outcome, Report, ReportWarning
from app.domain.reports.warnings import (
    JUMP_BEDS_MIN,
    warn_of_alternation,
    warn_of_change,
    warn_of_closing,
    warn_of_flags,
)

CLOSED_SHOWN_MAX = 5
# docs/limits.md. All lines of a channel are read and written together, and kept in memory.
OPEN_LINES_MAX = 2_000
LINES_KEPT_MAX = 10_000
# Dropped in addition to the excess, since finding the oldest takes longer than the report itself.
FORGOTTEN_AT_ONCE = 500

FORGOTTEN = LineKey("", "")  # reserved: no bed type is empty, so no report uses it


class Moment(NamedTuple):
    """The order of statements: by the time of observation, ties by ledger position."""

    observed_at: datetime
    seq: int

    def not_after(self, at: datetime) -> "Moment":
        """This moment, or the same ledger position at time `at` if that is earlier."""
        return Moment(min(self.observed_at, at), self.seq)


class CurrentLine(NamedTuple):
    """The current statement about one line. `beds` is None if it closed the line; `details` as in `ReportLine`.

    `recent` is kept only if the line changed within an hour (`app.domain.reports.recent_values`). Unlike all else it
    depends on the order in which reports arrived.
    """

    ward_name: str | None
    beds: BedCount | None
    moment: Moment
    recorded_at: datetime
    details: str | None = None
    recent: Recent | None = None


@dataclass(slots=True)
class ChannelState:
    """The current state of one channel of one facility.

    `complete` is the moment of the newest complete report, which closes every older line that it does not name.
    `newest` is the newest moment of any report, and also advances when a report changes nothing; `recorded_at` is when
    that report was recorded. The earlier of the two times decides freshness (`heard_at`).
    """

    lines: dict[LineKey, CurrentLine] = field(default_factory=dict)
    complete: Moment | None = None
    newest: Moment | None = None
    recorded_at: datetime | None = None

    def copy(self) -> "ChannelState":
        """A copy that can be changed without changing this state."""
        return ChannelState(self.lines.copy(), self.complete, self.newest, self.recorded_at)

    def without_recent(self) -> "ChannelState":
        """A copy without recent values."""
        found = self.copy()
        found.lines = {key: line._replace(recent=None) if line.recent else line for key, line in self.lines.items()}
        return found

    @property
    def last_received_at(self) -> datetime | None:
        """The time as of which its figures are known, even if clocks were wrong; None if it has never reported."""
        if self.newest is None or self.recorded_at is None:
            return None
        return min(self.newest.observed_at, self.recorded_at)

    def stamp(self, now: datetime) -> datetime:
        """The time of a report that is composed now from this state: never before the state's own newest time."""
        return now if self.newest is None else max(now, self.newest.observed_at)

    def limit_recorded_at(self, followed_at: datetime) -> bool:
        """Limit `recorded_at` to the time of an entry that follows it in the ledger. Returns whether it changed.

        Differences of up to `CLOCK_AHEAD_MAX` are kept.
        """
        if self.recorded_at is None or self.recorded_at - followed_at <= CLOCK_AHEAD_MAX:
            return False
        self.recorded_at = followed_at
        return True

    def redate(self, at: datetime) -> None:
        """Replace every time after `at`, which is wrong, by `at`. The order of statements does not change."""
        self.lines = {
            key: line._replace(moment=line.moment.not_after(at), recorded_at=min(line.recorded_at, at), recent=None)
            for key, line in self.lines.items()
        }
        self.complete = self.complete and self.complete.not_after(at)
        self.newest = self.newest and self.newest.not_after(at)

    def is_newest(self, moment: Moment) -> bool:
        """Whether no report has a later moment: then every line of a report at this moment is new."""
        return self.newest is None or moment > self.newest

    def has_newer(self, key: LineKey, moment: Moment) -> bool:
        """Whether a newer statement about `key` than one at this moment is already known."""
        line = self.lines.get(key) or self.lines.get(FORGOTTEN)
        newer_line = line is not None and line.moment > moment
        return newer_line or (self.complete is not None and self.complete > moment)


@dataclass(frozen=True, slots=True)
class Change:
    """The effect of one report: lines to set, lines that it ends, and the moment of the report."""

    moment: Moment
    recorded_at: datetime
    set_lines: dict[LineKey, CurrentLine]
    ended: frozenset[LineKey]
    complete: bool
    redates: bool = False

    def check_fits(self, state: ChannelState) -> None:
        """Check the number of open lines. Raises: InvalidInput, if it exceeds the maximum and the current number."""
        if len(state.lines) + len(self.set_lines) <= OPEN_LINES_MAX:
            return
        number, before = _count_open(self.lines_after(state).values()), _count_open(state.lines.values())
        if number > max(OPEN_LINES_MAX, before):
            raise InvalidInput(
                Fault(
                    "#/lines",
                    f"a facility has at most {OPEN_LINES_MAX} open lines on one channel, with this report {number}; "
                    "close lines, or send a complete report",
                )
            )

    def lines_after(self, state: ChannelState) -> dict[LineKey, CurrentLine]:
        """The lines of a channel after this change."""
        return {key: line for key, line in state.lines.items() if key not in self.ended} | self.set_lines

    def forgetting(self, state: ChannelState) -> "Change":
        """This change, extended to drop closed lines if the channel would otherwise keep more than `LINES_KEPT_MAX`."""
        if len(state.lines) + len(self.set_lines) <= LINES_KEPT_MAX:
            return self
        after = self.lines_after(state)
        excess = len(after) - LINES_KEPT_MAX
        if excess <= 0:
            return self
        closed = frozenset(_forgettable(after)[: excess + FORGOTTEN_AT_ONCE])
        if not closed:
            return self
        last = max(after[key].moment for key in (*closed, *(after.keys() & {FORGOTTEN})))
        set_lines = {key: line for key, line in self.set_lines.items() if key not in closed}
        set_lines[FORGOTTEN] = CurrentLine(None, None, last, self.recorded_at)
        return replace(self, set_lines=set_lines, ended=self.ended | closed)

    def apply_to(self, state: ChannelState) -> None:
        """Apply the change to `state`. Applying it twice has the same effect as once."""
        if self.redates:
            state.redate(self.moment.observed_at)
            return
        for key in self.ended:
            state.lines.pop(key, None)
        state.lines.update(self.set_lines)
        if self.complete and (state.complete is None or self.moment > state.complete):
            state.complete = self.moment
        if state.newest is None or self.moment > state.newest:
            state.newest = self.moment
            state.recorded_at = self.recorded_at


def change(state: ChannelState, report: Report, *, seq: int, recorded_at: datetime) -> Change:
    """The effect on `state` of `report`, recorded at ledger position `seq`."""
    moment = Moment(report.observed_at, seq)
    if report.redates:
        return Change(moment, recorded_at, {}, frozenset(), complete=False, redates=True)
    is_newest, lines = state.is_newest(moment), state.lines
    # No line of the channel is newer than `newest`, so most reports need no recent values at all.
    since = moment.observed_at - recent_values.WITHIN
    is_close = state.newest is not None and state.newest.observed_at >= since
    set_lines = {}
    for key, ward_name, beds, details in report.stated():
        if not is_newest and state.has_newer(key, moment):
            continue
        recent = None
        if is_close and beds is not None and (before := lines.get(key)) is not None:
            recent = _recent_after(before, beds, moment, since)
        set_lines[key] = CurrentLine(ward_name, beds, moment, recorded_at, details, recent)
    ended: frozenset[LineKey] = frozenset()
    if report.complete and (state.complete is None or moment > state.complete):
        named = {line.key for line in report.stated()}
        ended = frozenset(key for key, line in state.lines.items() if line.moment < moment and key not in named)
    return Change(moment, recorded_at, set_lines, ended, report.complete).forgetting(state)


def assess(
    state: ChannelState, report: Report, facility: Facility, *, seq: int, now: datetime
) -> tuple[Outcome, tuple[ReportWarning, ...]]:
    """Whether the report changes the figures, and its warnings (docs/api.md)."""
    moment = Moment(report.observed_at, seq)
    warnings: list[ReportWarning] = []
    if report.redates:
        return Outcome.applied, ()
    if report.observed_at > now:
        warnings.append(ReportWarning("clock_ahead", None, "observed_at lies in the future; check the sender's clock"))
    # A complete report also covers the lines that it does not name, unless a newer complete one is known.
    closes = report.complete and (state.complete is None or state.complete <= moment)
    is_newest, late = state.is_newest(moment), 0
    overlaps = any(overlapping(stated.key.bed_type, BED_TYPES) for stated in report.stated())
    reported = _types_after(state, report, moment, closes=closes) if overlaps else frozenset[str]()
    for n, (key, _, beds, _) in enumerate(report.stated()):
        if not is_newest and state.has_newer(key, moment):
            late += 1
            warnings.append(ReportWarning("late", n, "a newer figure for this line is known and is kept"))
            continue
        if beds is not None:
            warnings += warn_of_flags(n, key.bed_type, beds, facility=facility, reported=reported)
        before = state.lines.get(key)
        if before is not None and before.beds != beds:
            warnings += _compare_line(n, before, beds, moment)
    warnings += _warn_of_closed(state, report, moment)
    if closes:
        warnings += _warn_of_unnamed(state, report, moment)
    is_late = late == len(report.lines) and not closes
    return (Outcome.late if is_late else Outcome.applied), tuple(warnings)


def _types_after(state: ChannelState, report: Report, moment: Moment, *, closes: bool) -> frozenset[str]:
    """The bed types of the lines that are open after the report."""
    stated = {key: beds for key, _, beds, _ in report.stated() if not state.has_newer(key, moment)}
    found = {key.bed_type for key, beds in stated.items() if beds is not None}
    for key, line in state.lines.items():
        if line.beds is not None and key not in stated and not (closes and line.moment < moment):
            found.add(key.bed_type)
    return frozenset(found)


def _compare_line(place: int, line: CurrentLine, after: BedCount | None, moment: Moment) -> Sequence[ReportWarning]:
    """The warnings about an open line that states other counts now."""
    before = line.beds
    if before is None or after is None:
        return ()
    found = warn_of_change(place, before, after)
    if may_alternate(line.recent):
        recent = _recent_after(line, after, moment, moment.observed_at - recent_values.WITHIN)
        found += [warn_of_alternation(place, before, after)] if alternates(recent, moment.observed_at) else []
    return found


def _warn_of_closed(state: ChannelState, report: Report, moment: Moment) -> Iterable[ReportWarning]:
    """The warnings about large lines that the report closes, unless their beds continue under another type or row."""
    closed = [(n, stated.key) for n, stated in enumerate(report.stated()) if stated.beds is None]
    if not closed:
        return
    opened = [(beds.beds_total, key) for key, _, beds, _ in report.stated() if beds is not None]
    wards, types = {(n, key.ward_code) for n, key in opened}, {(n, key.bed_type) for n, key in opened}
    for place, key in closed:
        line = state.lines.get(key)
        if line is None or line.beds is None or state.has_newer(key, moment):
            continue
        total = line.beds.beds_total
        if (total, key.ward_code) not in wards and (total, key.bed_type) not in types:
            yield from warn_of_closing(place, line.beds)


def _warn_of_unnamed(state: ChannelState, report: Report, moment: Moment) -> Iterable[ReportWarning]:
    """The warning about large lines that a complete report closes without naming them."""
    named = {stated.key for stated in report.stated()}
    closed = {
        key: line.beds.beds_total
        for key, line in state.lines.items()
        if line.beds is not None
        and (line.beds.beds_total or 0) >= JUMP_BEDS_MIN
        and line.moment < moment
        and key not in named
    }
    if closed:
        shown = ", ".join(
            f"{key.bed_type}{key.ward_code and f' in {key.ward_code}'} ({total} beds)"
            for key, total in islice(closed.items(), CLOSED_SHOWN_MAX)
        )
        more = f" and {len(closed) - CLOSED_SHOWN_MAX} more" if len(closed) > CLOSED_SHOWN_MAX else ""
        detail = f"this complete report does not name and so closes {shown}{more}"
        yield ReportWarning("capacity_jump", None, detail, {"before": sum(filter(None, closed.values()))})


def _recent_after(before: CurrentLine, beds: BedCount, moment: Moment, since: datetime) -> Recent | None:
    """The recent values of a line after it states `beds`, if its statement before is not older than `since`."""
    if before.beds is None or before.moment.observed_at < since:
        return None
    if before.moment.seq == moment.seq:
        return before.recent  # the same statement once more
    return remember(before.recent, before.beds, beds, moment.observed_at)


def _forgettable(lines: Mapping[LineKey, CurrentLine]) -> list[LineKey]:
    """The closed lines that may be dropped, those closed first at the beginning.

    Row ids are issued in ascending order: the highest ward code of each length is kept, or an id would be issued twice.
    """
    highest: dict[int, str] = {}
    for ward_code, _ in lines:
        length = len(ward_code)
        highest[length] = max(ward_code, highest.get(length, ""))
    closed = [
        (line.moment, key)
        for key, line in lines.items()
        if line.beds is None and key != FORGOTTEN and key.ward_code != highest[len(key.ward_code)]
    ]
    return [key for _, key in sorted(closed)]


def _count_open(lines: Iterable[CurrentLine]) -> int:
    return sum(line.beds is not None for line in lines)
