"""Keeping the board ready: after a start or a large import no query has to read every facility of a country."""

from collections.abc import Awaitable, Callable, Iterator

from app.board.board import Board
from app.runtime.worker import Worker

LOOK_SECONDS = 1.0
# What queries read by themselves, in 20 ms at most. Fewer wait for them, so reports cost nothing where nobody asks.
LEFT_TO_QUERIES = 500


class BoardPreparer:
    """Reads what queries need while its `worker` runs; `run` runs work that yields at the end of each slice."""

    def __init__(self, board: Board, run: Callable[[Iterator[None]], Awaitable[None]]) -> None:
        self._board = board
        self._run = run
        self.worker = Worker("board", self._step, is_interruptible=True)

    async def _step(self) -> float:
        if self._board.unread > LEFT_TO_QUERIES:
            await self._run(self._board.prepare())
        return LOOK_SECONDS
