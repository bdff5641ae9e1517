"""Which facilities changed, in order of the ledger: the last so many, for who comes back and asks what he missed."""

from collections import deque
from itertools import islice
from typing import NamedTuple

from app.domain.registry.facility import Facility

# Reliability section 4, row "stream".
CHANGES_KEPT = 10_000


class RecentChange(NamedTuple):
    """A facility changed: by the entry `seq`, or by the clock alone while `seq` was the last entry.

    `before` is the facility as it was registered until then, where the entry changed that.
    """

    seq: int
    facility_id: str
    by_clock: bool
    before: Facility | None = None


class RecentChanges:
    """Steps in order. A mark is a place between two of them: the number of steps ever taken before it."""

    def __init__(self) -> None:
        self._steps: deque[RecentChange] = deque(maxlen=CHANGES_KEPT)
        self._begins_after = 0  # the steps of all later entries are here
        self.mark = 0

    def forget(self, position: int) -> None:
        """What changed up to this entry is not known, or cannot be told by facilities."""
        self._steps.clear()
        self._begins_after = position
        self.mark += 1

    def add(self, step: RecentChange) -> None:
        """One more; the oldest makes room for it."""
        if len(self._steps) == CHANGES_KEPT:
            self._begins_after = self._steps[0].seq + self._steps[0].by_clock
        self._steps.append(step)
        self.mark += 1

    def after(self, position: int) -> int | None:
        """The mark before the first step that an answer of this position may lack; None where it is forgotten."""
        if position < self._begins_after:
            return None
        back = 0
        for step in reversed(self._steps):
            if step.seq < position or (step.seq == position and not step.by_clock):
                break
            back += 1
        return self.mark - back

    def since(self, mark: int) -> list[RecentChange] | None:
        """The steps after a mark, in order; None where some of them are forgotten."""
        missing = self.mark - mark
        if missing > len(self._steps):
            return None
        return list(islice(self._steps, len(self._steps) - missing, None))
