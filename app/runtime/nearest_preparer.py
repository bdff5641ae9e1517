"""Keeping the search for the nearest beds ready: after a start or a large import no search has to take up everything."""

from collections.abc import Awaitable, Callable, Iterator

from app.board.board import Board
from app.runtime.worker import Worker

LOOK_SECONDS = 1.0
# What a search takes up by itself, in 20 ms at most. Fewer wait for it, so reports cost nothing where nobody searches.
LEFT_TO_SEARCHES = 500


class NearestPreparer:
    """Takes up changed facilities while its `worker` runs; `run` runs work that yields at the end of each slice."""

    def __init__(self, board: Board, run: Callable[[Iterator[None]], Awaitable[None]]) -> None:
        self._board = board
        self._run = run
        self.worker = Worker("nearest beds", self._step, is_interruptible=True)

    async def _step(self) -> float:
        if self._board.nearest_waiting > LEFT_TO_SEARCHES:
            await self._run(self._board.prepare_nearest())
        return LOOK_SECONDS
