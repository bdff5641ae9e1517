"""Many listeners of a live stream in one process: bare sockets and one epoll, so that they cost less than the server.

One event is under way at a time: it is caused by a request, and over when every listener has it. Loopback only.
"""

import select
import socket
import time
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

# A chunk of a heartbeat comment is smaller than this, and everything else larger.
HEARTBEAT_BYTES_MAX = 32
EVENT_SECONDS_MAX = 30
# Servers close a connection that is idle for longer: uvicorn, where nothing else is said, after 5 s.
IDLE_SECONDS_MAX = 3
AT_ONCE_MAX = 100
_END_OF_CHUNK = b"\n\n\r\n"


@dataclass(slots=True)
class Event:
    """What came of one event: `arrived` is each listener's first byte of it. Moments of `time.perf_counter`."""

    sent: float
    answered: float = 0.0
    arrived: dict[int, float] = field(default_factory=dict)
    total_bytes: int = 0  # on the wire, to all listeners

    @property
    def delays_ms(self) -> list[float]:
        """From sending what caused it to the first byte, for each listener."""
        return [1000 * (moment - self.sent) for moment in self.arrived.values()]


class Listeners:
    """Open streams of one server, and one connection by which events are caused: to the same server, or another."""

    def __init__(self, url: str, path: str, *, causing_url: str | None = None) -> None:
        self._address = _address(url)
        host = "{}:{}".format(*self._address)
        self._request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/event-stream\r\n\r\n".encode()
        self._epoll = select.epoll()
        self._open: dict[int, socket.socket] = {}
        self._stalled: list[socket.socket] = []
        self._room = memoryview(bytearray(1024 * 1024))
        self._causing_address = _address(causing_url or url)
        self._causing = socket.create_connection(self._causing_address)
        self._used = time.perf_counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for one in (*self._open.values(), *self._stalled, self._causing):
            one.close()
        self._epoll.close()

    def open(self, number: int) -> None:
        """So many more; returns when each has its head and its first chunk.

        Raises: ConnectionError, when one is refused; TimeoutError.
        """
        for start in range(0, number, AT_ONCE_MAX):
            heads: dict[int, bytes] = {}
            for _ in range(min(AT_ONCE_MAX, number - start)):
                one = socket.create_connection(self._address)
                one.setblocking(False)
                one.send(self._request)
                self._open[one.fileno()] = one
                heads[one.fileno()] = b""
                self._epoll.register(one.fileno(), select.EPOLLIN)
            until = time.perf_counter() + EVENT_SECONDS_MAX
            while heads:
                for file, _ in self._poll(until):
                    if file in heads:
                        heads[file] += bytes(self._receive(file))
                        if heads[file].endswith(_END_OF_CHUNK):
                            _check_head(heads.pop(file))
                    else:
                        self._receive(file)

    def stall(self, number: int) -> None:
        """So many who ask and then never read, with little room on their side."""
        for _ in range(number):
            one = socket.socket()
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            one.connect(self._address)
            one.send(self._request)
            self._stalled.append(one)

    def forget_stalled(self) -> None:
        """They leave for good."""
        for one in self._stalled:
            one.close()
        self._stalled.clear()

    def cause(self, request: bytes) -> Event:
        """Send this, and see each listener get the event that it causes.

        Raises: ConnectionError, when a listener is cut off or the request is not answered well; TimeoutError.
        """
        self._renew_causing()
        waiting = set(self._open)
        causing = self._causing.fileno()
        self._epoll.register(causing, select.EPOLLIN)
        answer = b""
        until = time.perf_counter() + EVENT_SECONDS_MAX
        event = Event(time.perf_counter())
        self._causing.sendall(request)
        try:
            while waiting or not event.answered:
                for file, _ in self._poll(until):
                    if file == causing:
                        said = self._causing.recv(65_536)
                        answer += said
                        if not said:
                            raise ConnectionError("the server closed the connection that causes events")
                        if _is_whole(answer):
                            event.answered = self._used = time.perf_counter()
                        continue
                    chunk = self._receive(file)
                    if len(chunk) > HEARTBEAT_BYTES_MAX:
                        event.arrived.setdefault(file, time.perf_counter())
                        event.total_bytes += len(chunk)
                        if chunk[-4:] == _END_OF_CHUNK:
                            waiting.discard(file)
        finally:
            self._epoll.unregister(causing)
        return event

    def rest(self, until: float) -> None:
        """Read what comes, heartbeats, until a moment."""
        while (left := until - time.perf_counter()) > 0:
            for file, _ in self._epoll.poll(left):
                self._receive(file)

    def _renew_causing(self) -> None:
        if time.perf_counter() - self._used > IDLE_SECONDS_MAX:
            self._causing.close()
            self._causing = socket.create_connection(self._causing_address)

    def _poll(self, until: float) -> list[tuple[int, int]]:
        ready = self._epoll.poll(max(0.0, until - time.perf_counter()), 4096)
        if not ready:
            raise TimeoutError("an event did not reach every listener")
        return ready

    def _receive(self, file: int) -> memoryview:
        size = self._open[file].recv_into(self._room)
        if not size:
            raise ConnectionError("the server closed a stream")
        return self._room[:size]


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    if parts.hostname != "127.0.0.1" or parts.port is None:
        raise ValueError("loopback only, with a port")
    return parts.hostname, parts.port


def _check_head(said: bytes) -> None:
    if not said.startswith(b"HTTP/1.1 200 "):
        raise ConnectionError(f"a stream was refused: {said[:300]!r}")


def _is_whole(answer: bytes) -> bool:
    """Whether this is a good answer with all of its body. Raises: ConnectionError, when it is a refusal."""
    head, separator, body = answer.partition(b"\r\n\r\n")
    if not separator:
        return False
    if not head.startswith(b"HTTP/1.1 2"):
        raise ConnectionError(f"what should cause an event was refused: {answer[:500]!r}")
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return len(body) >= int(length.partition(b":")[2])
