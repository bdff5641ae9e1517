"""What is acknowledged at one node is told by the other's stream: in order, once each, over cuts and restarts."""

import asyncio
import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest

from tests.postgres import Cluster, cluster
from tests.serving import Serving, served
from tests.sse import Event, listening_at

pytestmark = pytest.mark.postgres

CHANGES = "/v1/areas/33.74/stream?events=changes"
CITY = "/v1/areas/33.74/stream"
RECONNECTS = 20
EVENTS_A_CONNECTION = 12
REPORTS = RECONNECTS * EVENTS_A_CONNECTION
FACILITIES = ["rs-3374010", "rs-3374021", "rs-3374032", "rs-3374043"]


@pytest.fixture
def server() -> Iterator[Cluster]:
    """A PostgreSQL of this test's own, to be stopped."""
    with cluster() as found:
        yield found


async def report_all(node: Serving, key: str, sent: list[int]) -> None:
    """One report after the other; one that was not taken is sent again under the same id."""
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(base_url=node.url, headers=headers, timeout=10, trust_env=False) as client:
        for number in range(REPORTS):
            body = {
                "report_id": uuid.uuid4().hex,
                "observed_at": datetime.now(UTC).isoformat(),
                "lines": [{"bed_type": "icu", "beds_total": REPORTS, "beds_occupied": number}],
            }
            while True:
                place = f"/v1/facilities/{FACILITIES[number % len(FACILITIES)]}/reports"
                answer = await client.post(place, json=body)
                if answer.status_code in {200, 201}:
                    sent.append(answer.json()["seq"])
                    break
                assert answer.status_code == 503, answer.text
                await asyncio.sleep(0.1)


async def disturb(server: Cluster, stopped: asyncio.Event) -> None:
    """Cut the notices again and again, and restart the database once."""
    for turn in range(100):
        if stopped.is_set():
            return
        if turn == 3:
            await asyncio.to_thread(server.stop)
            await asyncio.to_thread(server.start)
        else:
            cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'balai listen'"
            await asyncio.to_thread(server.sql, cut)
        await asyncio.sleep(0.3)


async def test_the_other_nodes_stream_tells_each_report_once_and_in_order(server: Cluster, tmp_path: Path) -> None:
    chance = random.Random(1)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    url = server.create("balai")
    with (
        served(tmp_path / "a", "--seed", "semarang", BALAI_DATABASE_URL=url) as a,
        served(tmp_path / "b", BALAI_DATABASE_URL=url) as b,
    ):
        key, sent, heard, stopped = a.key(), [], [], asyncio.Event()
        last = httpx2.get(f"{b.url}/v1/position", trust_env=False).json()["position"]
        screen: list[Event] = []
        final = sum(range(REPORTS - len(FACILITIES), REPORTS))

        async def watch() -> None:
            async with listening_at(b.url, CITY) as ear:
                while not screen or screen[-1].data["totals"]["beds_occupied"] != final:
                    screen.append(await ear.next())

        watching = asyncio.create_task(watch())
        reporting = asyncio.create_task(report_all(a, key, sent))
        disturbing = asyncio.create_task(disturb(server, stopped))
        connections = 0
        while not (reporting.done() and last >= sent[-1]):
            async with listening_at(b.url, CHANGES, Last_Event_ID=str(last)) as ear:
                connections += 1
                for _ in range(chance.randint(1, EVENTS_A_CONNECTION)):
                    if reporting.done() and last >= sent[-1]:
                        break
                    event = await ear.next()
                    assert event.name == "change"
                    heard.append(event.id)
                    last = event.id
        stopped.set()
        await asyncio.gather(reporting, disturbing, watching)
        print(f"{len(sent)} reports, {connections} connections, {len(screen)} states of the city")
        assert connections >= RECONNECTS, "unknown: too few reconnections to show anything"
        assert heard == sent
        positions = [event.id for event in screen]
        assert positions == sorted(set(positions))
        assert positions[-1] == sent[-1]
        assert all(event.data["position"] == event.id for event in screen)
