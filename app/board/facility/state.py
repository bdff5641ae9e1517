"""One facility on the board: its channels, the one that counts, how fresh its lines are, and what it adds to its areas.

The freshness of every line changes with the clock. `lines_until` is a moment before which no line changes by its own
age. A report moves it earlier only if its own lines change first; it is never moved later, but all lines are looked
through again when it comes. So a report costs nothing for the lines that it does not name, and the board's heap has
facilities instead of lines.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import NamedTuple

from app.board.facility.evidence import evidence_of
from app.board.facility.judged_lines import (
    NONE_CONTAIN,
    JudgedLine,
    judge_lines,
    rows_of,
    types_of,
    with_freshness,
)
from app.board.totals.profiles import Profile
from app.board.totals.sums import FLAGGED_LINE, FacilityCell, LineCell, Row
from app.domain.beds.bed_types import BED_TYPES
from app.domain.beds.freshness import Freshness, Thresholds
from app.domain.channels import (
    NEVER_REPORTED,
    Channel,
    CountingChannel,
    CountingReason,
    CountingSince,
    counting_channel,
    judge_channel,
)
from app.domain.registry.facility import DEFAULT_THRESHOLDS, Facility, FacilityKind
from app.domain.reports.lines import Change, ChannelState

# The last moment at which a judgement holds is followed by this one.
RESOLUTION = timedelta(microseconds=1)
# Changes of one facility that are looked at one by one, after nobody asked for a long time.
STEPS_MAX = 100
_NO_CHANNEL = ChannelState()


@dataclass(slots=True)
class FacilityState:
    """A facility with the current state of each of its channels.

    `judged_at` is the time for which `counting_channel` and the freshness of the lines hold. `deadline` is the moment
    for which it waits in the board's heap. It is not moved by a newer report, only looked at again when it comes.
    `counting_since` belongs to the channel that counts, `counted_before` to the one before it.
    """

    facility: Facility
    channels: dict[Channel, ChannelState] = field(default_factory=dict)
    counting_channel: CountingChannel = NEVER_REPORTED
    judged_at: datetime | None = None
    lines_until: datetime | None = None
    deadline: datetime | None = None
    counting_since: CountingSince | None = None
    counted_before: CountingSince | None = None

    @property
    def counting(self) -> ChannelState:
        """The state of the counting channel; empty where nothing was reported."""
        return _NO_CHANNEL if self.counting_channel.channel is None else self.channels[self.counting_channel.channel]

    @property
    def observed_at(self) -> datetime | None:
        """The newest observation on the counting channel."""
        newest = self.counting.newest
        return newest and newest.observed_at

    @property
    def facility_cell(self) -> FacilityCell:
        """The cell of facilities that it counts in."""
        return FacilityCell(self.facility.kind, self.facility.operated_by, self.counting_channel.freshness)

    def judge(self, now: datetime, defaults: Mapping[FacilityKind, Thresholds]) -> None:
        """Determine the counting channel and how fresh it is at `now`, and until when its lines stay as they are."""
        thresholds = thresholds_of(self.facility, defaults)
        self._judge_channels(now, thresholds)
        if self.judged_at is None or now < self.judged_at or (self.lines_until is not None and now > self.lines_until):
            self._find_lines_until(thresholds, now)
        self.judged_at = now

    def _judge_channels(self, now: datetime, thresholds: Thresholds) -> None:
        evidence = {
            channel: found
            for channel, state in self.channels.items()
            if (found := evidence_of(state, thresholds, now, is_alone=len(self.channels) == 1)) is not None
        }
        self.counting_channel = counting_channel(
            evidence, pinned=self.facility.counting_channel, thresholds=thresholds, now=now
        )

    def take(
        self, channel: Channel, effect: Change, now: datetime, defaults: Mapping[FacilityKind, Thresholds]
    ) -> bool:
        """Apply the effect of an entry on one of its channels. Returns whether another channel counts now.

        It is never judged for an earlier time than before: the lines that the entry does not name were judged for that.
        """
        state = self.channels.setdefault(channel, ChannelState())
        effect.apply_to(state)
        if state.newest is None:
            del self.channels[channel]  # its only report was withdrawn
        at = now if self.judged_at is None else max(now, self.judged_at)
        if not effect.only_sets_lines:
            self.forget_judgement()
        self._expect(effect, at, thresholds_of(self.facility, defaults))
        self.judge(at, defaults)
        return self.note_counting(now, by_clock=False)

    def note_counting(self, at: datetime, *, by_clock: bool) -> bool:
        """Remember since when the channel that was just judged to count does so. Returns whether another one did.

        An entry that was recorded before the clock changed the channel, by a node whose clock is a little behind, takes
        that change back first: so every node remembers the same.
        """
        known = self.counting_since
        if known is not None and known.since is not None and known.by_clock and at <= known.since:
            known = self.counting_since = self.counted_before
        channel, reason = self.counting_channel.channel, self.counting_channel.reason
        if channel is None or reason is None:
            self.counting_since = None
            return known is not None
        if known is not None and known.channel is channel:
            return False
        self.counted_before = known
        self.counting_since = CountingSince(channel, at, reason, by_clock)
        return True

    def count_since(self, stored: CountingSince | None) -> None:
        """Take over what is stored; None if it is not recorded since when the channel that was judged last counts."""
        channel, reason = self.counting_channel.channel, self.counting_channel.reason
        if stored is None and channel is not None and reason is not None:
            stored = _since_unknown(channel, reason)
        self.counting_since = stored

    def advance_to(self, now: datetime, defaults: Mapping[FacilityKind, Thresholds]) -> bool:
        """Judge it at `now`, one change after the other. Returns whether its figures may have changed.

        With one channel only the result matters; with several it matters when each began to count.
        """
        until = self.until
        if until is None or until >= now:
            return False
        before, thresholds = (self.counting_channel, self.lines_until), thresholds_of(self.facility, defaults)
        if len(self.channels) > 1:
            for moment in self._turning_points(now, thresholds):
                self._judge_channels(moment + RESOLUTION, thresholds)
                self.note_counting(moment, by_clock=True)
        self.judge(now, defaults)
        self.note_counting(now, by_clock=True)
        return before != (self.counting_channel, self.lines_until)

    def _turning_points(self, now: datetime, thresholds: Thresholds) -> list[datetime]:
        """The moments until `now` at which another channel may begin to count: one ages, or a line of it lapses."""
        found: set[datetime] = set()
        for state in self.channels.values():
            if (heard_at := state.last_received_at) is not None:
                found |= {heard_at + thresholds.stale_after, heard_at + thresholds.silent_after}
            found |= {line.known_at + thresholds.lapsed_after for line in state.lines.values() if line.beds is not None}
        since = self.judged_at or now
        return sorted(moment for moment in found if since <= moment < now)[-STEPS_MAX:]

    def as_it_is(self, channel: Channel | None = None) -> "FacilityState":
        """A copy that keeps the present judgement, and the present lines of this channel."""
        channels = self.channels
        if channel is not None and (state := channels.get(channel)) is not None:
            channels = {**channels, channel: state.copy()}
        return FacilityState(
            self.facility,
            channels,
            self.counting_channel,
            self.judged_at,
            self.lines_until,
            self.deadline,
            self.counting_since,
            self.counted_before,
        )

    def _expect(self, effect: Change, now: datetime, thresholds: Thresholds) -> None:
        """Take the lines of an entry into account: when their freshness changes next. They have the same times."""
        if effect.set_lines:
            known_at = min(effect.moment.observed_at, effect.recorded_at)
            change = thresholds.next_change_of_line(known_at, now)
            if change is not None and (self.lines_until is None or change < self.lines_until):
                self.lines_until = change

    def forget_judgement(self) -> None:
        """Have all lines looked through again: their times or the thresholds were changed."""
        self.judged_at = None

    @property
    def until(self) -> datetime | None:
        """The last moment for which the judgement holds; None if time alone changes nothing any more."""
        return min((at for at in (self.counting_channel.until, self.lines_until) if at is not None), default=None)

    def turns(self, defaults: Mapping[FacilityKind, Thresholds]) -> Iterator[datetime]:
        """The times at which one of its channels or lines becomes less fresh, if no further report comes."""
        limits = thresholds_of(self.facility, defaults)
        for channel in self.channels.values():
            if (at := channel.last_received_at) is not None:
                yield from (at + limits.stale_after, at + limits.silent_after)
            for at in {line.known_at for line in channel.lines.values() if line.beds is not None}:
                yield from (at + limits.silent_after, at + limits.lapsed_after)

    def freshness_of(self, channel: Channel, defaults: Mapping[FacilityKind, Thresholds]) -> Freshness:
        """The freshness of one of its channels, as judged last."""
        if channel is self.counting_channel.channel:
            return self.counting_channel.freshness
        thresholds, state = thresholds_of(self.facility, defaults), self.channels[channel]
        if self.judged_at is None:
            return Freshness.never
        evidence = evidence_of(state, thresholds, self.judged_at, is_alone=True)
        return Freshness.never if evidence is None else judge_channel(evidence, thresholds, self.judged_at)

    def lines(self, defaults: Mapping[FacilityKind, Thresholds], channel: Channel | None = None) -> list[JudgedLine]:
        """The open lines of a channel (default: the counting one) of known bed types, as judged last."""
        channel = channel or self.counting_channel.channel
        if self.judged_at is None or channel is None:
            return []
        state = self.channels[channel]
        thresholds = thresholds_of(self.facility, defaults)
        found = with_freshness(state.lines, self.freshness_of(channel, defaults), thresholds, self.judged_at)
        return judge_lines(found, state.implausible, self.facility)

    def _find_lines_until(self, thresholds: Thresholds, now: datetime) -> None:
        self.lines_until = None
        times = {
            line.known_at for state in self.channels.values() for line in state.lines.values() if line.beds is not None
        }
        changes = (thresholds.next_change_of_line(at, now) for at in times)
        self.lines_until = min((at for at in changes if at is not None), default=None)

    def contribution(self, defaults: Mapping[FacilityKind, Thresholds]) -> "Contribution":
        """What it adds to each of its areas, as judged last; nothing while it is closed."""
        if not self.facility.is_open:
            return NOTHING
        lines = self.lines(defaults)
        rows = rows_of(lines, self.facility)
        if self.counting.implausible:
            self._flag_implausible(rows, lines)
        return Contribution(rows, self.facility_cell, self._profile_of(lines))

    def profile(self, defaults: Mapping[FacilityKind, Thresholds]) -> Profile:
        """Which bed types it has, and how fresh."""
        return self._profile_of(self.lines(defaults))

    def _profile_of(self, lines: Iterable[JudgedLine]) -> Profile:
        return Profile(self.facility.kind, self.facility.operated_by, types_of(lines))

    def _flag_implausible(self, rows: dict[LineCell, Row], lines: Iterable[JudgedLine]) -> None:
        """Count the implausible lines without earlier figures as flagged: they have no row of their own."""
        known = {line.key for line in lines}
        freshness = self.counting_channel.freshness
        for key, statement in self.counting.implausible.items():
            if (
                statement.beds is not None
                and key not in known
                and key.bed_type in BED_TYPES
                and freshness is not Freshness.lapsed
            ):
                cell = self.cell_of(key.bed_type, freshness)
                rows[cell] = rows.get(cell, 0) + FLAGGED_LINE

    def cell_of(
        self,
        bed_type: str,
        freshness: Freshness,
        inside: frozenset[str] = NONE_CONTAIN,
        inside_fresh: frozenset[str] = NONE_CONTAIN,
    ) -> LineCell:
        """The cell of its lines of this type and freshness."""
        return LineCell(self.facility.kind, self.facility.operated_by, freshness, bed_type, inside, inside_fresh)


class Contribution(NamedTuple):
    """What one facility adds to each of its areas."""

    rows: Mapping[LineCell, Row]
    cell: FacilityCell | None
    profile: Profile | None


NOTHING = Contribution({}, None, None)


def thresholds_of(facility: Facility, defaults: Mapping[FacilityKind, Thresholds]) -> Thresholds:
    """The facility's own thresholds, else those of its kind; a hospital's for an unknown kind."""
    kind = facility.kind if facility.kind.is_known else FacilityKind.hospital
    default = defaults.get(kind, DEFAULT_THRESHOLDS[kind])
    if facility.thresholds is None and facility.lapsed_after is None:
        return default
    return _combined(facility.thresholds or default, facility.lapsed_after or default.lapsed_after)


@cache  # a country has thousands that are equal
def _since_unknown(channel: Channel, reason: CountingReason) -> CountingSince:
    return CountingSince(channel, None, reason, by_clock=False)


@lru_cache(1_000)
def _combined(thresholds: Thresholds, lapsed_after: timedelta) -> Thresholds:
    return replace(thresholds, lapsed_after=max(lapsed_after, thresholds.silent_after))
