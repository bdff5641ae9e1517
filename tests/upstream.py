"""An upstream for the relay: a real TLS server that takes, refuses, fails, dawdles or talks rubbish, as it is told."""

import asyncio
import datetime as dt
import ipaddress
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.ports import free_port

_SIRS = ({"fasyankes": [{"status": "200", "message": "ok"}]}, {"fasyankes": [{"status": "401", "message": "x"}]})
_APLICARES = ({"metadata": {"code": 1, "message": "ok"}}, {"metadata": {"code": 401, "message": "x"}})


@dataclass
class Asked:
    """One request that came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> dict[str, Any]:
        """Its body."""
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class Upstream:
    """What it does is `mood`.

    One of ok, refuses, error, busy, garbage, repeats, empty, half, huge, elsewhere, slow, hangs_up.
    `may_answer` holds back all answers while it is not set.
    """

    port: int
    certificate: Path
    key: Path
    mood: str = "ok"
    asked: list[Asked] = field(default_factory=list)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    _server: asyncio.Server | None = None
    _lines: set[asyncio.WriteTransport] = field(default_factory=set)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"https://127.0.0.1:{self.port}"

    @property
    def trust(self) -> ssl.SSLContext:
        """Who trusts it alone."""
        return ssl.create_default_context(cafile=str(self.certificate))

    @property
    def taken(self) -> list[Asked]:
        """What it took."""
        return [each for each in self.asked if each.headers.get("taken")]

    async def start(self) -> None:
        """Be there."""
        self.may_answer.set()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=context)

    async def stop(self) -> None:
        """Be gone."""
        if self._server is not None:
            self._server.close()
            for each in self._lines:
                each.abort()
            await asyncio.sleep(0)
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._lines.add(writer.transport)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.strip().split("\r\n")
                method, path, _ = first.split(" ")
                headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                asked = Asked(method, path, headers, body)
                self.asked.append(asked)
                if self.mood == "slow":
                    await reader.read()  # until the other side gives up
                    return
                if self.mood == "hangs_up":
                    return
                await self.may_answer.wait()
                if self.mood == "ok":
                    headers["taken"] = "yes"
                writer.write(self._answer(asked))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.transport.abort()
            self._lines.discard(writer.transport)

    def _answer(self, asked: Asked) -> bytes:
        good, bad = _SIRS if asked.path.startswith("/fo/") else _APLICARES
        said = {**good, "you": asked.headers}
        page = "<html>Silakan masuk</html>"
        status, more, body = {
            "ok": ("200 OK", "", json.dumps(good)),
            "refuses": ("401 Unauthorized", "", json.dumps(bad)),
            "error": ("500 Oops", "", page),
            "busy": ("429 Slow down", "Retry-After: 7\r\n", json.dumps(bad)),
            "garbage": ("200 OK", "", page),
            "repeats": ("200 OK", "", json.dumps(said)),
            "empty": ("200 OK", "", ""),
            "half": ("200 OK", "", json.dumps(good)[:-3]),
            "huge": ("200 OK", "", "x" * 10_000_000),
            "elsewhere": ("302 Found", f"Location: {self.url}/elsewhere\r\n", page),
        }[self.mood]
        return f"HTTP/1.1 {status}\r\n{more}Content-Length: {len(body)}\r\n\r\n{body}".encode()


@asynccontextmanager
async def upstream(folder: Path) -> AsyncIterator[Upstream]:
    """One that is there."""
    certificate, key = _self_signed(folder)
    found = Upstream(free_port(), certificate, key)
    await found.start()
    try:
        yield found
    finally:
        await found.stop()


def _self_signed(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "upstream")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "upstream.crt", folder / "upstream.key"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files
