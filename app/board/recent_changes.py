"""The last changes of facilities, in ledger order: what a client that reconnects has missed."""

from collections import deque
from itertools import islice
from typing import NamedTuple

from app.domain.channels import CountingSince
from app.domain.registry.facility import Facility

# Limit: docs/limits.md, "Reading".
CHANGES_KEPT = 10_000


class RecentChange(NamedTuple):
    """A change of a facility: by the entry `seq`, or by the clock alone while `seq` was the last entry.

    `before` is its earlier registration, where the entry changed that. `counting` is the channel that counts from then
    on, where another one did before.
    """

    seq: int
    facility_id: str
    by_clock: bool
    before: Facility | None = None
    counting: CountingSince | None = None


class RecentChanges:
    """Changes in order. A mark is the number of changes ever recorded before it."""

    def __init__(self) -> None:
        self._changes: deque[RecentChange] = deque(maxlen=CHANGES_KEPT)
        self._begins_after = 0  # the changes of all later entries are here
        self.mark = 0

    def forget(self, position: int) -> None:
        """Discard everything up to this entry: what it changed is unknown, or cannot be listed by facility."""
        self._changes.clear()
        self._begins_after = position
        self.mark += 1

    def add(self, change: RecentChange) -> None:
        """Add a change; the oldest is dropped when full."""
        if len(self._changes) == CHANGES_KEPT:
            self._begins_after = self._changes[0].seq + self._changes[0].by_clock
        self._changes.append(change)
        self.mark += 1

    def after(self, position: int) -> int | None:
        """The mark before the first change that a response of this position may lack; None where it was discarded."""
        if position < self._begins_after:
            return None
        back = 0
        for change in reversed(self._changes):
            if change.seq < position or (change.seq == position and not change.by_clock):
                break
            back += 1
        return self.mark - back

    def since(self, mark: int) -> list[RecentChange] | None:
        """The changes after a mark, in order; None where some were discarded."""
        missing = self.mark - mark
        if missing > len(self._changes):
            return None
        return list(islice(self._changes, len(self._changes) - missing, None))
