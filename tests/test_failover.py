"""A failover to a standby that had not come so far: no node that says it is ready shows what the ledger has lost.

Nodes are never restarted. Each round cuts the standby off at a random moment, goes on reporting, kills the server
that is written to, promotes the standby, and looks at everything that nodes and their clients show from then on.
"""

import asyncio
import json
import os
import random
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.ports import free_port
from tests.postgres import Cluster, cluster
from tests.serving import Serving, served
from tests.sse import Ear, listening_at

pytestmark = pytest.mark.postgres

SEED = int(os.environ.get("BALAI_TEST_SEED", "20210715"))
ROUNDS, ROUNDS_OF_LONG_RUN = 2, 20
FACILITIES = ["rs-3374010", "rs-3374021", "rs-3374032", "rs-3374043"]
CITY = "/v1/areas/33.74/capacity"
STREAM = "/v1/areas/33.74/stream?events=changes"
READY_SECONDS_MAX = 20
CHECKS_A_NODE = 6
CHAIN_MARK = 12


@dataclass(frozen=True)
class Truth:
    """What the surviving ledger says: chains by seq, and for each report its facility, its time and its beds."""

    chains: dict[int, str]
    reports: dict[int, tuple[str, str, int]]

    @classmethod
    def of(cls, server: Cluster) -> "Truth":
        rows = server.sql("SELECT seq, chain, kind, facility_id, observed_at, body FROM ledger ORDER BY seq", "balai")
        chains, reports = {}, {}
        for row in rows.splitlines():
            seq, chain, kind, facility, observed_at, body = row.split("|", 5)
            chains[int(seq)] = chain
            if kind == "report":
                reports[int(seq)] = facility, observed_at, json.loads(body)["lines"][0]["beds_total"]
        return cls(chains, reports)

    def has(self, token: str) -> bool:
        seq, _, mark = token.partition("-")
        return self.chains.get(int(seq), "")[:CHAIN_MARK] == mark

    def beds(self, position: int) -> int | None:
        """The city's beds at a position: the newest observation of each facility counts."""
        newest: dict[str, tuple[str, int, int]] = {}
        for seq, (facility, observed_at, number) in self.reports.items():
            if seq <= position:
                newest[facility] = max(newest.get(facility, ("", 0, 0)), (observed_at, seq, number))
        return sum(number for *_, number in newest.values()) if newest else None


@dataclass
class Mirror:
    """A copy that somebody keeps by the change feed; told that its position is gone, it begins again."""

    after: str = "0"
    entries: dict[int, dict[str, Any]] = field(default_factory=dict)
    restarts: int = 0

    async def read_on(self, client: httpx2.AsyncClient) -> None:
        while True:
            answer = await client.get("/v1/changes", params={"after": self.after, "wait": 0})
            if answer.status_code == 410:
                self.after, self.entries, self.restarts = "0", {}, self.restarts + 1
                continue
            if answer.status_code != 200:
                return
            *entries, end = map(json.loads, answer.text.splitlines())
            self.entries |= {entry["seq"]: entry for entry in entries}
            if end["position_token"] == self.after:
                return
            self.after = end["position_token"]


class Town:
    """Two servers that follow each other, and two nodes that use whichever can be written to."""

    def __init__(self, primary: Cluster, stack: ExitStack, folder: Path, chance: random.Random) -> None:
        self.primary, self.chance, self.stack = primary, chance, stack
        self.ports = primary.port, free_port()
        primary.create("balai")
        hosts = "&".join(f"host=127.0.0.1:{port}" for port in self.ports)
        url = f"postgresql+asyncpg://balai@/balai?{hosts}&target_session_attrs=read-write"
        self.nodes: list[Serving] = []
        for name, options in (("a", ("--seed", "semarang")), ("b", ())):
            (folder / name).mkdir()
            secret = "the same for all nodes and long enough to be a key"
            node = served(folder / name, *options, BALAI_DATABASE_URL=url, BALAI_SECRET_KEY=secret)
            self.nodes.append(stack.enter_context(node))
        self.key = self.nodes[0].key()
        self.standby, self.standby_life = self.follow()

    def follow(self) -> tuple[Cluster, ExitStack]:
        life = ExitStack()
        port = next(port for port in self.ports if port != self.primary.port)
        standby = life.enter_context(self.primary.standby(port))
        self.stack.callback(life.close)
        return standby, life

    def fail_over(self) -> Truth:
        """The server that is written to dies, and the standby takes over with what it has."""
        self.primary.kill()
        self.standby.promote()
        self.primary = self.standby
        truth = Truth.of(self.primary)
        self.standby, self.standby_life = self.follow()
        return truth

    def client(self, node: Serving, key: str | None = None) -> httpx2.AsyncClient:
        headers = {"Authorization": f"Bearer {key or self.key}"}
        return httpx2.AsyncClient(base_url=node.url, headers=headers, timeout=30, trust_env=False)

    async def report(self, node: Serving, key: str | None = None) -> httpx2.Response:
        body = {
            "report_id": uuid.uuid4().hex,
            "observed_at": datetime.now(UTC).isoformat(),
            "lines": [{"bed_type": "icu", "beds_total": self.chance.randint(1, 60), "beds_occupied": 0}],
        }
        async with self.client(node, key) as client:
            return await client.post(f"/v1/facilities/{self.chance.choice(FACILITIES)}/reports", json=body)

    async def report_some(self, number: int) -> list[dict[str, Any]]:
        """So many reports at random nodes, all acknowledged."""
        receipts = []
        for _ in range(number):
            answer = await self.report(self.chance.choice(self.nodes))
            assert answer.status_code == 201, answer.text
            receipts.append(answer.json())
        return receipts

    async def new_key(self) -> str:
        async with self.client(self.chance.choice(self.nodes)) as client:
            answer = await client.post("/v1/keys", json={"scope": "national", "name": "lost or not"})
            assert answer.status_code == 201, answer.text
            key: str = answer.json()["key"]
            return key

    async def is_ready(self, node: Serving) -> bool:
        async with self.client(node) as client:
            return (await client.get("/readyz")).status_code == 200

    async def until_ready(self, node: Serving) -> None:
        end = time.monotonic() + READY_SECONDS_MAX
        while not await self.is_ready(node):
            assert time.monotonic() < end, "it does not become ready"
            await asyncio.sleep(0.02)

    async def check(self, node: Serving, truth: Truth, lost_key: str) -> None:
        """As often as it says that it is ready, all that it shows is in the surviving ledger."""
        await self.until_ready(node)
        async with self.client(node) as client:
            for _ in range(CHECKS_A_NODE):
                token = (await client.get("/v1/position")).json()["position_token"]
                assert truth.has(token), f"{token} is not in the ledger"
                document = (await client.get(CITY)).json()
                assert document["totals"]["beds_total"] == truth.beds(document["position"])
                feed = await client.get("/v1/changes", params={"after": 0, "limit": 1000, "wait": 0})
                *entries, end = map(json.loads, feed.text.splitlines())
                assert truth.has(end["position_token"])
                for entry in entries:
                    if entry["kind"] == "report":
                        facility, _, beds = truth.reports[entry["seq"]]
                        assert (entry["facility_id"], entry["lines"][0]["beds_total"]) == (facility, beds)
                assert await self.is_ready(node)
        assert (await self.report(node, lost_key)).status_code == 401


