"""A load generator for one machine: some connections, one request after the other on each, for some seconds.

Bare sockets and a selector: the client must cost less than the server that it measures, or it measures itself. (The
same with asyncio's protocols on uvloop took twice as much.) Loopback only.
"""

import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

ANSWER_SECONDS_MAX = 30


@dataclass
class Result:
    """What one run saw. `latencies` are seconds of every request."""

    seconds: float
    latencies: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    body_bytes: int = 0

    @property
    def per_second(self) -> float:
        """Requests answered per second."""
        return len(self.latencies) / self.seconds

    def percentile_ms(self, share: float) -> float:
        """Latency that this share of requests did not pass, in ms."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class _Connection:
    """One connection, with at most one request on its way."""

    def __init__(self, address: tuple[str, int], result: Result) -> None:
        self.socket = socket.create_connection(address)
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._result = result

    def send(self, request: bytes) -> None:
        self._head = b""
        self._seen = self._whole = 0
        self._sent = time.perf_counter()
        self.socket.sendall(request)

    def receive(self, room: memoryview) -> bool:
        """Take what is there; whether the answer is whole now."""
        size = self.socket.recv_into(room)
        if not size:
            raise ConnectionError("the server closed a connection")
        self._seen += size
        if not self._whole:
            self._head += room[: min(size, 16_384)]
            end = self._head.find(b"\r\n\r\n") + 4
            if end < 4:
                return False
            self._whole = end + self._read_head(self._head[:end].lower())
        if self._seen < self._whole:
            return False
        self._result.latencies.append(time.perf_counter() - self._sent)
        return True

    def _read_head(self, head: bytes) -> int:
        status = int(head[9:12])
        self._result.statuses[status] = self._result.statuses.get(status, 0) + 1
        at = head.find(b"content-length:")
        self._result.body_bytes = 0 if at < 0 else int(head[at + 15 :].split(b"\r\n", 1)[0])
        return self._result.body_bytes


def run(url: str, *, headers: dict[str, str] | None = None, connections: int = 32, seconds: float = 3) -> Result:
    """GET this URL over and over. Only loopback addresses are taken."""
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = [f"GET {target} HTTP/1.1", f"Host: {parts.netloc}", *(f"{k}: {v}" for k, v in (headers or {}).items())]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    return run_each(url, lambda: request, connections=connections, seconds=seconds)


def run_each(url: str, request: Callable[[], bytes], *, connections: int = 32, seconds: float = 3) -> Result:
    """Send to the server of this URL whatever `request` gives each time: a whole request. Loopback only.

    Raises: ConnectionError, when a connection is closed before its answer; TimeoutError, when none is answered.
    """
    parts = urlsplit(url)
    if parts.hostname != "127.0.0.1" or parts.port is None:
        raise ValueError("loopback only, with a port")
    result = Result(seconds)
    room = memoryview(bytearray(1024 * 1024))
    with selectors.DefaultSelector() as selector:
        open_ones = [_Connection((parts.hostname, parts.port), result) for _ in range(connections)]
        try:
            until = time.perf_counter() + seconds
            for one in open_ones:
                selector.register(one.socket, selectors.EVENT_READ, one)
                one.send(request())
            waiting = connections
            while waiting:
                ready = selector.select(ANSWER_SECONDS_MAX)
                if not ready:
                    raise TimeoutError(f"{waiting} requests are not answered")
                for key, _ in ready:
                    if key.data.receive(room):
                        if time.perf_counter() < until:
                            key.data.send(request())
                        else:
                            waiting -= 1
        finally:
            for one in open_ones:
                one.socket.close()
    return result
