"""Current lines: the lines of one facility and channel after any number of reports, in any order.

The store computes a report's effect with this module before it writes, the board afterwards; live updates, replay and
`verify` therefore share one rule. It is a join: each line keeps the statement with the highest (observed_at, seq), and
a complete report is such a statement about every line that it does not name.

An implausible statement (`app.domain.reports.plausibility`) is kept beside the line and changes no figure, until an
officer confirms it or a newer plausible one follows.

A channel with too many lines drops closed ones, the oldest first; the ledger still has them. One closed line
(`FORGOTTEN`) then represents all of them: it records when the newest of them was closed, so that no older report
reopens one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import MappingProxyType

from app.domain.beds.counts import BedCount
from app.domain.errors import Fault, InvalidInput
from app.domain.reports import recent_values
from app.domain.reports.clocks import CLOCK_AHEAD_MAX
from app.domain.reports.recent_values import Recent, remember
from app.domain.reports.report import Confirmation, LineKey, Report
from app.domain.reports.statements import CurrentLine, Moment
from app.domain.reports.withdrawal import Withdrawal

# docs/limits.md. All lines of a channel are read and written together, and kept in memory.
OPEN_LINES_MAX = 2_000
LINES_KEPT_MAX = 10_000
# Dropped in addition to the excess, since finding the oldest takes longer than the report itself.
FORGOTTEN_AT_ONCE = 500

_BEFORE_ALL = Moment(datetime(1970, 1, 1, tzinfo=UTC), 0)

FORGOTTEN = LineKey("", "")  # reserved: no bed type is empty, so no report uses it


NO_LINES: Mapping[LineKey, CurrentLine] = MappingProxyType({})


@dataclass(slots=True)
class ChannelState:
    """The current state of one channel of one facility.

    `complete` is the moment of the newest complete report, which closes every older line that it does not name.
    `newest` is the newest moment of any report, and also advances when a report changes nothing; `recorded_at` is when
    that report was recorded. The earlier of the two times decides freshness (`last_received_at`). `implausible` are
    statements that are newer than the line of the same key and change no figure; the mapping is replaced, never
    modified.
    """

    lines: dict[LineKey, CurrentLine] = field(default_factory=dict)
    complete: Moment | None = None
    newest: Moment | None = None
    recorded_at: datetime | None = None
    implausible: Mapping[LineKey, CurrentLine] = field(default_factory=lambda: NO_LINES)

    def copy(self) -> "ChannelState":
        """A copy that can be changed without changing this state."""
        return ChannelState(self.lines.copy(), self.complete, self.newest, self.recorded_at, self.implausible)

    def statements(self) -> Mapping[LineKey, CurrentLine]:
        """The newest statement about each line, also where it is implausible: what its sender expects to read."""
        return {**self.lines, **self.implausible} if self.implausible else self.lines

    def statement(self, key: LineKey) -> CurrentLine | None:
        """The newest statement about one line."""
        return self.implausible.get(key) or self.lines.get(key)

    def without_recent(self) -> "ChannelState":
        """A copy without recent values."""
        found = self.copy()
        found.lines = {key: line._replace(recent=None) if line.recent else line for key, line in self.lines.items()}
        return found

    def without(self, withdrawal: Withdrawal) -> "ChannelState":
        """A copy without the report that `withdrawal` withdraws."""
        lines = self.lines.copy()
        for ward_code, bed_type, line in withdrawal.lines:
            key = LineKey(ward_code, bed_type)
            if line is None:
                lines.pop(key, None)
            else:
                lines[key] = line
        implausible = {LineKey(each.ward_code, each.bed_type): each.line for each in withdrawal.implausible}
        return ChannelState(lines, withdrawal.complete, withdrawal.newest, withdrawal.recorded_at, implausible)

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
        self.lines = {key: line.not_after(at) for key, line in self.lines.items()}
        if self.implausible:
            self.implausible = {key: line.not_after(at) for key, line in self.implausible.items()}
        self.complete = self.complete and self.complete.not_after(at)
        self.newest = self.newest and self.newest.not_after(at)

    def is_newest(self, moment: Moment) -> bool:
        """Whether nothing that counts has a later moment: then every line of a report at this moment is new."""
        return self.newest is None or (moment > self.newest and (self.complete is None or moment > self.complete))

    def has_newer(self, key: LineKey, moment: Moment) -> bool:
        """Whether a newer statement about `key` than one at this moment is already known.

        Of a line that is kept, although it is older than the newest complete report, that report stated something
        implausible: it leaves what was known before.
        """
        line = self.lines.get(key)
        if line is not None:
            return line.moment > moment
        forgotten = self.lines.get(FORGOTTEN)
        if forgotten is not None and forgotten.moment > moment:
            return True
        return self.complete is not None and self.complete > moment

    def has_newer_implausible(self, key: LineKey, moment: Moment) -> bool:
        """Whether a newer implausible statement about `key` is already known."""
        return key in self.implausible and self.implausible[key].moment > moment


@dataclass(frozen=True, slots=True)
class Change:
    """The effect of one report: lines to set, lines that it ends, and the moment of the report.

    `observes`: it states anything plausible; otherwise it makes nothing fresher. `replaces`: the state of the channel
    afterwards, if moments of it are replaced too, as by a withdrawal.
    """

    moment: Moment
    recorded_at: datetime
    set_lines: dict[LineKey, CurrentLine]
    ended: frozenset[LineKey]
    complete: bool
    redates: bool = False
    implausible: Mapping[LineKey, CurrentLine] = field(default_factory=lambda: NO_LINES)
    confirms: frozenset[Confirmation] = frozenset()
    observes: bool = True
    replaces: ChannelState | None = None

    @property
    def only_sets_lines(self) -> bool:
        """Whether it has no effect but that of `set_lines`."""
        return not (self.ended or self.implausible or self.confirms or self.redates or self.replaces)

    def check_fits(self, state: ChannelState) -> None:
        """Check the number of open lines. Raises: InvalidInput, if it exceeds the maximum and the current number."""
        kept = len(state.implausible) + len(self.implausible)
        if len(state.lines) + len(self.set_lines) + kept <= OPEN_LINES_MAX:
            return
        number = _count_open({**self.lines_after(state), **state.implausible, **self.implausible}.values())
        before = _count_open(state.statements().values())
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
        if self.confirms:  # it is no observation
            self._apply_implausible(state)
            return
        for key in self.ended:
            state.lines.pop(key, None)
        state.lines.update(self.set_lines)
        if self.replaces is not None:
            state.complete, state.newest = self.replaces.complete, self.replaces.newest
            state.recorded_at, state.implausible = self.replaces.recorded_at, self.replaces.implausible
            return
        if state.implausible or self.implausible:
            self._apply_implausible(state)
        if self.complete and (state.complete is None or self.moment > state.complete):
            state.complete = self.moment
        if state.newest is None or (self.observes and self.moment > state.newest):
            state.newest = self.moment
            state.recorded_at = self.recorded_at

    def _apply_implausible(self, state: ChannelState) -> None:
        """Confirm, add and drop implausible statements; the lines themselves are set already."""
        known = {**state.implausible, **self.implausible}
        for key, seq in self.confirms:
            if key in known and known[key].moment.seq == seq:
                state.lines[key] = known.pop(key)
        closed_by = self.moment if self.complete else None
        state.implausible = {
            key: statement
            for key, statement in known.items()
            if not ((line := state.lines.get(key)) is not None and line.moment > statement.moment)
            and not (closed_by is not None and closed_by > statement.moment)
        }


def change(state: ChannelState, report: Report, *, seq: int, recorded_at: datetime) -> Change:
    """The effect on `state` of `report`, recorded at ledger position `seq`."""
    moment = Moment(report.observed_at, seq)
    if report.redates:
        return Change(moment, recorded_at, {}, frozenset(), complete=False, redates=True)
    if report.confirms:
        return Change(moment, recorded_at, {}, frozenset(), complete=False, confirms=report.confirms)
    if report.withdraws is not None:
        return _withdrawing(state, report, report.withdraws, seq=seq, recorded_at=recorded_at)
    is_newest, lines = state.is_newest(moment), state.lines
    # No line of the channel is newer than `newest`, so most reports need no recent values at all.
    since = moment.observed_at - recent_values.WITHIN
    is_close = state.newest is not None and state.newest.observed_at >= since
    set_lines = {}
    for key, ward_name, beds, details in report.stated():
        if not is_newest and state.has_newer(key, moment):
            continue
        before = lines.get(key)
        recent = None if before is None else recent_after(before, beds, moment, since if is_close else None)
        set_lines[key] = CurrentLine(ward_name, beds, moment, recorded_at, details, recent)
    implausible: Mapping[LineKey, CurrentLine] = NO_LINES
    if report.implausible:
        found = {key: set_lines.pop(key) for key in report.implausible if key in set_lines}
        implausible = {
            key: line._replace(recent=None)
            for key, line in found.items()
            if not state.has_newer_implausible(key, moment)
        }
    ended: frozenset[LineKey] = frozenset()
    if report.complete and (state.complete is None or moment > state.complete):
        named = {line.key for line in report.stated()}
        ended = frozenset(key for key, line in state.lines.items() if line.moment < moment and key not in named)
    if report.complete:
        set_lines |= _closings(state, report, moment, recorded_at)
    observes = not report.implausible or len(report.implausible) < len(report.lines)
    return Change(
        moment, recorded_at, set_lines, ended, report.complete, implausible=implausible, observes=observes
    ).forgetting(state)


def _closings(state: ChannelState, report: Report, moment: Moment, recorded_at: datetime) -> dict[LineKey, CurrentLine]:
    """Return the closed lines that record what a complete report means for lines with implausible statements.

    The newest complete report leaves a line unchanged if it states something implausible about it. If that line is not
    known yet, the complete report before it closed the line, so that one is recorded. An earlier complete report that
    arrives later closes the lines that are older than itself and that it does not name.
    """
    if state.complete is None or moment > state.complete:
        before = state.complete or _BEFORE_ALL
        return {
            key: CurrentLine(None, None, before, recorded_at) for key in report.implausible if key not in state.lines
        }
    named = {line.key for line in report.stated()}
    return {
        key: CurrentLine(None, None, moment, recorded_at)
        for key, line in state.lines.items()
        if key != FORGOTTEN and key not in named and line.moment < moment
    }


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


def recent_after(before: CurrentLine, beds: BedCount | None, moment: Moment, since: datetime | None) -> Recent | None:
    """The recent values of a line after it states `beds`, if its statement before is not older than `since`.

    A line that is closed (None) keeps its last counts, with which it is compared if it is opened again.
    """
    if beds is None:
        last = before.beds
        return before.recent if last is None else (last.beds_total, last.beds_occupied, last.beds_available)
    if since is None or before.beds is None or before.moment.observed_at < since:
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
