"""`/metrics` for Prometheus, rendered in a thread, once for all concurrent requests."""

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

    Rendering takes milliseconds, and reads files if there are several workers. Requests that arrive during a rendering
    share the next one, which starts when the current one is done: so the metrics are never older than the request, and
    any number of requests uses one thread.
    """

    def __init__(self) -> None:
        self._writing = asyncio.Lock()
        self._next: asyncio.Task[bytes] | None = None

    async def answer(self, request: Request) -> Response:
        """Send the metrics of all workers."""
        POSITION.set(request.state["node"].board.position)
        if self._next is None:
            self._next = asyncio.create_task(self._write_next())
        # A client that disconnects must not cancel what others wait for.
        return Response(await asyncio.shield(self._next), media_type=CONTENT_TYPE_LATEST)

    async def _write_next(self) -> bytes:
        async with self._writing:
            self._next = None
            return await anyio.to_thread.run_sync(_write)


def _write() -> bytes:
    registry = REGISTRY
    if folder := os.environ.get(METRICS_FOLDER):
        _remove_dead_workers(Path(folder))
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def _remove_dead_workers(folder: Path) -> None:
    """Remove the live gauges of workers that were killed."""
    for pid in {int(file.stem.rpartition("_")[2]) for file in folder.glob("gauge_live*.db")}:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]
