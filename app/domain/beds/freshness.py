"""Freshness: the age of the newest observation of a line, channel or facility, as a category."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.vocabulary import StoredEnum

DAYS_LAPSED = 30


class Freshness(StoredEnum):
    """`fresh`, `stale`, `silent` or `lapsed` by age; `never` if nothing was reported.

    A lapsed line is shown but adds nothing to any sum. The members are in order, the freshest first.
    """

    fresh = "fresh"
    stale = "stale"
    silent = "silent"
    lapsed = "lapsed"
    never = "never"


FRESHNESS_ORDER = {freshness: place for place, freshness in enumerate(Freshness)}


@dataclass(frozen=True, slots=True)
class Thresholds:
    """A channel is fresh up to `stale_after`, stale up to `silent_after`, then silent. A line lapses by its own age."""

    stale_after: timedelta
    silent_after: timedelta
    lapsed_after: timedelta = timedelta(days=DAYS_LAPSED)

    def fault(self) -> str | None:
        """Why these thresholds are invalid, or None. Stored as whole seconds: a restart would lose a fraction."""
        if not timedelta(0) < self.stale_after <= self.silent_after <= self.lapsed_after:
            return "stale_after must be more than 0, silent_after not less than it, nor lapsed_after than that"
        if self.stale_after.microseconds or self.silent_after.microseconds or self.lapsed_after.microseconds:
            return "must be whole seconds"
        return None

    def judge(self, observed_at: datetime, now: datetime) -> Freshness:
        """The freshness of a channel by its age at `now`. An age equal to a threshold does not exceed it."""
        age = now - observed_at
        if age <= self.stale_after:
            return Freshness.fresh
        return Freshness.stale if age <= self.silent_after else Freshness.silent

    def judge_line(self, observed_at: datetime, channel: Freshness, now: datetime) -> Freshness:
        """The freshness of a line: that of its channel, unless the line itself is too old for it."""
        age = now - observed_at
        if age <= self.silent_after:
            return channel
        return Freshness.silent if age <= self.lapsed_after else Freshness.lapsed

    def next_change(self, observed_at: datetime, now: datetime) -> datetime | None:
        """The last moment at which a channel's freshness is still correct; None when it is already silent."""
        return self._first(observed_at, now, self.stale_after, self.silent_after)

    def next_change_of_line(self, observed_at: datetime, now: datetime) -> datetime | None:
        """The same for a line, whose own age matters from `silent_after` on."""
        return self._first(observed_at, now, self.silent_after, self.lapsed_after)

    @staticmethod
    def _first(observed_at: datetime, now: datetime, limit: timedelta, last: timedelta) -> datetime | None:
        age = now - observed_at
        if age <= limit:
            return observed_at + limit
        return observed_at + last if age <= last else None


def hours(stale_after: float, silent_after: float) -> Thresholds:
    """The thresholds for these numbers of hours; a line lapses after 30 days."""
    return Thresholds(timedelta(hours=stale_after), timedelta(hours=silent_after))
