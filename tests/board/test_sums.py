"""Rows are eighteen counts in one integer: none of them ever reaches its neighbour."""

from dataclasses import replace

import pytest

from app.board import board as board_module
from app.board.board import BoardFull
from app.board.totals.blocks import Block
from app.board.totals.sums import FACILITIES_MAX, LINES_PER_CHANNEL_MAX, row_of
from app.domain.beds.counts import COUNT_MAX, BedCount
from tests.board.conftest import Pen
from tests.factories import FACILITIES, line, report


def test_as_many_of_the_largest_lines_as_a_board_holds_do_not_overflow() -> None:
    largest = BedCount(
        beds_occupied=COUNT_MAX, beds_available=COUNT_MAX, beds_blocked=COUNT_MAX, queue=COUNT_MAX
    ).completed()
    number = FACILITIES_MAX * LINES_PER_CHANNEL_MAX
    block = Block()
    block.add(row_of(largest) * number, None)
    found = block.totals(0)
    assert (found.beds_total, found.beds_occupied, found.beds_blocked, found.beds_available, found.queue) == tuple(
        count and count * number
        for count in (
            largest.beds_total,
            largest.beds_occupied,
            largest.beds_blocked,
            largest.beds_available,
            COUNT_MAX,
        )
    )
    assert found.unknown_lines == 0


def test_a_board_that_is_full_stops_rather_than_answer_wrong(pen: Pen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board_module, "FACILITIES_MAX", len(FACILITIES))
    with pytest.raises(BoardFull):
        pen.facilities(replace(FACILITIES[0], facility_id="one-more", identifiers={}))
    monkeypatch.setattr(board_module, "LINES_PER_CHANNEL_MAX", 2)
    with pytest.raises(BoardFull):
        pen.reports(report(line("icu"), line("hcu"), line("ward_1")))
