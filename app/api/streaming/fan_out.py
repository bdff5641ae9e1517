"""Fan-out: what changed, told to everyone who listens.

A listener is a mark (how far it was told) and a connection. The publisher asks each topic what a mark lacks, once for
all listeners who stand at the same mark, and writes the bytes to each connection itself; no task of a listener wakes
(measured: a queue and a task for each takes three times the time and the memory). Nothing is queued: who does not
take what is sent keeps its mark, is told the newest state when it takes again, and is cut by the connection's
deadline when it never does (`app/server/http_protocol.py`).
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from starlette.types import Message, Receive, Send

from app.api.streaming.connection_limits import OpenConnection
from app.domain.errors import Refusal
from app.runtime.node import Node
from app.runtime.worker import Worker

# Reliability section 4, row "stream", and section 3, "open streams".
HEARTBEAT_SECONDS = 15.0
RECHECK_SECONDS = 60.0

# After telling, the publisher rests four times as long as it worked: in a burst of reports the streams take a fifth
# of the process, and what changed meanwhile is told as one; without a burst nobody waits.
REST_SHARE = 4.0
REST_SECONDS_MAX = 1.0
LISTENERS_AT_A_STRETCH = 100
CHECKS_AT_A_STRETCH = 20  # of a stream of 50 areas each takes 0.2 ms

_COMMENT: Message = {"type": "http.response.body", "body": b":\n\n", "more_body": True}
_END: Message = {"type": "http.response.body", "body": b"", "more_body": False}

log = logging.getLogger(__name__)


class Topic(Protocol):
    """Something that changes. Topics that say the same are equal, and hashable."""

    def mark(self) -> int:
        """How far it has come."""

    def since(self, mark: int) -> tuple[int, bytes]:
        """Events for what happened since a mark, at least for the beginning of it, and the mark that they reach."""

    def comment(self) -> bytes:
        """For who was told everything, and has heard nothing for a while."""


@dataclass(slots=True, eq=False)
class Listener:
    """One open stream. `may_go_on` asks again whether its holder may hear this."""

    fan_out: "FanOut"
    topic: Topic
    mark: int
    place: OpenConnection
    may_go_on: Callable[[], None]
    allowed_at: int  # `registry_changes` of the board when it was last asked
    send: Send | None = None
    catching_up: "asyncio.Task[None] | None" = None

    async def go_on(self, receive: Receive, send: Send) -> None:
        """Be told, until the client or the server leaves."""
        self.send = send
        self.fan_out.join(self)
        while (await receive())["type"] != "http.disconnect":
            pass

    def close(self) -> None:
        """It is over; it may never have begun."""
        self.place.free()
        self.fan_out.leave(self)

    def write(self, message: Message) -> bool:
        """Hand it to the connection if that takes it now; False while its client is behind with reading.

        The server's `send` waits for nothing else, so one step of it is all of it.
        """
        if self.send is None:
            raise RuntimeError("a listener that has not begun is not written to")
        sending = cast("Coroutine[Any, Any, None]", self.send(message))
        try:
            sending.send(None)
        except StopIteration:
            return True
        sending.close()
        return False


@dataclass(slots=True)
class FanOut:
    """All listeners of one process, and the tasks that tell them."""

    node: Node
    _listeners: dict[Topic, set[Listener]] = field(default_factory=dict)
    _is_over: bool = False
    _told: tuple[int, int] = (0, 0)  # the board's changes, of figures and of the registry, when the publisher looked
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)  # of those who catch up: what each is told takes 10 ms

    def join(self, listener: Listener) -> None:
        """Tell this one too, from its mark on."""
        others = self._listeners.setdefault(listener.topic, set())
        if others:
            listener.topic = next(iter(others)).topic  # one is enough for all
        others.add(listener)
        if self._is_over:  # it came while the server was told to end
            self._end(listener)
            return
        self._tell(listener, *listener.topic.since(listener.mark))

    def leave(self, listener: Listener) -> None:
        """Tell it no more."""
        others = self._listeners.get(listener.topic, set())
        others.discard(listener)
        if not others:
            self._listeners.pop(listener.topic, None)
        if listener.catching_up is not None:
            listener.catching_up.cancel()

    async def run(self, stopping: asyncio.Event) -> None:
        """Tell whatever changes until `stopping` is set; then end all streams."""
        self._told = self._changes()
        workers = [
            Worker("stream publisher", self._publish, is_interruptible=True),
            Worker("stream heartbeat", self._beat, is_interruptible=True),
            Worker("stream permission check", self._check_again, is_interruptible=True),
        ]
        self.node.workers.start(*workers)
        await stopping.wait()
        for worker in workers:
            await worker.close()
        self._is_over = True
        for listener in list(self._all()):
            self._end(listener)

    async def _publish(self) -> float:
        """Tell what has changed since the last time, or wait for a change; gives how long to rest."""
        loop = asyncio.get_running_loop()
        if self._changes() == self._told:
            await self.node.follower.moved()
        started, (_, checked), self._told = loop.time(), self._told, self._changes()
        if self._told[1] != checked:
            await self._check_all()
        for topic in list(self._listeners):
            try:
                await self._tell_all(topic)
            except Exception:
                # A mistake of ours in one topic. The others are told, and this one's listeners keep their marks.
                log.exception("a topic could not be told")
            await asyncio.sleep(0)
        return min(REST_SECONDS_MAX, REST_SHARE * (loop.time() - started))

    async def _tell_all(self, topic: Topic) -> None:
        told: dict[tuple[int, int], tuple[int, bytes]] = {}
        for place, listener in enumerate(list(self._listeners.get(topic, ()))):
            now = topic.mark()
            if listener.mark != now and listener.catching_up is None:
                news = told.get((listener.mark, now))
                if news is None:
                    news = told[listener.mark, now] = topic.since(listener.mark)
                self._tell(listener, *news)
            if place % LISTENERS_AT_A_STRETCH == LISTENERS_AT_A_STRETCH - 1:
                await asyncio.sleep(0)

    def _changes(self) -> tuple[int, int]:
        return self.node.board.changes, self.node.board.registry_changes

    def _tell(self, listener: Listener, reached: int, chunk: bytes) -> None:
        if not self._may_hear(listener):
            return
        if not chunk or self._write(listener, _body(chunk)):
            listener.mark = reached
            if reached != listener.topic.mark():
                self._look_after(listener)

    def _write(self, listener: Listener, message: Message) -> bool:
        """False for a listener who is behind: it is looked after until it has caught up."""
        try:
            written = listener.write(message)
        except Exception:  # noqa: BLE001 - it has left, and its own task is about to hear of it
            return False
        if not written:
            self._look_after(listener)
        return written

    def _look_after(self, listener: Listener) -> None:
        if listener.catching_up is None:
            listener.catching_up = asyncio.create_task(self._catch_up(listener))

    async def _catch_up(self, listener: Listener) -> None:
        """Each time the client takes something again, tell it more of what stands by then, until it knows all."""
        try:
            while listener.send is not None:
                await listener.send(_COMMENT)
                async with self._turn:
                    if not self._may_hear(listener):
                        return
                    try:
                        reached, chunk = listener.topic.since(listener.mark)
                    except Exception:
                        log.exception("a listener could not be told")
                        return
                    if not chunk or listener.write(_body(chunk)):
                        listener.mark = reached
                        if reached == listener.topic.mark():
                            return
                    await asyncio.sleep(0)
        except Exception:  # noqa: BLE001 - it has left, and its own task is about to hear of it
            return
        finally:
            listener.catching_up = None

    async def _beat(self) -> float:
        """A comment now and then, so that no proxy takes a quiet stream for a dead one."""
        for place, listener in enumerate(list(self._all())):
            if listener.catching_up is None and self._may_hear(listener):
                try:
                    is_told = listener.mark == listener.topic.mark()
                    self._write(listener, _body(b":\n" + listener.topic.comment()) if is_told else _COMMENT)
                except Exception:
                    log.exception("a listener could not be told")
            if place % LISTENERS_AT_A_STRETCH == LISTENERS_AT_A_STRETCH - 1:
                await asyncio.sleep(0)
        return HEARTBEAT_SECONDS

    async def _check_again(self) -> float:
        """Now and then, since a key expires without any entry."""
        await self._check_all()
        return RECHECK_SECONDS

    async def _check_all(self) -> None:
        """End the streams of those whose key was revoked or who may no longer see this."""
        for place, listener in enumerate(list(self._all())):
            self._check(listener)
            if place % CHECKS_AT_A_STRETCH == CHECKS_AT_A_STRETCH - 1:
                await asyncio.sleep(0)

    def _may_hear(self, listener: Listener) -> bool:
        """Asked again before anything is told after the registry changed: rights end with that entry, not later."""
        return listener.allowed_at == self.node.board.registry_changes or self._check(listener)

    def _check(self, listener: Listener) -> bool:
        try:
            listener.may_go_on()
        except Refusal:
            self._end(listener)
        except Exception:
            log.exception("a stream could not be checked, and is ended")
            self._end(listener)
        else:
            listener.allowed_at = self.node.board.registry_changes
            return True
        return False

    def _end(self, listener: Listener) -> None:
        with contextlib.suppress(Exception):  # one that cannot be written to is cut by its connection
            listener.write(_END)

    def _all(self) -> Iterator[Listener]:
        for listeners in self._listeners.values():
            yield from listeners


def _body(chunk: bytes) -> Message:
    return {"type": "http.response.body", "body": chunk, "more_body": True}
