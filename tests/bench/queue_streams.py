"""What one would write first, to measure beside: a stream is a StreamingResponse that reads a queue of its own.

One event for all, of EVENT_BYTES, is put into every queue when `POST /publish` says so; nothing is stored or added up.
Run: EVENT_BYTES=3000 uvicorn tests.bench.queue_streams:app
"""

import asyncio
import os
from collections.abc import AsyncIterator
from itertools import count

from fastapi import FastAPI
from fastapi.responses import StreamingResponse

EVENT_BYTES = int(os.environ["EVENT_BYTES"])
WAITING_MAX = 100

app = FastAPI()
_queues: set[asyncio.Queue[bytes]] = set()
_turn = count(1)


@app.get("/ready")
async def ready() -> bool:
    """It answers."""
    return True


@app.get("/events")
async def events() -> StreamingResponse:
    """Every event, for as long as somebody listens."""

    async def told() -> AsyncIterator[bytes]:
        queue: asyncio.Queue[bytes] = asyncio.Queue(WAITING_MAX)
        _queues.add(queue)
        try:
            yield b": listening, and here is some text\n\n"
            while True:
                yield await queue.get()
        finally:
            _queues.discard(queue)

    return StreamingResponse(told(), media_type="text/event-stream")


@app.post("/publish")
async def publish() -> int:
    """One event for everybody."""
    frame = b'event: capacity\ndata: {"position":%d,"%s":0}\nid: 1\n\n'
    number = next(_turn)
    event = frame % (number, b"x" * (EVENT_BYTES - len(frame % (number, b""))))
    for queue in _queues:
        queue.put_nowait(event)
    return number
