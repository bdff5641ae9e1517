"""`balai replay`: against a server that misbehaves as servers do, and the equation at the end."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.cli import replay
from tests.cli.conftest import Verb

Answer = Callable[[httpx2.Request], httpx2.Response]


class FakeServer:
    """Answers each request by the next of `answers`, and for ever by the last; remembers what came."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.batches: list[list[dict[str, Any]]] = []
        self.pauses: list[float] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.batches.append([json.loads(line) for line in request.content.splitlines()])
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer(request)


def receipt(**other: Any) -> dict[str, Any]:
    return {"seq": 1, "repeated": False, "outcome": "applied", "warnings": [], **other}


def problem(status: int, detail: str = "no") -> dict[str, Any]:
    return {"status": status, "code": "x", "detail": detail, "errors": [{"pointer": "#/lines/0", "detail": "why"}]}


def results(*each: dict[str, Any]) -> Answer:
    return lambda _: httpx2.Response(200, json={"results": list(each)})


def all_accepted(request: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(200, json={"results": [receipt() for _ in request.content.splitlines()]})


def refused(status: int, **headers: str) -> Answer:
    return lambda _: httpx2.Response(status, json=problem(status), headers=headers)


def unreachable(request: httpx2.Request) -> httpx2.Response:
    raise httpx2.ConnectError("connection refused", request=request)


@pytest.fixture
def file(tmp_path: Path) -> str:
    rows = [f"rs-{n},2026-01-01T00:00:00Z,icu,5\n" for n in range(5)]
    path = tmp_path / "reports.csv"
    path.write_text("facility_id,observed_at,bed_type,beds_total\n" + "".join(rows))
    return str(path)


@pytest.fixture
def against(verb: Verb, file: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    def run(server: FakeServer, *options: str) -> Any:
        monkeypatch.setattr(replay.time, "sleep", server.pauses.append)
        transport = httpx2.MockTransport(server)
        monkeypatch.setattr(replay, "_client", lambda url, key: httpx2.Client(base_url=url, transport=transport))
        return verb("replay", file, "--key", "k", *options)

    return run


def test_all_is_sent_in_order_in_batches(against: Callable[..., Any]) -> None:
    server = FakeServer(all_accepted)
    ended = against(server, "--batch", "2")
    assert ended.exit_code == 0
    assert [[report["facility_id"] for report in batch] for batch in server.batches] == [
        ["rs-0", "rs-1"],
        ["rs-2", "rs-3"],
        ["rs-4"],
    ]
    assert ended.stdout == "5 read = 5 accepted + 0 late + 0 repeated + 0 refused\n"


def test_each_outcome_is_counted_and_refusals_are_explained(against: Callable[..., Any]) -> None:
    outcomes = [receipt(), receipt(outcome="late"), receipt(repeated=True), problem(422, "cannot be"), problem(403)]
    ended = against(FakeServer(results(*outcomes)))
    assert ended.exit_code == 1
    assert ended.stdout == "5 read = 1 accepted + 1 late + 1 repeated + 2 refused\n"
    assert "line 5: cannot be (#/lines/0 why)" in ended.stderr
    assert "line 6: no" in ended.stderr


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_obeyed_within_bounds(against: Callable[..., Any], status: int) -> None:
    waits = [refused(status, **{"retry-after": "7"}), refused(status, **{"retry-after": "9999"}), refused(status)]
    server = FakeServer(*waits, all_accepted)
    assert against(server).exit_code == 0
    assert server.pauses == [7, replay.PAUSE_SECONDS_MAX, 4]


def test_only_what_was_not_taken_is_sent_again(against: Callable[..., Any]) -> None:
    first = results(receipt(), problem(503), receipt(repeated=True), problem(429), receipt())
    server = FakeServer(first, all_accepted)
    ended = against(server)
    assert [report["facility_id"] for report in server.batches[1]] == ["rs-1", "rs-3"]
    assert ended.stdout == "5 read = 4 accepted + 0 late + 1 repeated + 0 refused\n"


def test_a_server_that_stays_away_is_given_up_and_the_rest_told(against: Callable[..., Any]) -> None:
    server = FakeServer(all_accepted, unreachable)
    ended = against(server, "--batch", "3")
    assert ended.exit_code == 1
    assert ended.stdout == "5 read = 3 accepted + 0 late + 0 repeated + 0 refused + 2 not sent\n"
    assert "connection refused" in ended.stderr
    assert len(server.pauses) == replay.ATTEMPTS_MAX - 1


@pytest.mark.parametrize(
    "answer",
    [
        refused(401),
        refused(404),
        lambda _: httpx2.Response(502, text="<html>Bad Gateway</html>"),
        lambda _: httpx2.Response(200, json={"results": []}),
        lambda _: httpx2.Response(200, json=[1, 2, 3]),
        lambda _: httpx2.Response(200, content=b"\xff"),
    ],
    ids=["wrong key", "no such path", "a proxy", "no answers", "another shape", "no text"],
)
def test_a_refusal_of_all_or_something_that_is_not_balai_stops_at_once(
    against: Callable[..., Any], answer: Answer
) -> None:
    server = FakeServer(answer)
    ended = against(server)
    assert ended.exit_code == 1
    assert ended.stdout == "5 read = 0 accepted + 0 late + 0 repeated + 0 refused + 5 not sent\n"
    assert len(server.batches) == 1


def test_batches_stay_below_the_servers_limit_of_bytes(
    against: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "BATCH_BYTES_MAX", 500)
    server = FakeServer(all_accepted)
    assert against(server).exit_code == 0
    assert len(server.batches) > 1
    assert sum(map(len, server.batches)) == 5


@pytest.mark.parametrize(("host", "here"), [("127.0.0.1", True), ("localhost", True), ("[::1]", True), ("a.id", False)])
def test_a_proxy_is_not_asked_for_this_machine(host: str, here: bool) -> None:
    with replay._client(f"http://{host}:8000", "k") as client:
        assert client.trust_env is not here
