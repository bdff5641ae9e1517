"""A query after a start or an import finds everything read; a few changes are left to it."""

import pytest

from app.limits.time_slices import TimeSlices
from app.runtime import board_preparer
from app.runtime.board_preparer import BoardPreparer


async def test_many_changes_are_read_before_a_query(service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board_preparer, "LEFT_TO_QUERIES", 0)
    board = service.node.board
    board._nearest.touch(facility.facility_id for facility in board.facilities())
    assert board.unread
    await BoardPreparer(board, TimeSlices().steps)._step()
    assert board.unread == 0


async def test_few_changes_wait_for_a_query(service) -> None:
    board = service.node.board
    board._nearest.touch(facility.facility_id for facility in board.facilities())
    waiting = board.unread
    await BoardPreparer(board, TimeSlices().steps)._step()
    assert board.unread == waiting > 0
