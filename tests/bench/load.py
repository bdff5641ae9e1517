"""A load generator for one machine: some connections, one request after the other on each, for some seconds.

Plain sockets, so that the client costs as little as it can beside the server that it measures. Loopback only.
"""

import asyncio
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

try:
    import uvloop
except ImportError:  # Windows
    uvloop = None  # type: ignore[assignment]


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


class _Connection(asyncio.Protocol):
    def __init__(self, request: bytes, result: Result, until: float, done: "asyncio.Future[None]") -> None:
        self._request, self._result, self._until, self._done = request, result, until, done
        self._buffer = b""
        self._body_left = -1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._send()

    def _send(self) -> None:
        self._sent = time.perf_counter()
        self._transport.write(self._request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        if self._body_left < 0:
            self._buffer += data
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head, data, self._buffer = self._buffer[:end].lower(), self._buffer[end + 4 :], b""
            status = int(head[9:12])
            self._result.statuses[status] = self._result.statuses.get(status, 0) + 1
            at = head.find(b"content-length:")
            self._body_left = 0 if at < 0 else int(head[at + 15 :].split(b"\r\n", 1)[0])
            self._result.body_bytes = self._body_left
        self._body_left -= len(data)
        if self._body_left <= 0:
            self._body_left = -1
            now = time.perf_counter()
            self._result.latencies.append(now - self._sent)
            if now < self._until:
                self._send()
            else:
                self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_result(None)


def run(url: str, *, headers: dict[str, str] | None = None, connections: int = 32, seconds: float = 3) -> Result:
    """GET this URL over and over. Only loopback addresses are taken."""
    parts = urlsplit(url)
    if parts.hostname != "127.0.0.1":
        raise ValueError("loopback only")
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = [f"GET {target} HTTP/1.1", f"Host: {parts.netloc}", *(f"{k}: {v}" for k, v in (headers or {}).items())]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    result = Result(seconds)

    async def all_of_them() -> None:
        loop = asyncio.get_running_loop()
        until = time.perf_counter() + seconds
        done = [loop.create_future() for _ in range(connections)]
        for future in done:
            await loop.create_connection(
                lambda future=future: _Connection(request, result, until, future), parts.hostname, parts.port
            )
        await asyncio.gather(*done)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop if uvloop else None) as runner:
        runner.run(all_of_them())
    return result
