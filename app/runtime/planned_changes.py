"""Carrying out planned changes of facilities when their time has come."""

import heapq
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

from app.board.board import Board
from app.domain.errors import Conflict, InvalidInput, Refusal, Unavailable, WriteRejected
from app.domain.permissions import OPERATOR
from app.domain.registry.facility import Facility
from app.domain.registry.facility_change import carry_out, check_facilities, due_plan
from app.domain.registry.planned_changes import PlannedChange, with_problem
from app.runtime.record_facilities import check_identifiers, record_facilities
from app.runtime.worker import Worker
from app.runtime.write_queue import WriteQueue
from app.store.database import Transaction
from app.store.repositories import registry

LOOK_SECONDS = 0.5

log = logging.getLogger(__name__)


class PlannedChanges:
    """Carries out planned changes while its `worker` runs. Any number of processes may do so.

    Each change is one entry of the ledger, which every board applies at the same position. Whether it is still planned
    is decided under the ledger's lock, so it takes effect once.
    """

    def __init__(self, board: Board, write_queue: WriteQueue, clock: Callable[[], datetime]) -> None:
        self._board = board
        self._write_queue = write_queue
        self._clock = clock
        self.worker = Worker("planned changes", self._step)

    async def _step(self) -> float:
        await self.carry_out_due()
        return LOOK_SECONDS

    async def carry_out_due(self) -> int:
        """Carry out all changes that are due, in the order of their times. Returns their number.

        Every facility is tried, so that one whose change fails does not block others.
        Raises: Unavailable; the first error of any.
        """
        number = 0
        first_error: Exception | None = None
        due = self._board.planned_until(self._clock())
        heapq.heapify(due)
        while due:
            _, facility_id = heapq.heappop(due)
            if self._due(facility_id) is None:
                continue  # another process was faster
            try:
                number += await self._write_queue.change(partial(self._carry_out, facility_id), by=OPERATOR)
            except Exception as error:
                if isinstance(error, Unavailable) and not isinstance(error, WriteRejected):
                    raise
                first_error = first_error or error
                continue
            if (following := self._due(facility_id)) is not None:
                heapq.heappush(due, (following.effective_at, facility_id))
        if first_error is not None:
            raise first_error
        return number

    def _due(self, facility_id: str) -> PlannedChange | None:
        return due_plan(self._board.facility(facility_id), self._clock())

    async def _carry_out(self, facility_id: str, transaction: Transaction, now: datetime) -> bool:
        """Carry out the change that is due by now; False if none is: another process was faster."""
        facility = self._board.facility(facility_id)
        plan = due_plan(facility, now)
        if plan is None:
            return False
        try:
            changed = carry_out(facility, plan)
            check_facilities([changed], await registry.areas(transaction.connection, {changed.area_code}), now)
            await check_identifiers(transaction, [changed])
        except (InvalidInput, Conflict) as refusal:
            await self._give_up(transaction, facility, plan, _problem_of(refusal), now)
            return True
        await record_facilities(transaction, [changed], by=plan.by, now=now, at=plan.effective_at, reason=plan.reason)
        return True

    async def _give_up(
        self, transaction: Transaction, facility: Facility, plan: PlannedChange, problem: str, now: datetime
    ) -> None:
        """Keep the plan with its problem, which the officer sees, so that it is not tried again."""
        log.warning("a planned change of %s cannot take effect: %s", facility.facility_id, problem)
        kept = replace(facility, planned=with_problem(facility.planned, plan, problem))
        reason = "a planned change cannot take effect"
        await record_facilities(transaction, [kept], by=OPERATOR.principal, now=now, at=now, reason=reason)


def _problem_of(refusal: Refusal) -> str:
    if isinstance(refusal, InvalidInput) and refusal.faults:
        return "; ".join(f"{fault.pointer.rpartition('/')[2]}: {fault.detail}" for fault in refusal.faults)
    return refusal.detail
