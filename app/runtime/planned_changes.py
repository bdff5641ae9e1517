"""Carrying out planned changes of facilities when their time has come."""

import asyncio
import heapq
import logging
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from functools import partial

from app.board.board import Board
from app.domain.errors import Conflict, InvalidInput, Refusal
from app.domain.permissions import OPERATOR
from app.domain.registry.facility import Facility
from app.domain.registry.facility_change import carry_out, check_facilities, due_plan
from app.domain.registry.planned_changes import PlannedChange, with_problem
from app.runtime.record_facilities import check_identifiers, record_facilities
from app.runtime.worker import Worker
from app.runtime.write_queue import WriteQueue, seconds_for
from app.store.database import Transaction
from app.store.repositories import registry

LOOK_SECONDS = 0.5
# In one transaction; reports wait for it. After it other processes have a moment to write.
CARRIED_OUT_AT_ONCE = 25
PAUSE_SECONDS = 0.05

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
        self.worker = Worker("planned changes", self._step, is_interruptible=True)

    async def _step(self) -> float:
        await self.carry_out_due()
        return LOOK_SECONDS

    async def carry_out_due(self) -> int:
        """Carry out all changes that are due, in the order of their times. Returns their number.

        Every facility is tried, so that one whose change fails does not block others.
        Raises: Unavailable; the first error of any.
        """
        number, failed = 0, dict[str, Exception]()
        while self._is_any_due(failed):
            work, seconds = partial(self._carry_out, failed), seconds_for(CARRIED_OUT_AT_ONCE)
            try:
                done = await self._write_queue.change(work, by=OPERATOR, seconds=seconds)
            except _Failed as failure:
                failed[failure.facility_id] = failure.error
                continue
            if not done:
                break  # another process was faster
            number += done
            await asyncio.sleep(PAUSE_SECONDS)
        for error in failed.values():
            raise error
        return number

    def _is_any_due(self, failed: Collection[str]) -> bool:
        now = self._clock()
        due = (facility_id for _, facility_id in self._board.planned_until(now) if facility_id not in failed)
        return any(due_plan(self._board.facility(facility_id), now) is not None for facility_id in due)

    async def _carry_out(self, failed: Collection[str], transaction: Transaction, now: datetime) -> int:
        """Carry out the first changes that are due by now. Returns their number. Raises: _Failed."""
        due = self._board.planned_until(now)  # a sorted list is a heap
        changed: dict[str, Facility] = {}  # the board applies them after the commit
        number = 0
        while due and number < CARRIED_OUT_AT_ONCE:
            _, facility_id = heapq.heappop(due)
            facility = changed.get(facility_id) or self._board.facility(facility_id)
            plan = due_plan(facility, now)
            if plan is None or facility_id in failed:
                continue
            try:
                changed[facility_id] = await _record(transaction, facility, plan, self._board, now)
            except Refusal:
                raise
            except Exception as error:
                raise _Failed(facility_id, error) from error
            number += 1
            if (following := due_plan(changed[facility_id], now)) is not None:
                heapq.heappush(due, (following.effective_at, facility_id))
        return number


class _Failed(Exception):
    """An error in the change of one facility, by which the transaction was rolled back."""

    def __init__(self, facility_id: str, error: Exception) -> None:
        self.facility_id, self.error = facility_id, error
        super().__init__(f"the planned change of {facility_id} failed")


async def _record(
    transaction: Transaction, facility: Facility, plan: PlannedChange, board: Board, now: datetime
) -> Facility:
    """Record the facility after its change; if that is no longer possible, with the problem of the plan."""
    by, at, reason = plan.by, plan.effective_at, plan.reason
    try:
        changed = carry_out(facility, plan)
        check_facilities([changed], await registry.areas(transaction.connection, {changed.area_code}), now)
        await check_identifiers(transaction, [changed])
    except (InvalidInput, Conflict) as refusal:
        # It is kept with its problem, which the officer sees, and not tried again.
        problem = _problem_of(refusal)
        log.warning("a planned change of %s cannot take effect: %s", facility.facility_id, problem)
        changed = replace(facility, planned=with_problem(facility.planned, plan, problem))
        by, at, reason = OPERATOR.principal, now, "a planned change cannot take effect"
    [stored] = await record_facilities(transaction, [changed], board, by=by, now=now, at=at, reason=reason)
    return stored


def _problem_of(refusal: Refusal) -> str:
    if isinstance(refusal, InvalidInput) and refusal.faults:
        return "; ".join(f"{fault.pointer.rpartition('/')[2]}: {fault.detail}" for fault in refusal.faults)
    return refusal.detail
