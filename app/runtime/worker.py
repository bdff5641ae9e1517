"""Background loops that survive errors: one policy for all loops of a node.

A `Worker` repeats one step. An error in a step is logged, and the step is retried after a growing pause, so no error
ends the loop; while errors persist, `is_failing` is true and readiness names the worker.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from app.domain.errors import Refusal

RETRY_SECONDS = 0.5
RETRY_SECONDS_MAX = 5.0  # docs/reliability.md, P8: normal operation within 5 s after the cause ends
# A step that listens or waits may run for hours: after this time without an error it counts as recovered.
RECOVERED_SECONDS = 5.0

log = logging.getLogger(__name__)

Step = Callable[[], Awaitable[float | None]]


class Worker:
    """Repeats `step` in its own task, from `start` to `close`.

    `step` does one round of work and returns the seconds to pause before the next one: 0 for no pause, None to wait
    for `wake`. A call of `wake` ends the pause; after a call during a step, another step follows.
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
        """Define what is repeated, and how it ends.

        - `is_vital`: without this worker the node cannot serve; it is not ready while the worker fails.
        - `stop`: called by `close`; makes a step return that waits for something other than `wake`.
        - `is_interruptible`: `close` cancels the current step instead of waiting for it.
        - `finish`: called once by `close`, after the last step; an error in it is logged.
        - `retry_seconds_max`: the longest pause after an error.
        """
        self.name, self.is_vital = name, is_vital
        self.last_error: str | None = None  # only its type: the text may contain a secret
        self._step, self._stop, self._finish = step, stop, finish
        self._is_interruptible = is_interruptible
        self._retry_seconds_max = retry_seconds_max
        self._failures = 0
        self._began: float | None = None  # by the loop's clock; None during a pause
        self._called, self._closing = asyncio.Event(), asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def is_failing(self) -> bool:
        """Whether the last step ended with an error, and the current one has not yet run for `RECOVERED_SECONDS`."""
        if self._closing.is_set() or self._task is None:
            return False
        if self._task.done():
            return True
        return self._failures > 0 and not self._has_run_long()

    def start(self) -> None:
        """Start the task; the first step runs at once."""
        self._task = asyncio.create_task(self._run(), name=self.name)

    def wake(self) -> None:
        """Run the next step without a pause. A pause after an error is not shortened."""
        self._called.set()

    async def close(self) -> None:
        """End after the current step, or during it if it is interruptible; then call `finish`."""
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
            except Exception as error:  # noqa: BLE001 - `_log` logs it; the other workers have to be closed too
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
                await self._handle_error(error)  # something that the step waited for was cancelled, not this worker
            except Exception as error:  # noqa: BLE001 - `_handle_error` logs it
                await self._handle_error(error)
            else:
                self._reset_failures()
                await set_within(self._called, pause)

    def _reset_failures(self) -> None:
        self._began = None
        if self._failures:
            log.info("%s recovered", self.name)
        self._failures, self.last_error = 0, None

    async def _handle_error(self, error: BaseException) -> None:
        self._failures = 1 if self._has_run_long() else self._failures + 1
        self._began, self.last_error = None, type(error).__name__
        if self._failures & (self._failures - 1) == 0:  # the 1st, 2nd, 4th, 8th, ... in a row
            self._log(error)
        seconds = min(RETRY_SECONDS * 2.0 ** min(self._failures - 1, 20), self._retry_seconds_max)
        await set_within(self._closing, seconds)

    def _has_run_long(self) -> bool:
        return self._began is not None and asyncio.get_running_loop().time() - self._began >= RECOVERED_SECONDS

    def _is_cancelled(self) -> bool:
        return self._task is not None and self._task.cancelling() > 0

    def _log(self, error: BaseException) -> None:
        if isinstance(error, Refusal):  # an outage, with our own text
            log.warning("%s cannot run now: %s", self.name, error.detail)
        else:
            log.error("%s failed and will be retried", self.name, exc_info=error)


class Workers:
    """The workers of one node."""

    def __init__(self) -> None:
        self._running: list[Worker] = []

    def start(self, *workers: Worker) -> None:
        """Start these workers."""
        for worker in workers:
            worker.start()
            self._running.append(worker)

    async def close(self) -> None:
        """Close all workers, one after the other, in the order of their start."""
        for worker in self._running:
            await worker.close()

    def failing(self) -> list[Worker]:
        """The workers that are failing (`Worker.is_failing`)."""
        return [worker for worker in self._running if worker.is_failing]


async def set_within(event: asyncio.Event, seconds: float | None) -> bool:
    """Whether the event is set, after waiting for it for at most `seconds`; None waits for ever."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()
