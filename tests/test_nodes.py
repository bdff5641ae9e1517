"""Several nodes on one PostgreSQL: what one writes the others show, whatever is cut or stopped; replicas are read."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.actions.report_history import reports_of
from app.actions.submit_reports import submit_reports
from app.domain.permissions import NATIONAL, Actor, Role
from app.domain.reports.report import Receipt
from app.runtime import ledger_follower
from app.runtime.node import Node, open_node
from app.store.maintenance.migrate import migrate
from tests.conftest import Clock
from tests.factories import MORNING, build_world, line, report
from tests.postgres import Cluster, cluster
from tests.serving import Serving, eventually, served
from tests.sse import listening_at

pytestmark = pytest.mark.postgres

OFFICER = Actor("k", Role.command, NATIONAL)
CITY = "/v1/areas/33.74/capacity"
RECOVERY_SECONDS_MAX = 5
LISTENERS = "application_name = 'balai listen'"


@pytest.fixture
def server() -> Iterator[Cluster]:
    """A PostgreSQL of this test's own, to be stopped or followed."""
    with cluster() as found:
        yield found


@pytest.fixture
def two_nodes(server: Cluster, tmp_path: Path) -> Iterator[tuple[Serving, Serving]]:
    """Two processes on one database, with Kota Semarang in it."""
    url = server.create("balai")
    folders = [tmp_path / name for name in ("a", "b")]
    for folder in folders:
        folder.mkdir()
    with (
        served(folders[0], "--seed", "semarang", BALAI_DATABASE_URL=url) as a,
        served(folders[1], BALAI_DATABASE_URL=url) as b,
    ):
        yield a, b


def say(server: Serving, key: str, beds: int = 12) -> httpx2.Response:
    """One report, which counts so many beds."""
    body = {
        "report_id": uuid.uuid4().hex,
        "observed_at": datetime.now(UTC).isoformat(),
        "lines": [{"bed_type": "icu", "beds_total": beds, "beds_occupied": 1}],
    }
    url = f"{server.url}/v1/facilities/rs-3374010/reports"
    return httpx2.post(url, json=body, headers={"Authorization": f"Bearer {key}"}, timeout=10, trust_env=False)


def ask(server: Serving, path: str = CITY, **query: Any) -> httpx2.Response:
    return httpx2.get(f"{server.url}{path}", params=query, timeout=10, trust_env=False)


def seconds_until_shown(server: Serving, seq: int) -> float:
    """How long it takes this node to show that position; it waits for one second at a time."""
    started = time.monotonic()
    while ask(server, min_position=seq).status_code != 200:
        assert time.monotonic() - started < 30
    return time.monotonic() - started


def listeners(server: Cluster) -> int:
    return int(server.sql(f"SELECT count(*) FROM pg_stat_activity WHERE {LISTENERS}"))


def wait_for_listeners(server: Cluster, number: int) -> None:
    end = time.monotonic() + 10
    while listeners(server) < number:
        assert time.monotonic() < end, "the node does not listen again"
        time.sleep(0.02)


def test_a_cut_of_the_notices_costs_at_most_a_second_and_is_mended(
    two_nodes: tuple[Serving, Serving], server: Cluster
) -> None:
    a, b = two_nodes
    key = a.key()
    wait_for_listeners(server, 2)
    for beds in range(10, 20):
        if beds % 2:
            server.sql(f"SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE {LISTENERS}")
        here, there = (a, b) if beds % 4 < 2 else (b, a)
        receipt = say(here, key, beds).json()
        assert seconds_until_shown(there, receipt["seq"]) < 1
        for node in (a, b):
            assert ask(node).json()["totals"]["beds_total"] == beds
    wait_for_listeners(server, 2)


