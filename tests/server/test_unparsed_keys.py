"""Keys of our own API over sockets: what is not HTTP, or no body, is among the messages of the key's facility too."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from tests.protocols.raw import send_raw
from tests.serving import Serving, served

PATH = "/v1/facilities/rs-own/reports"


@dataclass(frozen=True)
class Own:
    """A facility's key at a server, and an officer's."""

    server: Serving
    key: str
    officer: str

    def head(self, first: str, *more: str, host: str = "Host: x") -> bytes:
        """The head of a request with the key."""
        return "\r\n".join([first, host, f"Authorization: Bearer {self.key}", *more, "", ""]).encode("latin-1")

    def messages(self) -> list[dict[str, Any]]:
        """Those of the facility, newest first."""
        with httpx2.Client(base_url=self.server.url, trust_env=False) as client:
            answer = client.get("/v1/facilities/rs-own/messages", headers={"Authorization": f"Bearer {self.officer}"})
        found: list[dict[str, Any]] = answer.json()["messages"]
        return found

    def newest_where(self, is_it: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The newest message, as soon as it is this one."""
        for _ in range(100):
            [newest, *_] = self.messages() or [{}]
            if newest and is_it(newest):
                return newest
            time.sleep(0.05)
        raise AssertionError(newest)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Own]:
    with served(tmp_path_factory.mktemp("unread"), "--seed", "semarang") as server:
        officer = server.key()
        with httpx2.Client(base_url=server.url, trust_env=False) as client:
            client.headers["Authorization"] = f"Bearer {officer}"
            facility = {"facility_id": "rs-own", "kind": "hospital", "name": "RS", "area_code": "33.74"}
            assert client.post("/v1/facilities", json=facility).status_code == 201
            issued = client.post("/v1/keys", json={"name": "RS", "scope": "facility:rs-own"})
            assert issued.status_code == 201, issued.text
        yield Own(server, issued.json()["key"], officer)


@pytest.mark.parametrize(
    ("first", "more", "status", "request_line"),
    [
        (f"POST {PATH} HTTP/1.1", "X Kunci: 1", 400, f"POST {PATH}"),
        (f"POST {PATH} HTTP/1.1", "Content-Length: dua belas", 400, f"POST {PATH}"),
        (f"post {PATH} HTTP/1.1", "Content-Length: 0", 400, f"post {PATH}"),
        (f"KIRIM {PATH} HTTP/1.1", "Content-Length: 0", 400, f"KIRIM {PATH}"),
        ("GET /v1/position x HTTP/1.1", "X: 1", 400, "GET /v1/position x"),
        ("LAPORAN", "X: 1", 400, "LAPORAN /"),
        (f"GET {PATH}/{'y' * 30_000} HTTP/1.1", "X: 1", 414, None),
        (f"POST {PATH} HTTP/1.1", f"X-Long: {'y' * 30_000}", 431, f"POST {PATH}"),
        (f"GET /v1/nothing?{'y' * 3_000} HTTP/1.1", "Connection: close", 414, "GET /v1/nothing"),
    ],
)
def test_what_is_not_http_is_noted_where_the_key_can_be_read(
    own: Own, first: str, more: str, status: int, request_line: str | None
) -> None:
    before = len(own.messages())
    got, _, body = send_raw(own.server, own.head(first, more))
    assert got == status, body
    newest, *older = own.messages()
    assert len(older) == before
    assert (newest["channel"], newest["outcome"], newest["status"]) == ("native", "refused", status)
    assert newest["detail"] == json.loads(body)["detail"]
    assert request_line is None or newest["request"] == request_line


def test_a_stranger_s_is_not(own: Own) -> None:
    before = own.messages()
    for line in ("X Kunci: 1", "Authorization: Bearer balai_x\r\nX Y: 1", "Authorization: Basic eDp5\r\nX Y: 1"):
        assert send_raw(own.server, f"POST {PATH} HTTP/1.1\r\nHost: x\r\n{line}\r\n\r\n".encode())[0] == 400
    assert own.messages() == before


@pytest.mark.parametrize("body", [b"zz\r\n{}\r\n", b"1\r\n{\r\nzz\r\n"])
def test_a_body_whose_chunks_are_none_is_noted_once(own: Own, body: bytes) -> None:
    before = len(own.messages())
    head = own.head(f"POST {PATH} HTTP/1.1", "Content-Type: application/json", "Transfer-Encoding: chunked")
    assert send_raw(own.server, head + body)[0] == 400
    newest = own.newest_where(lambda _: len(own.messages()) == before + 1)
    assert (newest["request"], newest["outcome"], newest["status"]) == (f"POST {PATH}", "refused", 400)


def test_a_body_that_never_comes_is_noted(own: Own) -> None:
    with socket.create_connection(("127.0.0.1", own.server.port), timeout=10) as connection:
        connection.sendall(own.head(f"POST {PATH} HTTP/1.1", "Content-Type: application/json", "Content-Length: 99"))
        time.sleep(0.1)
    newest = own.newest_where(lambda each: "complete" in (each["detail"] or ""))
    assert (newest["request"], newest["outcome"], newest["status"]) == (f"POST {PATH}", "refused", 400)


def test_a_key_without_http_on_a_line_of_its_own_is_not_shown(own: Own) -> None:
    secret = own.key.split("_", 2)[2]
    send_raw(own.server, own.head(f"{own.key} /v1/{own.key}", "X Y: 1"))
    assert secret not in json.dumps(own.messages())
    assert "***" in own.messages()[0]["request"]
