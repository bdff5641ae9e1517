"""Background loops: an error in one step ends nothing, and is visible for as long as it lasts."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from app.domain.errors import Unavailable
from app.runtime import worker as module
from app.runtime.worker import Worker, Workers
from tests.serving import eventually


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.01)


@asynccontextmanager
async def running(step: Callable[[], Any], **how: Any) -> AsyncIterator[Worker]:
    worker, workers = Worker("a test", step, **how), Workers()
    workers.start(worker)
    try:
        yield worker
    finally:
        async with asyncio.timeout(10):
            await workers.close()


class Steps:
    """Steps that fail as long as `error` is set, `times` times at most."""

    def __init__(self, error: BaseException | None = None, times: int = 1_000_000) -> None:
        self.error, self.times, self.taken = error, times, 0

    async def __call__(self) -> None:
        self.taken += 1
        if self.error is not None and self.taken <= self.times:
            raise self.error


@pytest.mark.parametrize("error", [ValueError("a secret"), Unavailable("no database"), asyncio.CancelledError()])
async def test_an_error_is_retried_and_visible_until_a_step_succeeds(error: BaseException) -> None:
    steps = Steps(error)
    async with running(steps, retry_seconds_max=0.02) as worker:
        await eventually(lambda: worker.is_failing)
        await eventually(lambda: steps.taken > 2)
        assert worker.is_failing
        assert worker.last_error == type(error).__name__
        steps.error = None
        await eventually(lambda: not worker.is_failing)
        assert worker.last_error is None


async def test_errors_in_a_row_are_logged_ever_more_rarely(caplog: pytest.LogCaptureFixture) -> None:
    steps = Steps(ValueError("oops"), times=9)
    async with running(steps, retry_seconds_max=0.001):
        await eventually(lambda: steps.taken == 10)
    logged = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(logged) == 4  # the first, second, fourth and eighth
    assert logged[0].exc_info


async def test_the_pause_after_an_error_grows_and_is_not_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float | None] = []

    async def note(event: asyncio.Event, seconds: float | None) -> None:
        pauses.append(seconds)
        steps.error = ValueError() if len(pauses) < 7 else None
        if seconds is None:
            await event.wait()
        else:
            worker.wake()
            await asyncio.sleep(0)

    steps = Steps(ValueError())
    monkeypatch.setattr(module, "set_within", note)
    async with running(steps, retry_seconds_max=0.1) as worker:
        await eventually(lambda: None in pauses)
    assert pauses[:7] == [0.01, 0.02, 0.04, 0.08, 0.1, 0.1, 0.1]


async def test_a_call_ends_a_pause_and_none_is_missed() -> None:
    steps = Steps()
    async with running(steps) as worker:
        for number in range(1, 5):
            await eventually(lambda number=number: steps.taken == number)  # type: ignore[misc]
            worker.wake()


async def test_a_call_during_a_step_is_followed_by_another() -> None:
    taken = 0

    async def step() -> None:
        nonlocal taken
        taken += 1
        if taken == 1:
            worker.wake()

    async with running(step) as worker:
        await eventually(lambda: taken == 2)


async def test_workers_close_once_in_the_order_of_their_start() -> None:
    closed: list[str] = []
    workers = Workers()
    for name in ("first", "second"):

        async def finish(name: str = name) -> None:
            closed.append(name)

        workers.start(Worker(name, Steps(), finish=finish))
    await workers.close()
    await workers.close()
    assert closed == ["first", "second"]


async def test_closing_waits_for_the_step_under_way_and_finishes() -> None:
    begun, told = asyncio.Event(), asyncio.Event()
    done: list[str] = []

    async def step() -> None:
        begun.set()
        await told.wait()
        done.append("step")

    async def finish() -> None:
        done.append("finish")

    async with running(step, stop=told.set, finish=finish) as worker:
        await begun.wait()
    assert done == ["step", "finish"]
    assert not worker.is_failing


async def test_closing_interrupts_what_may_be_interrupted_and_survives_an_error_at_the_end() -> None:
    begun = asyncio.Event()

    async def step() -> None:
        begun.set()
        await asyncio.Event().wait()

    async def finish() -> None:
        raise ValueError

    async with running(step, is_interruptible=True, finish=finish):
        await begun.wait()


async def test_a_long_step_after_an_error_counts_as_recovered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RECOVERED_SECONDS", 0.05)
    over = asyncio.Event()
    first = True

    async def step() -> None:
        nonlocal first
        if first:
            first = False
            raise ValueError
        await over.wait()

    async with running(step, stop=over.set) as worker:
        await eventually(lambda: worker.is_failing)
        await eventually(lambda: not worker.is_failing)
        assert not over.is_set()
