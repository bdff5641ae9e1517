"""Closing rows that their sender deleted and did not post again within half an hour, as of the moment of deletion."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

from app.board.board import Board
from app.domain.channels import Channel
from app.domain.errors import Refusal
from app.domain.permissions import OPERATOR
from app.domain.reports.lines import ChannelState
from app.domain.reports.report import Report
from app.domain.reports.rows import NothingToDelete, Row, ended, overdue
from app.runtime.record_reports import Composed, Draft, Submission
from app.runtime.worker import Worker
from app.runtime.write_queue import WriteQueue

LOOK_SECONDS = 30
ENDED_AT_ONCE = 500


class RowEnder:
    """Finds such rows and closes them while its `worker` runs. Any number of processes may do so."""

    def __init__(self, board: Board, write_queue: WriteQueue, clock: Callable[[], datetime]) -> None:
        self._board = board
        self._write_queue = write_queue
        self._clock = clock
        self.worker = Worker("deleted rows", self._step)

    async def _step(self) -> float:
        await self.end_rows()
        return LOOK_SECONDS

    async def end_rows(self) -> int:
        """Close all overdue rows. Returns their number. Raises: Unavailable.

        Every row is tried, so that a row that cannot be closed does not block others. Rows of a closed facility are
        skipped; they are closed when it opens again.
        """
        now, number, drafts = self._clock(), 0, list[Draft]()
        for facility_id, channel in self._board.channels_with_keys():
            if self._board.facility(facility_id).is_open:
                rows = overdue(self._board.channel_state(facility_id, channel), now)
                drafts += [_draft(facility_id, channel, row) for row in rows]
            await asyncio.sleep(0)  # a large hospital has thousands of rows to check
        for start in range(0, len(drafts), ENDED_AT_ONCE):
            batch = drafts[start : start + ENDED_AT_ONCE]
            answers = await self._write_queue.reports([Submission(draft, OPERATOR, None) for draft in batch])
            number += sum(not isinstance(answer, Refusal) for answer in answers)
        return number


def _draft(facility_id: str, channel: Channel, row: Row) -> Draft:
    report_id = str(uuid4())

    def compose(state: ChannelState, now: datetime) -> Composed:
        current = next((other for other in overdue(state, now) if other.key == row.key), None)
        if current is None:
            raise NothingToDelete  # posted again, or closed by another process
        # At the time of deletion, which is that of its line: freshness is not renewed.
        return Composed(Report(facility_id, channel, report_id, current.line.moment.observed_at, (ended(current),)))

    return Draft(facility_id, channel, report_id, compose)
