"""Clients on bare connections, as many as an attack wants: requests as bytes, and what was answered."""

import asyncio
import contextlib
import json
import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from typing import Any

# The next request of a connection: by its number and the body of its last answer.
NextRequest = Callable[[int, bytes], bytes]


def get(target: str, *headers: str) -> bytes:
    """A whole GET."""
    return "\r\n".join([f"GET {target} HTTP/1.1", "Host: x", *headers, "", ""]).encode()


def send(target: str, body: bytes, *headers: str, method: str = "POST", length: int | None = None) -> bytes:
    """A request with a body of JSON; with `length` it announces so many bytes, whatever it has."""
    announced = f"Content-Length: {len(body) if length is None else length}"
    head = [f"{method} {target} HTTP/1.1", "Host: x", "Content-Type: application/json", announced, *headers, "", ""]
    return "\r\n".join(head).encode() + body


def bearer(key: str) -> str:
    """The header that shows a key."""
    return f"Authorization: Bearer {key}"


def ask(url: str, key: str, path: str, document: dict[str, Any]) -> dict[str, Any]:
    """POST a document; gives the answer's. Raises: HTTPError, when it is refused."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    request = urllib.request.Request(url + path, json.dumps(document).encode(), headers)
    with urllib.request.urlopen(request) as response:
        answered: dict[str, Any] = json.load(response)
    return answered


async def answer(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    """Status and body; of an event stream only when it ends."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    status = head[9:12].decode()
    if b"transfer-encoding: chunked" not in head:
        length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
        return status, await reader.readexactly(int(length or 0))
    body = bytearray()
    while size := int(await reader.readuntil(b"\r\n"), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readexactly(2)
    return status, bytes(body)


async def keep_sending(
    port: int, next_request: NextRequest, *, connections: int, addresses: int, network: int, seconds: float
) -> dict[str, int]:
    """Each connection sends again once it is answered, and is opened anew where it was closed; for so long.

    They come from `addresses` addresses in 127.`network`.0.0/16. Gives how often each status came.
    """
    statuses: Counter[str] = Counter()
    until = time.perf_counter() + seconds

    async def client(number: int) -> None:
        place = number % addresses
        address = f"127.{network}.{1 + place // 250}.{1 + place % 250}"
        while time.perf_counter() < until:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):  # a TimeoutError is an OSError
                reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))
                body = b""
                try:
                    while (left := until - time.perf_counter()) > 0:
                        async with asyncio.timeout(left):
                            writer.write(next_request(number, body))
                            status, body = await answer(reader)
                            statuses[status] += 1
                finally:
                    writer.close()

    await asyncio.gather(*map(client, range(connections)))
    return dict(statuses)


def told(statuses: dict[str, int]) -> str:
    """What was answered, in words."""
    return ", ".join(f"{number} x {status}" for status, number in sorted(statuses.items())) or "no answer"
