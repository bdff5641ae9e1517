"""Hospital software byte for byte: requests over a socket, and what the service says of them afterwards."""

import json
import socket
import time
from dataclasses import dataclass
from typing import Any

import httpx2

from app.domain.signatures import md5_of, signature
from tests.protocols.burst import AREA
from tests.serving import Serving


def add(server: Serving, number: int) -> dict[str, Any]:
    """A hospital with doors, by the command line, as a script would."""
    sirs, bpjs = f"33749{number:02}", f"1199R{number:03}"
    done = server.run(
        *("hospital", "add", "--facility-id", f"rs-{sirs}", "--name", f"RS {number}", "--sirs", sirs),
        *("--bpjs", bpjs, "--area", AREA, "--public-url", server.url, "--json"),
    )
    assert done.returncode == 0, done.stderr
    typed: dict[str, Any] = json.loads(done.stdout)
    return typed


def send_raw(server: Serving, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """The answer to exactly these bytes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(request)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return int(first.split()[1]), headers, body


@dataclass(frozen=True)
class RawHospital:
    """One hospital at a server: its credentials as header lines, and its messages."""

    server: Serving
    typed: dict[str, Any]
    key: str

    def credential(self, protocol: str) -> str:
        """The header lines that prove who it is."""
        login = self.typed[protocol]
        if protocol == "aplicares":
            stamp = str(int(time.time()))
            signed = signature(login["secret"], login["cons_id"], stamp)
            return f"X-cons-id: {login['cons_id']}\r\nX-timestamp: {stamp}\r\nX-signature: {signed}\r\n"
        shown = md5_of(login["x_pass"]) if protocol == "siranap_v1" else login["x_pass"]
        return f"X-rs-id: {login['x_rs_id']}\r\nX-pass: {shown}\r\n"

    def send(
        self, protocol: str, line: str, body: bytes = b"", *, more: str = "", length: str | None = None
    ) -> tuple[int, dict[str, str], Any]:
        """Status, headers and JSON of the answer; `line` is method and target, `more` further header lines."""
        version = "" if " HTTP/" in line else " HTTP/1.1"
        head = f"{line}{version}\r\nHost: x\r\n{self.credential(protocol)}{more}"
        head += f"Content-Length: {len(body) if length is None else length}\r\nConnection: close\r\n\r\n"
        status, headers, answer = send_raw(self.server, head.encode("latin-1") + body)
        return status, headers, json.loads(answer) if answer else None

    def ask(self, path: str) -> Any:
        """What our own API answers an officer."""
        with httpx2.Client(base_url=self.server.url, trust_env=False) as client:
            answer = client.get(path, headers={"Authorization": f"Bearer {self.key}"})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def messages(self) -> list[dict[str, Any]]:
        """Its messages, newest first."""
        found: list[dict[str, Any]] = self.ask(f"/v1/facilities/{self.typed['facility_id']}/messages")["messages"]
        return found

    def lines(self, *channels: str) -> list[dict[str, Any]]:
        """Its lines by these channels."""
        found = self.ask(f"/v1/facilities/{self.typed['facility_id']}/channels")["channels"]
        return [line for each in found if each["channel"] in channels for line in each["lines"]]


def message_of(protocol: str, said: Any) -> str:
    """What the software's user reads of an answer."""
    if protocol == "aplicares":
        return str(said["metadata"]["message"])
    if protocol == "siranap_v1":
        return str(said["deskripsi"])
    [row] = next(value for value in said.values() if isinstance(value, list))
    return str(row["message"])
