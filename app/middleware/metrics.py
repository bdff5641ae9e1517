"""`/metrics`: figures for Prometheus, written in a thread, once for all who ask in the meantime."""

import asyncio
import os
from pathlib import Path

import anyio.to_thread
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from starlette.requests import Request
from starlette.responses import Response

from app.observability import METRICS_FOLDER, POSITION


class Metrics:
    """One object per application.

    To write the figures down takes milliseconds, and reads files where there are several workers. Whoever asks while it
    is being done shares the next time, which begins when this one is over: so the figures are never older than the
    question, and any number of questions costs one thread.
    """

    def __init__(self) -> None:
        self._writing = asyncio.Lock()
        self._next: asyncio.Task[bytes] | None = None

    async def answer(self, request: Request) -> Response:
        """Figures for Prometheus, of all workers where there are several."""
        POSITION.set(request.state["node"].board.position)
        if self._next is None:
            self._next = asyncio.create_task(self._write_next())
        # A client that leaves must not end what others wait for.
        return Response(await asyncio.shield(self._next), media_type=CONTENT_TYPE_LATEST)

    async def _write_next(self) -> bytes:
        async with self._writing:
            self._next = None
            return await anyio.to_thread.run_sync(_write)


def _write() -> bytes:
    registry = REGISTRY
    if folder := os.environ.get(METRICS_FOLDER):
        _forget_the_dead(Path(folder))
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def _forget_the_dead(folder: Path) -> None:
    """What a worker that was killed had open is open no more."""
    for pid in {int(file.stem.rpartition("_")[2]) for file in folder.glob("gauge_live*.db")}:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]
