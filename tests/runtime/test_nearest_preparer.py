"""A search after a start or an import finds everything taken up; a few changes are left to it."""

import pytest

from app.limits.time_slices import TimeSlices
from app.runtime import nearest_preparer
from app.runtime.nearest_preparer import NearestPreparer


async def test_many_changes_are_taken_up_before_a_search(service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest_preparer, "LEFT_TO_SEARCHES", 0)
    board = service.node.board
    board._nearest.touch(facility.facility_id for facility in board.facilities())
    assert board.nearest_waiting
    await NearestPreparer(board, TimeSlices().steps)._step()
    assert board.nearest_waiting == 0


async def test_few_changes_wait_for_a_search(service) -> None:
    board = service.node.board
    board._nearest.touch(facility.facility_id for facility in board.facilities())
    waiting = board.nearest_waiting
    await NearestPreparer(board, TimeSlices().steps)._step()
    assert board.nearest_waiting == waiting > 0
