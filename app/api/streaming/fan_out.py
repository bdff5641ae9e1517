"""Fan-out of changes to all listeners.

A listener is a mark (the position up to which it has been sent updates) and a connection. Each update is encoded once
per mark and sent to all listeners there. The publisher writes the bytes to each connection itself; no task of a
listener wakes (measured: a queue and a task per listener take three times the time and the memory). Nothing is queued:
a listener that does not read keeps its mark, gets the newest state when it reads again, and is cut off by the
connection's deadline if it never does (`app/server/http_protocol.py`).
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from starlette.types import Message, Receive, Send

from app.api.streaming.connection_limits import OpenConnection
from app.api.streaming.encoded_rows import EncodedRows
from app.domain.errors import Refusal
from app.runtime.node import Node
from app.runtime.worker import Worker

# See `docs/limits.md` (streams) and `docs/reliability.md` (open streams).
HEARTBEAT_SECONDS = 15.0
RECHECK_SECONDS = 60.0

# After an update the publisher pauses four times as long as it worked: in a burst of reports the streams take a fifth
# of the process, and changes made meanwhile are sent as one update; without a burst nobody waits.
REST_SHARE = 4.0
REST_SECONDS_MAX = 1.0
LISTENERS_AT_A_STRETCH = 100
CHECKS_AT_A_STRETCH = 20  # one check of a stream of 50 areas takes 0.2 ms

_COMMENT: Message = {"type": "http.response.body", "body": b":\n\n", "more_body": True}
_END: Message = {"type": "http.response.body", "body": b"", "more_body": False}

log = logging.getLogger(__name__)


class Topic(Protocol):
    """A source of updates. Topics with the same content are equal and hashable."""

    def mark(self) -> int:
        """Return the current mark."""

    def since(self, mark: int) -> tuple[int, bytes]:
        """Return the mark reached and the events since a mark, or at least the first of them."""

    def comment(self) -> bytes:
        """Return a keep-alive for listeners that are up to date."""


@dataclass(slots=True, eq=False)
class Listener:
    """One open stream. `may_go_on` raises a Refusal if its holder has lost the permission."""

    fan_out: "FanOut"
    topic: Topic
    mark: int
    place: OpenConnection
    may_go_on: Callable[[], None]
    allowed_at: int  # `registry_changes` of the board at the last permission check
    send: Send | None = None
    catching_up: "asyncio.Task[None] | None" = None

    async def go_on(self, receive: Receive, send: Send) -> None:
        """Receive updates until the client or the server ends the stream."""
        self.send = send
        self.fan_out.join(self)
        while (await receive())["type"] != "http.disconnect":
            pass

    def close(self) -> None:
        """Release the slot and leave the fan-out, also if the stream never began."""
        self.place.free()
        self.fan_out.leave(self)

    def write(self, message: Message) -> bool:
        """Write to the connection if it accepts data now; False while the client is behind with reading.

        The server's `send` waits for nothing else, so one step completes it.
        """
        if self.send is None:
            raise RuntimeError("cannot write to a listener that has not begun")
        sending = cast("Coroutine[Any, Any, None]", self.send(message))
        try:
            sending.send(None)
        except StopIteration:
            return True
        sending.close()
        return False


@dataclass(slots=True)
class FanOut:
    """All listeners of one process, and the tasks that send updates to them."""

    node: Node
    rows: EncodedRows = field(default_factory=EncodedRows)
    _listeners: dict[Topic, set[Listener]] = field(default_factory=dict)
    _is_over: bool = False
    _published: tuple[int, int] = (0, 0)  # the board's counts of changes, figures and registry, at the last update
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)  # of those catching up: each update takes 10 ms

    def join(self, listener: Listener) -> None:
        """Add a listener and send it everything since its mark."""
        others = self._listeners.setdefault(listener.topic, set())
        if others:
            listener.topic = next(iter(others)).topic  # share one object
        others.add(listener)
        if self._is_over:  # it joined while the server was stopping
            self._end(listener)
            return
        self._send_update(listener, *listener.topic.since(listener.mark))

    def leave(self, listener: Listener) -> None:
        """Remove a listener."""
        others = self._listeners.get(listener.topic, set())
        others.discard(listener)
        if not others:
            self._listeners.pop(listener.topic, None)
        if listener.catching_up is not None:
            listener.catching_up.cancel()

    async def run(self, stopping: asyncio.Event) -> None:
        """Send updates until `stopping` is set; then end all streams."""
        self._published = self._changes()
        workers = [
            Worker("stream publisher", self._publish, is_interruptible=True),
            Worker("stream heartbeat", self._send_heartbeats, is_interruptible=True),
            Worker("stream permission check", self._check_regularly, is_interruptible=True),
        ]
        self.node.workers.start(*workers)
        await stopping.wait()
        for worker in workers:
            await worker.close()
        self._is_over = True
        for listener in list(self._all()):
            self._end(listener)

    async def _publish(self) -> float:
        """Send what changed since the last update, or wait for a change; return the pause in seconds."""
        loop = asyncio.get_running_loop()
        if self._changes() == self._published:
            await self.node.follower.moved()
        started, (_, checked), self._published = loop.time(), self._published, self._changes()
        if self._published[1] != checked:
            await self._check_all()
        for topic in list(self._listeners):
            try:
                await self._publish_topic(topic)
            except Exception:
                # A bug in one topic must not stop the others; its listeners keep their marks.
                log.exception("a topic could not be published")
            await asyncio.sleep(0)
        return min(REST_SECONDS_MAX, REST_SHARE * (loop.time() - started))

    async def _publish_topic(self, topic: Topic) -> None:
        computed: dict[tuple[int, int], tuple[int, bytes]] = {}
        for place, listener in enumerate(list(self._listeners.get(topic, ()))):
            now = topic.mark()
            if listener.mark != now and listener.catching_up is None:
                update = computed.get((listener.mark, now))
                if update is None:
                    update = computed[listener.mark, now] = topic.since(listener.mark)
                self._send_update(listener, *update)
            if place % LISTENERS_AT_A_STRETCH == LISTENERS_AT_A_STRETCH - 1:
                await asyncio.sleep(0)

    def _changes(self) -> tuple[int, int]:
        return self.node.board.changes, self.node.board.registry_changes

    def _send_update(self, listener: Listener, reached: int, chunk: bytes) -> None:
        if not self._may_receive(listener):
            return
        if not chunk or self._write(listener, _body(chunk)):
            listener.mark = reached
            if reached != listener.topic.mark():
                self._start_catching_up(listener)

    def _write(self, listener: Listener, message: Message) -> bool:
        """Write a message; False for a listener that is behind, which then catches up in a task of its own."""
        try:
            written = listener.write(message)
        except Exception:  # noqa: BLE001 - it has disconnected; its own task ends it
            return False
        if not written:
            self._start_catching_up(listener)
        return written

    def _start_catching_up(self, listener: Listener) -> None:
        if listener.catching_up is None:
            listener.catching_up = asyncio.create_task(self._catch_up(listener))

    async def _catch_up(self, listener: Listener) -> None:
        """Whenever the client reads again, send it the newest state, until it is up to date."""
        try:
            while listener.send is not None:
                await listener.send(_COMMENT)
                async with self._turn:
                    if not self._may_receive(listener):
                        return
                    try:
                        reached, chunk = listener.topic.since(listener.mark)
                    except Exception:
                        log.exception("an update could not be sent to a listener")
                        return
                    if not chunk or listener.write(_body(chunk)):
                        listener.mark = reached
                        if reached == listener.topic.mark():
                            return
                    await asyncio.sleep(0)
        except Exception:  # noqa: BLE001 - it has disconnected; its own task ends it
            return
        finally:
            listener.catching_up = None

    async def _send_heartbeats(self) -> float:
        """Send a comment regularly, so that no proxy closes a quiet stream."""
        for place, listener in enumerate(list(self._all())):
            if listener.catching_up is None and self._may_receive(listener):
                try:
                    is_current = listener.mark == listener.topic.mark()
                    self._write(listener, _body(b":\n" + listener.topic.comment()) if is_current else _COMMENT)
                except Exception:
                    log.exception("an update could not be sent to a listener")
            if place % LISTENERS_AT_A_STRETCH == LISTENERS_AT_A_STRETCH - 1:
                await asyncio.sleep(0)
        return HEARTBEAT_SECONDS

    async def _check_regularly(self) -> float:
        """Check permissions regularly, since a key expires without a ledger entry."""
        await self._check_all()
        return RECHECK_SECONDS

    async def _check_all(self) -> None:
        """End the streams whose key was revoked or has lost the permission."""
        for place, listener in enumerate(list(self._all())):
            self._check(listener)
            if place % CHECKS_AT_A_STRETCH == CHECKS_AT_A_STRETCH - 1:
                await asyncio.sleep(0)

    def _may_receive(self, listener: Listener) -> bool:
        """Check the permission again after each change of the registry: it ends with that entry, not later."""
        return listener.allowed_at == self.node.board.registry_changes or self._check(listener)

    def _check(self, listener: Listener) -> bool:
        try:
            listener.may_go_on()
        except Refusal:
            self._end(listener)
        except Exception:
            log.exception("the permission of a stream could not be checked; the stream is ended")
            self._end(listener)
        else:
            listener.allowed_at = self.node.board.registry_changes
            return True
        return False

    def _end(self, listener: Listener) -> None:
        with contextlib.suppress(Exception):  # a listener that cannot be written to is cut off by its connection
            listener.write(_END)

    def _all(self) -> Iterator[Listener]:
        for listeners in self._listeners.values():
            yield from listeners


def _body(chunk: bytes) -> Message:
    return {"type": "http.response.body", "body": chunk, "more_body": True}
