"""Freshness: the age of the newest observation of a line or facility, as a category."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.vocabulary import StoredEnum


class Freshness(StoredEnum):
    """`fresh`, `stale` or `silent` by age; `never` if nothing was reported."""

    fresh = "fresh"
    stale = "stale"
    silent = "silent"
    never = "never"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """An observation is fresh up to `stale_after`, stale up to `silent_after`, then silent."""

    stale_after: timedelta
    silent_after: timedelta

    def fault(self) -> str | None:
        """Why these thresholds are invalid, or None. Stored as whole seconds: a restart would lose a fraction."""
        if not timedelta(0) < self.stale_after <= self.silent_after:
            return "stale_after must be more than 0, and silent_after not less than it"
        if self.stale_after.microseconds or self.silent_after.microseconds:
            return "must be whole seconds"
        return None

    def judge(self, observed_at: datetime, now: datetime) -> Freshness:
        """The freshness of an observation at `now`. An age equal to a threshold does not exceed it."""
        age = now - observed_at
        if age <= self.stale_after:
            return Freshness.fresh
        return Freshness.stale if age <= self.silent_after else Freshness.silent

    def next_change(self, observed_at: datetime, now: datetime) -> datetime | None:
        """The last moment at which the current freshness is still correct; None when it is already silent."""
        for limit in (self.stale_after, self.silent_after):
            if now - observed_at <= limit:
                return observed_at + limit
        return None


def hours(stale_after: float, silent_after: float) -> Thresholds:
    """The thresholds for these numbers of hours."""
    return Thresholds(timedelta(hours=stale_after), timedelta(hours=silent_after))