async def play(town: Town, rounds: int) -> None:
    mirrors = [Mirror() for _ in town.nodes]
    lost_in_all = 0
    for number in range(rounds):
        await town.report_some(town.chance.randint(1, 5))
        async with listening_at(town.nodes[number % 2].url, STREAM) as ear:
            await ear.until_begun()
            await asyncio.to_thread(town.standby.cut_off)
            lost_key = await town.new_key()
            lost = await town.report_some(town.chance.randint(1, 6))
            await follow(town, mirrors)
            tokens = [receipt["position_token"] for receipt in lost]
            truth = await asyncio.to_thread(town.fail_over)
            assert not any(map(truth.has, tokens)), "nothing was lost: the round shows nothing"
            lost_in_all += len(lost)
            await asyncio.gather(*(town.check(node, truth, lost_key) for node in town.nodes))
            await was_told(ear)
        # The new ledger grows past what was lost: numbers alone would match again.
        await town.report_some(len(lost) + town.chance.randint(2, 5))
        for node in town.nodes:
            async with town.client(node) as client:
                for token in tokens:
                    for path in (f"{CITY}?min_position={token}", f"/v1/changes?after={token}&wait=0"):
                        assert (await client.get(path)).status_code == 410, path
        await follow(town, mirrors)
        await agree(town, mirrors)
    assert all(mirror.restarts == rounds for mirror in mirrors)
    print(f"{rounds} rounds, {lost_in_all} acknowledged entries lost with their server and shown by no ready node")


async def follow(town: Town, mirrors: list[Mirror]) -> None:
    """Both copies read on, each at its own node."""
    for mirror, node in zip(mirrors, town.nodes, strict=True):
        async with town.client(node) as client:
            while not mirror.entries or (await client.get("/v1/position")).json()["position_token"] != mirror.after:
                await mirror.read_on(client)


async def was_told(ear: Ear) -> None:
    """Who listened to what was lost gets one `reset`; everything that was told before it is of no use."""
    while (await ear.next()).name != "reset":
        pass


async def agree(town: Town, mirrors: list[Mirror]) -> None:
    truth = await asyncio.to_thread(Truth.of, town.primary)
    documents = []
    for node in town.nodes:
        await town.until_ready(node)
        async with town.client(node) as client:
            document = (await client.get(CITY, params={"min_position": max(truth.chains)})).json()
            documents.append((document["position"], document["totals"]))
    assert documents[0] == documents[1]
    assert documents[0][1]["beds_total"] == truth.beds(max(truth.chains))
    for mirror in mirrors:
        reports = {seq: entry for seq, entry in mirror.entries.items() if entry["kind"] == "report"}
        assert {seq: entry["lines"][0]["beds_total"] for seq, entry in reports.items()} == {
            seq: beds for seq, (*_, beds) in truth.reports.items()
        }


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    chance = random.Random(SEED)
    print(f"seed {SEED}")
    with ExitStack() as stack:
        yield Town(stack.enter_context(cluster()), stack, tmp_path, chance)


async def test_after_a_failover_no_ready_node_shows_what_was_lost(town: Town) -> None:
    await play(town, ROUNDS)


@pytest.mark.slow
async def test_failover_rehearsal(town: Town) -> None:
    await play(town, ROUNDS_OF_LONG_RUN)
