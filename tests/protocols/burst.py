"""A burst: all hospitals' software in the same second, one request for each room, by both doors."""

import asyncio
import json
import time
from typing import Any

import httpx2

from app.domain.signatures import signature

AREA = "33.74.01.1001"
HOSPITALS, ROOMS = 30, 60
CLIENT_SECONDS_MAX = 5  # the shortest time-out among real clients


def add_hospitals(officer: httpx2.Client) -> list[dict[str, Any]]:
    """Thirty hospitals of one kelurahan, each with what to type."""
    return [
        officer.post(
            "/v1/hospitals",
            json={"name": f"RS {n}", "sirs": f"33749{n:02}", "bpjs": f"1199R{n:03}", "area_code": AREA},
        ).json()
        for n in range(HOSPITALS)
    ]


class Line:
    """One connection of a hospital's software, which sends a request when the last one was answered."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, status: int = 200) -> None:
        self._reader, self._writer, self._status = reader, writer, status

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()
        await self._writer.wait_closed()

    async def ask(self, request: bytes) -> bytes:
        """The body of the answer. Raises: TimeoutError, as the client would; AssertionError, for any other status."""
        async with asyncio.timeout(CLIENT_SECONDS_MAX):
            self._writer.write(request)
            head = await self._reader.readuntil(b"\r\n\r\n")
            assert head.startswith(f"HTTP/1.1 {self._status} ".encode()), head
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            return await self._reader.readexactly(length)


def request(path: str, headers: dict[str, str], said: dict[str, Any]) -> bytes:
    body = json.dumps(said).encode()
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {path} HTTP/1.1\r\nHost: x\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def send_all(port: int, requests: list[bytes], said: bytes) -> float:
    """All of one hospital by one door, in turn; gives the slowest answer in seconds."""
    line, slowest = Line(*await asyncio.open_connection("127.0.0.1", port)), 0.0
    for each in requests:
        begun = time.perf_counter()
        assert said in await line.ask(each)
        slowest = max(slowest, time.perf_counter() - begun)
    await line.close()
    return slowest


def of_sirs(typed: dict[str, Any]) -> list[bytes]:
    protocol = typed["sirs"]
    headers = {"X-rs-id": protocol["x_rs_id"], "X-pass": protocol["x_pass"], "X-Timestamp": str(int(time.time()))}
    rooms = [{"id_tt": "3", "ruang": f"R{n}", "jumlah": 4, "terpakai": 1, "covid": 0} for n in range(ROOMS)]
    return [request("/fo/index.php/Fasyankes", headers, room) for room in rooms]


def of_aplicares(typed: dict[str, Any]) -> list[bytes]:
    protocol, stamp = typed["aplicares"], str(int(time.time()))
    signed = signature(protocol["secret"], protocol["cons_id"], stamp)
    headers = {"X-cons-id": protocol["cons_id"], "X-timestamp": stamp, "X-signature": signed}
    room = {"kodekelas": "KL1", "namaruang": "x", "kapasitas": 4, "tersedia": 3}
    rooms = [{**room, "koderuang": f"R{n}"} for n in range(ROOMS)]
    return [request(f"/aplicaresws/rest/bed/update/{protocol['kodeppk']}", headers, room) for room in rooms]
