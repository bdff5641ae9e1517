"""A board with the small world of the factories, and a pen to write entries with."""

from datetime import datetime
from typing import Any

import pytest

from app.board.board import Board
from app.domain.beds.freshness import Thresholds
from app.domain.ledger import AreasRegistered, FacilitiesRegistered, LedgerEntry, Matter
from app.domain.registry.facility import DEFAULT_THRESHOLDS, Facility, FacilityKind
from app.domain.reports.report import Report
from tests.factories import AREAS, FACILITIES, MORNING, entry_after


class Pen:
    """Writes one entry after the other onto a board."""

    def __init__(self, thresholds: dict[FacilityKind, Thresholds] = DEFAULT_THRESHOLDS) -> None:
        self.board = Board(thresholds)
        self.entries: list[LedgerEntry] = []

    def write(self, matter: Matter, *, at: datetime = MORNING) -> LedgerEntry:
        """One more entry, recorded at this moment."""
        entry = entry_after(self.board.head, matter, at=at)
        self.board.apply(entry)
        self.entries.append(entry)
        return entry

    def reports(self, *reports: Report, at: datetime = MORNING) -> None:
        """Reports recorded at this moment, or when they were observed, if that is later."""
        for said in reports:
            self.write(said, at=max(at, said.observed_at))

    def facilities(self, *facilities: Facility, at: datetime = MORNING) -> None:
        self.write(FacilitiesRegistered(facilities, at, ""), at=at)

    def world(self) -> "Pen":
        self.write(AreasRegistered(AREAS))
        self.facilities(*FACILITIES)
        return self

    def totals(self, code: str = "33.74", now: datetime = MORNING) -> tuple[Any, ...]:
        """Total, occupied and available of an area."""
        found = self.board.roll_up(code, now).totals
        return found.beds_total, found.beds_occupied, found.beds_available


@pytest.fixture
def pen() -> Pen:
    return Pen().world()
