"""Counts of a line: whole beds, `>= 0`. A missing count means unknown and never becomes 0."""

from typing import NamedTuple

from app.domain.vocabulary import StoredEnum

COUNT_MAX = 100_000


class AvailableIs(StoredEnum):
    """Whether `beds_available` was reported by the facility or computed here."""

    reported = "reported"
    derived = "derived"


class BedCount(NamedTuple):
    """The counts of one line, in whole beds (docs/api.md).

    A tuple, like everything that is created for every line of every report: it takes a quarter of the time of a
    frozen dataclass. `beds_preparing` and `beds_planned` are surge capacity and never part of the total; `queue`
    counts patients.
    """

    beds_total: int | None = None
    beds_occupied: int | None = None
    beds_blocked: int = 0
    beds_available: int | None = None
    beds_preparing: int | None = None
    beds_planned: int | None = None
    queue: int | None = None
    occupied_suspected: int | None = None
    occupied_confirmed: int | None = None
    available_male: int | None = None
    available_female: int | None = None
    available_is: AvailableIs | None = None

    def faults(self) -> list[tuple[str, str]]:
        """The invalid values, as (field, reason). A surge (more occupied than total) is valid."""
        found = [
            (name, f"must be a whole number from 0 to {COUNT_MAX}")
            for name, value in zip(COUNT_FIELDS, self, strict=False)
            if value is not None and not 0 <= value <= COUNT_MAX  # type: ignore[operator]
        ]
        if self.beds_total is None and self.beds_occupied is None and self.beds_available is None:
            found.append(("", "needs at least one of beds_total, beds_occupied and beds_available"))
        if self.beds_total is not None:
            if self.beds_blocked > self.beds_total:
                found.append(("beds_blocked", "more beds are blocked than exist (beds_total)"))
            if self.beds_available is not None and self.beds_available > self.beds_total:
                found.append(("beds_available", "more beds are available than exist (beds_total)"))
        return found

    def completed(self) -> "BedCount":
        """A copy with the missing one of total, occupied and available computed from the other two.

        If more beds are occupied than exist, none is available, whatever was reported.
        """
        total, occupied, available = self.beds_total, self.beds_occupied, self.beds_available
        if total is not None and occupied is not None:
            if available is None or occupied > total:
                free = max(0, total - occupied - self.beds_blocked)
                return self._with(total, occupied, free, AvailableIs.derived)
        elif total is not None and available is not None:
            occupied = max(0, total - available - self.beds_blocked)
        elif occupied is not None and available is not None:
            total = occupied + available + self.beds_blocked
        available_is = None if available is None else AvailableIs.reported
        return self._with(total, occupied, available, available_is)

    def _with(
        self, total: int | None, occupied: int | None, available: int | None, available_is: AvailableIs | None
    ) -> "BedCount":
        return BedCount(
            total,
            occupied,
            self.beds_blocked,
            available,
            self.beds_preparing,
            self.beds_planned,
            self.queue,
            self.occupied_suspected,
            self.occupied_confirmed,
            self.available_male,
            self.available_female,
            available_is,
        )

    @property
    def is_unknown(self) -> bool:
        """Whether total, occupied or available is missing."""
        return self.beds_total is None or self.beds_occupied is None or self.beds_available is None

    @property
    def size(self) -> int:
        """The total, or without one the number of beds that there are at least."""
        total = self.beds_total
        return max(self.beds_occupied or 0, self.beds_available or 0) if total is None else total


COUNT_FIELDS = BedCount._fields[:-1]
