"""Current lines: the lines of one facility and channel after any number of reports, in any order.

The store computes a report's effect with this module before it writes, the board afterwards; live updates, replay and
`verify` therefore share one rule. It is a join: each line keeps the statement with the highest (observed_at, seq), and
a complete report is such a statement about every line that it does not name.

A channel with too many lines drops closed ones, the oldest first; the ledger still has them. One closed line
(`FORGOTTEN`) then represents all of them: it records when the newest of them was closed, so that no older report
reopens one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from app.domain.beds.counts import BedCount
from app.domain.errors import Fault, InvalidInput
from app.domain.reports.clocks import CLOCK_AHEAD_MAX
from app.domain.reports.report import LineKey, Outcome, Report, ReportWarning
from app.domain.reports.statements import CurrentLine, Moment
from app.domain.reports.withdrawal import Withdrawal

JUMP_BEDS_MIN = 10
JUMP_SHARE = 0.5
# docs/limits.md. All lines of a channel are read and written together, and kept in memory.
OPEN_LINES_MAX = 2_000
LINES_KEPT_MAX = 10_000
# Dropped in addition to the excess, since finding the oldest takes longer than the report itself.
FORGOTTEN_AT_ONCE = 500

FORGOTTEN = LineKey("", "")  # reserved: no bed type is empty, so no report uses it


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

    def without(self, withdrawal: Withdrawal) -> "ChannelState":
        """A copy without the report that `withdrawal` withdraws."""
        lines = self.lines.copy()
        for ward_code, bed_type, line in withdrawal.lines:
            key = LineKey(ward_code, bed_type)
            if line is None:
                lines.pop(key, None)
            else:
                lines[key] = line
        return ChannelState(lines, withdrawal.complete, withdrawal.newest, withdrawal.recorded_at)

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
            key: line._replace(moment=line.moment.not_after(at), recorded_at=min(line.recorded_at, at))
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
    """The effect of one report: lines to set, lines that it ends, and the moment of the report.

    `replaces`: the state of the channel afterwards, if moments of it are replaced too, as by a withdrawal.
    """

    moment: Moment
    recorded_at: datetime
    set_lines: dict[LineKey, CurrentLine]
    ended: frozenset[LineKey]
    complete: bool
    redates: bool = False
    replaces: ChannelState | None = None

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
        if self.replaces is not None:
            state.complete, state.newest = self.replaces.complete, self.replaces.newest
            state.recorded_at = self.replaces.recorded_at
            return
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
    if report.withdraws is not None:
        return _withdrawing(state, report, report.withdraws, seq=seq, recorded_at=recorded_at)
    is_newest = state.is_newest(moment)
    set_lines = {
        key: CurrentLine(ward_name, beds, moment, recorded_at, details)
        for key, ward_name, beds, details in report.stated()
        if is_newest or not state.has_newer(key, moment)
    }
    ended: frozenset[LineKey] = frozenset()
    if report.complete and (state.complete is None or moment > state.complete):
        named = {line.key for line in report.stated()}
        ended = frozenset(key for key, line in state.lines.items() if line.moment < moment and key not in named)
    return Change(moment, recorded_at, set_lines, ended, report.complete).forgetting(state)


def _withdrawing(
    state: ChannelState, report: Report, withdrawal: Withdrawal, *, seq: int, recorded_at: datetime
) -> Change:
    after = state.without(withdrawal)
    if not report.is_void:
        change(after, report.figures(), seq=seq, recorded_at=recorded_at).apply_to(after)
    set_lines = {key: line for key, line in after.lines.items() if state.lines.get(key) != line}
    ended = frozenset(state.lines.keys() - after.lines.keys())
    moment = Moment(report.observed_at, seq)
    return Change(moment, recorded_at, set_lines, ended, complete=False, replaces=after)


def assess(
    state: ChannelState, report: Report, *, seq: int, now: datetime
) -> tuple[Outcome, tuple[ReportWarning, ...]]:
    """Whether the report changes the figures, and its warnings (docs/api.md)."""
    if report.redates:
        return Outcome.applied, ()
    if report.withdraws is not None:
        if report.is_void:
            return Outcome.void, ()
        _, of_figures = assess(state.without(report.withdraws), report.figures(), seq=seq, now=now)
        return Outcome.correction, of_figures
    moment = Moment(report.observed_at, seq)
    warnings: list[ReportWarning] = []
    if report.observed_at > now:
        warnings.append(ReportWarning("clock_ahead", None, "observed_at lies in the future; check the sender's clock"))
    is_newest, late = state.is_newest(moment), 0
    for n, (key, _, beds, _) in enumerate(report.stated()):
        if not is_newest and state.has_newer(key, moment):
            late += 1
            warnings.append(ReportWarning("late", n, "a newer figure for this line is known and is kept"))
        elif beds is not None:
            warnings += _find_warnings(n, beds, state.lines.get(key))
    # A complete report also covers the lines that it does not name, unless a newer complete one is known.
    closes = report.complete and (state.complete is None or state.complete <= moment)
    is_late = late == len(report.lines) and not closes
    return (Outcome.late if is_late else Outcome.applied), tuple(warnings)


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


def _find_warnings(place: int, beds: BedCount, before: CurrentLine | None) -> Iterable[ReportWarning]:
    total, occupied, available = beds.beds_total, beds.beds_occupied, beds.beds_available
    if total is not None and occupied is not None:
        counts = {"beds_occupied": occupied, "beds_total": total}
        if occupied > total:
            yield ReportWarning("over_capacity", place, f"{occupied} beds occupied of {total}", counts)
        elif available is not None and occupied + available > total:
            detail = f"{occupied} occupied and {available} available of {total}"
            yield ReportWarning("total_mismatch", place, detail, {**counts, "beds_available": available})
    split = (beds.occupied_suspected or 0) + (beds.occupied_confirmed or 0)
    if occupied is not None and split > occupied:
        detail = f"{split} suspected and confirmed of {occupied} occupied"
        yield ReportWarning("split_mismatch", place, detail, {"split": split, "beds_occupied": occupied})
    known = before.beds.beds_total if before is not None and before.beds is not None else None
    if total is not None and known is not None:
        jump = abs(total - known)
        if jump >= JUMP_BEDS_MIN and jump > JUMP_SHARE * known:
            detail = f"beds_total was {known} in the last report, now {total}"
            yield ReportWarning("capacity_jump", place, detail, {"before": known, "beds_total": total})