def plan_closing(node: Serving, key: str, *, seconds: float) -> str:
    """Plan to close a hospital so soon; gives the time."""
    at = (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()
    url = f"{node.url}/v1/facilities/rs-3374010/close"
    headers = {"Authorization": f"Bearer {key}", "If-Match": "*"}
    answer = httpx2.post(url, json={"effective_at": at}, headers=headers, timeout=10, trust_env=False)
    assert answer.json()["is_open"], answer.text
    return at


async def test_a_planned_closing_is_one_event_at_its_time_in_the_stream_of_every_node(
    two_nodes: tuple[Serving, Serving],
) -> None:
    a, b = two_nodes
    key = await asyncio.to_thread(a.key)
    await asyncio.to_thread(say, a, key)
    await asyncio.to_thread(plan_closing, a, key, seconds=1)
    planned = ask(a).json()["position"]
    await asyncio.to_thread(seconds_until_shown, b, planned)
    async with (
        listening_at(a.url, f"{CITY.removesuffix('capacity')}stream") as at_a,
        listening_at(b.url, f"{CITY.removesuffix('capacity')}stream") as at_b,
    ):
        for ear in (at_a, at_b):
            assert (await ear.next()).data["totals"]["beds_total"] == 12
            async with asyncio.timeout(3):
                event = await ear.next()
            assert (event.id, event.data["totals"]["beds_total"]) == (planned + 1, None)
        await asyncio.sleep(1.5)  # neither node does it again
        assert {ask(node).json()["position"] for node in two_nodes} == {planned + 1}


def test_a_closing_that_all_nodes_slept_through_has_its_planned_time(two_nodes: tuple[Serving, Serving]) -> None:
    a, b = two_nodes
    at = plan_closing(a, a.key(), seconds=1)
    for node in two_nodes:
        node.kill()
    time.sleep(1)
    b.start()
    end = time.monotonic() + 2
    while (shown := ask(b, "/v1/facilities/rs-3374010").json())["is_open"]:
        assert time.monotonic() < end
    assert datetime.fromisoformat(shown["closed_at"]) == datetime.fromisoformat(at)


@pytest.mark.parametrize("how", ["stopped", "killed", "frozen"])
def test_a_database_that_was_away_is_used_again_within_seconds_by_all_nodes(
    two_nodes: tuple[Serving, Serving], server: Cluster, how: str
) -> None:
    """While it is away nodes answer from what they know, refuse reports in time, and say that they are not ready."""
    a, b = two_nodes
    key = a.key()
    first = say(a, key, 10).json()
    seconds_until_shown(b, first["seq"])
    {"stopped": server.stop, "killed": server.kill, "frozen": server.freeze}[how]()
    try:
        for node in (a, b):
            started = time.monotonic()
            refused = say(node, key, 11)
            assert time.monotonic() - started < 3
            assert_unavailable(refused)
            assert ask(node).json()["position"] == first["seq"]
            assert ask(node, "/healthz").status_code == 200
            assert_unavailable(ask(node, "/readyz"))
        # Whatever writes is told as soon as single reports: keys, and a bulk.
        headers = {"Authorization": f"Bearer {key}"}
        said = {"observed_at": datetime.now(UTC).isoformat(), "lines": [{"bed_type": "icu", "beds_total": 11}]}
        for path, body in (
            ("/v1/keys", {"scope": "national", "name": "another"}),
            ("/v1/reports", [{"facility_id": "rs-3374010", **said} for _ in range(1_000)]),
        ):
            started = time.monotonic()
            assert_unavailable(httpx2.post(f"{a.url}{path}", json=body, headers=headers, timeout=30, trust_env=False))
            assert time.monotonic() - started < 4
    finally:
        server.thaw() if how == "frozen" else server.start()
    back = time.monotonic()
    for node, other, beds in ((a, b, 12), (b, a, 13)):
        while (answer := say(node, key, beds)).status_code != 201:
            assert time.monotonic() - back < RECOVERY_SECONDS_MAX
        seq = answer.json()["seq"]
        seconds_until_shown(other, seq)
        assert ask(other).json()["totals"]["beds_total"] == beds
    assert time.monotonic() - back < RECOVERY_SECONDS_MAX
    wait_for_listeners(server, 2)
    assert ask(a, "/readyz").status_code == 200


def assert_unavailable(answer: httpx2.Response) -> None:
    assert answer.status_code == 503, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) > 0


