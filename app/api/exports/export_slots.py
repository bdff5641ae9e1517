"""Slots for exports: two files at once, one per caller. Other callers wait briefly or retry later."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

import structlog
from fastapi.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from app.domain.errors import Overloaded

log = structlog.get_logger("balai.exports")

RETRY_SECONDS = 10


@dataclass(slots=True)
class Exports:
    """The exports that run and the callers that wait for a slot, in one process."""

    at_once: int = 2
    waiting_max: int = 10
    waiting_max_of_one: int = 2
    wait_seconds: float = 5.0
    file_seconds_max: float = 180.0
    chunk_seconds_max: float = 15.0
    _made_by: set[str] = field(default_factory=set)
    _waiting: list[tuple[str, asyncio.Future[None]]] = field(default_factory=list)

    async def take(self, holder: str) -> "ExportPlace":
        """Take a slot for this caller. Raises: Overloaded, if none is free within `wait_seconds`."""
        if self._is_free_for(holder):
            self._made_by.add(holder)
            return ExportPlace(self, holder)
        waiting_of_holder = Counter(waiting for waiting, _ in self._waiting)[holder]
        if len(self._waiting) >= self.waiting_max or waiting_of_holder >= self.waiting_max_of_one:
            raise _overloaded()
        entry = holder, asyncio.get_running_loop().create_future()
        self._waiting.append(entry)
        try:
            async with asyncio.timeout(self.wait_seconds):
                await entry[1]
        except TimeoutError:
            self._leave(entry)
            raise _overloaded() from None
        except asyncio.CancelledError:
            self._leave(entry)
            raise
        return ExportPlace(self, holder)

    def give_back(self, holder: str) -> None:
        """Release this caller's slot to the first waiting caller that has none."""
        self._made_by.discard(holder)
        for entry in tuple(self._waiting):
            if not entry[1].done() and self._is_free_for(entry[0]):
                self._waiting.remove(entry)
                self._made_by.add(entry[0])
                entry[1].set_result(None)

    def _is_free_for(self, holder: str) -> bool:
        return len(self._made_by) < self.at_once and holder not in self._made_by

    def _leave(self, entry: tuple[str, asyncio.Future[None]]) -> None:
        if entry in self._waiting:
            self._waiting.remove(entry)
        else:
            self.give_back(entry[0])  # it was given a slot at the moment it left


def _overloaded() -> Overloaded:
    return Overloaded(
        "The server is making as many files as it can at once; try again in a moment.",
        retry_after_seconds=RETRY_SECONDS,
    )


@dataclass(slots=True, eq=False)
class ExportPlace:
    """One slot. Further calls of `free` have no effect."""

    exports: Exports
    holder: str
    _is_free: bool = False

    def free(self) -> None:
        """Release the slot."""
        if not self._is_free:
            self._is_free = True
            self.exports.give_back(self.holder)


class _TooSlow(Exception):
    """A chunk was not read in time. Not a TimeoutError: the framework takes that OSError for a lost connection."""


class ExportResponse(StreamingResponse):
    """A file that is sent while it is made. It holds its slot until then, and is aborted if the client is too slow."""

    place: ExportPlace

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file and release the slot."""
        exports = self.place.exports

        async def send_in_time(message: Message) -> None:
            try:
                async with asyncio.timeout(exports.chunk_seconds_max):
                    await send(message)
            except TimeoutError:
                raise _TooSlow from None

        try:
            async with asyncio.timeout(exports.file_seconds_max):
                await super().__call__(scope, receive, send_in_time)
        except (TimeoutError, _TooSlow):
            # The server closes the connection: the file is truncated, and the client can detect it.
            log.info("export too slow", holder=self.place.holder)
        finally:
            self.place.free()
