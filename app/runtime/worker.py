"""Background loops that outlive their errors: one policy for all loops that a node runs.

A `Worker` repeats one step. An error in a step is logged and retried after a growing pause, so no error ends the loop;
as long as it lasts, `is_failing` says so and readiness names the worker.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from app.domain.errors import Refusal

RETRY_SECONDS = 0.5
RETRY_SECONDS_MAX = 5.0  # reliability P8: normal again within 5 s after the cause ends
# A step that listens or waits may run for hours: after so long without an error it counts as recovered.
RECOVERED_SECONDS = 5.0

log = logging.getLogger(__name__)

Step = Callable[[], Awaitable[float | None]]


class Worker:
    """Repeats `step` in a task of its own, from `start` to `close`.

    `step` does one round of work and returns the seconds to pause before the next one: 0 for none, None to wait for
    `wake`. A call of `wake` ends the pause; one that comes during a step is followed by another step.
    """

    def __init__(
        self,
        name: str,
        step: Step,
        *,
        is_vital: bool = False,
        stop: Callable[[], None] | None = None,
        is_interruptible: bool = False,
        finish: Callable[[], Awaitable[object]] | None = None,
        retry_seconds_max: float = RETRY_SECONDS_MAX,
    ) -> None:
        """What is repeated, and how it ends.

        - `is_vital`: without this worker the node cannot serve; it is not ready while the worker fails.
        - `stop`: called by `close`; asks a step that waits for something else than `wake` to return.
        - `is_interruptible`: `close` cancels the step under way instead of waiting for it.
        - `finish`: called once by `close`, after the last step; an error in it is logged.
        - `retry_seconds_max`: the longest pause after an error.
        """
        self.name, self.is_vital = name, is_vital
        self.last_error: str | None = None  # its type: the text may hold what nobody should read
        self._step, self._stop, self._finish = step, stop, finish
        self._is_interruptible = is_interruptible
        self._retry_seconds_max = retry_seconds_max
        self._failures = 0
        self._began: float | None = None  # by the loop's clock; None during a pause
        self._called, self._closing = asyncio.Event(), asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def is_failing(self) -> bool:
        """Whether the last step ended with an error, and the one under way has not run for long enough since."""
        if self._closing.is_set() or self._task is None:
            return False
        if self._task.done():
            return True
        return self._failures > 0 and not self._has_run_long()

    def start(self) -> None:
        """Begin; the first step runs at once."""
        self._task = asyncio.create_task(self._run(), name=self.name)

    def wake(self) -> None:
        """There is work: take the next step without a pause. A pause after an error is not cut short."""
        self._called.set()

    async def close(self) -> None:
        """End after the step under way, or in the middle of it if it is interruptible; then `finish`."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._called.set()
        if self._stop is not None:
            self._stop()
        if self._task is not None:
            if self._is_interruptible:
                self._task.cancel()
            await asyncio.wait([self._task])
        if self._finish is not None:
            try:
                await self._finish()
            except Exception as error:  # noqa: BLE001 - `_log` says which; the other workers have to be closed too
                self._log(error)

    async def _run(self) -> None:
        while not self._closing.is_set():
            self._called.clear()
            self._began = asyncio.get_running_loop().time()
            try:
                pause = await self._step()
            except asyncio.CancelledError as error:
                if self._is_cancelled():
                    raise
                await self._failed(error)  # something that the step waited for was cancelled, not this worker
            except Exception as error:  # noqa: BLE001 - `_failed` logs it
                await self._failed(error)
            else:
                self._succeeded()
                await _set_within(self._called, pause)

    def _succeeded(self) -> None:
        self._began = None
        if self._failures:
            log.info("%s works again", self.name)
        self._failures, self.last_error = 0, None

    async def _failed(self, error: BaseException) -> None:
        self._failures = 1 if self._has_run_long() else self._failures + 1
        self._began, self.last_error = None, type(error).__name__
        if self._failures & (self._failures - 1) == 0:  # the 1st, 2nd, 4th, 8th, ... in a row
            self._log(error)
        seconds = min(RETRY_SECONDS * 2.0 ** min(self._failures - 1, 20), self._retry_seconds_max)
        await _set_within(self._closing, seconds)

    def _has_run_long(self) -> bool:
        return self._began is not None and asyncio.get_running_loop().time() - self._began >= RECOVERED_SECONDS

    def _is_cancelled(self) -> bool:
        return self._task is not None and self._task.cancelling() > 0

    def _log(self, error: BaseException) -> None:
        if isinstance(error, Refusal):  # an outage, in words of our own
            log.warning("%s cannot work now: %s", self.name, error.detail)
        else:
            log.error("%s failed and will try again", self.name, exc_info=error)


class Workers:
    """The workers of one node."""

    def __init__(self) -> None:
        self._running: list[Worker] = []

    def start(self, *workers: Worker) -> None:
        """Start these."""
        for worker in workers:
            worker.start()
            self._running.append(worker)

    async def close(self) -> None:
        """Close all, one after the other, in the order of their start."""
        for worker in self._running:
            await worker.close()

    def failing(self) -> list[Worker]:
        """Those whose last step failed."""
        return [worker for worker in self._running if worker.is_failing]


async def _set_within(event: asyncio.Event, seconds: float | None) -> None:
    """Until the event is set, or so long."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