def test_a_node_of_a_replica_alone_shows_what_is_reported_and_takes_no_reports(server: Cluster, tmp_path: Path) -> None:
    url = server.create("balai")
    for name in ("primary", "replica"):
        (tmp_path / name).mkdir()
    with served(tmp_path / "primary", "--seed", "semarang", BALAI_DATABASE_URL=url) as primary:
        key = primary.key()
        say(primary, key, 10)
        with (
            server.standby() as standby,
            # As `dev.py serve` would start it: what can only be written is left out.
            served(
                tmp_path / "replica",
                *("--seed", "semarang", "--first-key", "--workers", "2"),
                BALAI_REPLICA_URL=standby.url("balai"),
            ) as replica,
        ):
            assert ask(replica).json()["totals"]["beds_total"] == 10
            receipt = say(primary, key, 11).json()
            assert seconds_until_shown(replica, receipt["seq"]) < 1
            # Of two workers another one may answer, which has not read so far yet.
            assert ask(replica, min_position=receipt["seq"]).json()["totals"]["beds_total"] == 11
            assert ask(replica, "/readyz").status_code == 200
            refused = say(replica, key, 12)
            assert_unavailable(refused)
            assert "only reads" in refused.json()["detail"]
            registered = httpx2.post(
                f"{replica.url}/v1/areas",
                json=[{"code": "33.99", "name": "X", "level": "city", "type": "kota", "parent": "33"}],
                headers={"Authorization": f"Bearer {key}"},
                trust_env=False,
            )
            assert_unavailable(registered)
            assert replica.run("verify").returncode == 0
            made = replica.run("key", "create", "--national")
            assert (made.returncode, made.stdout) == (1, "")
            # After a failover the replica is the database, and the node that only read writes without a restart.
            server.kill()
            standby.sql("SELECT pg_promote()")
            promoted = say(replica, key, 13)
            assert promoted.status_code == 201
            assert seconds_until_shown(replica, promoted.json()["seq"]) < 1


@pytest.fixture
async def beside_replica(server: Cluster, clock: Clock) -> AsyncIterator[tuple[Node, Cluster]]:
    """A node that writes to the primary and reads from its replica."""
    url = server.create("balai")
    await migrate(url)
    async with open_node(database_url=url, clock=clock) as node:
        await build_world(node)
    with server.standby() as standby:
        async with open_node(database_url=url, replica_url=standby.url("balai"), clock=clock) as node:
            yield node, standby


async def test_a_node_shows_what_it_was_told_at_once_though_its_replica_lags(
    beside_replica: tuple[Node, Cluster], server: Cluster, clock: Clock
) -> None:
    node, standby = beside_replica
    standby.sql("SELECT pg_wal_replay_pause()")
    async with open_node(database_url=server.url("balai"), clock=clock) as other:
        for n in range(4):
            one = (node, other)[n % 2]
            (answer,) = await submit_reports(one, [report(line(beds_total=n), minutes=n)], by=OFFICER)
            assert isinstance(answer, Receipt)
            assert one.board.position == answer.seq
            assert one.board.roll_up("33.74", MORNING).totals.beds_total == n
            _, said, _ = await reports_of(one, "rs-a", before=None, limit=10, by=OFFICER)
            assert said[0].seq == answer.seq
        assert node.board.position < other.board.position
        standby.sql("SELECT pg_wal_replay_resume()")
        await node.follower.wait_for(other.board.position, seconds=5)
        assert node.board.contents() == other.board.contents()


async def test_a_replica_spares_the_database_the_reading(
    beside_replica: tuple[Node, Cluster], server: Cluster, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What others write comes by the replica: woken by a notice, and then without asking where it was written."""
    monkeypatch.setattr(ledger_follower, "TICK_SECONDS", 3600)
    monkeypatch.setattr(ledger_follower, "NEWEST_SECONDS", 3600)
    node, _ = beside_replica

    def has_asked() -> bool:
        if node.follower._newest_due > asyncio.get_running_loop().time() + 1800:
            return True
        node.follower.notices_begun()  # again, where a look was under way that began before the patch
        return False

    await eventually(has_asked)
    asked: list[object] = []
    monkeypatch.setattr(node.database, "reading_newest", asked.append)
    async with open_node(database_url=server.url("balai"), clock=clock) as other:
        for n in range(5):
            (answer,) = await submit_reports(other, [report(minutes=n)], by=OFFICER)
            assert isinstance(answer, Receipt)
            await node.follower.wait_for(answer.seq, seconds=5)
    assert not asked


async def test_a_node_beside_a_replica_finds_out_that_the_ledger_was_cut_off_though_nobody_asks(
    beside_replica: tuple[Node, Cluster], server: Cluster
) -> None:
    """A replica with a shorter ledger may only lag; where it is written to, the ledger says more."""
    node, _ = beside_replica
    kept = node.board.head
    await submit_reports(node, [report()], by=OFFICER)
    server.sql(
        "ALTER TABLE ledger DISABLE TRIGGER USER; DELETE FROM channels;"
        f"DELETE FROM ledger WHERE seq > {kept.seq}; ALTER TABLE ledger ENABLE TRIGGER USER;"
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {LISTENERS}",
        "balai",
    )
    await eventually(lambda: node.board.head == kept)
