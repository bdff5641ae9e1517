"""Kill -9 under load: what was acknowledged is on disk, once, whatever dies; and every figure shown was true.

Each request ends as stored, refused or unknown (cut by a kill); only the first is promised anything. No life
ends before enough of it was acknowledged and looked at: the others would show nothing.
"""

import asyncio
import os
import random
import sqlite3
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.postgres import Cluster, cluster
from tests.serving import Serving, served

SEED = int(os.environ.get("BALAI_TEST_SEED", "20211115"))
# Each push kills a few times, the long run (`-m slow`) thirty; several processes take longer to start.
KILLS, KILLS_OF_MANY, KILLS_OF_LONG_RUN = 5, 2, 30
SENDERS = 8
ACKNOWLEDGED_PER_LIFE_MIN = 10
SAMPLES_PER_LIFE_MIN = 25
LIFE_SECONDS_MAX = 60
FACILITIES = ["rs-3374010", "rs-3374021", "rs-3374032", "rs-3374043"]
CITY = "/v1/areas/33.74/capacity"

Ledger = Sequence[tuple[int, str | None]]  # seq and report id, None where the entry is no report
Figures = tuple[int | None, int | None]  # beds in all, and those in use


@dataclass
class Sample:
    """What the city was said to have at a position: in all, and by bed type."""

    position: int
    totals: Figures
    by_bed_type: dict[str, Figures]


@dataclass
class History:
    """What was sent, what the receipts said, and what was shown meanwhile."""

    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    unknown: dict[str, None] = field(default_factory=dict)
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    withdrawn: set[str] = field(default_factory=set)  # reports that somebody tried to void or correct
    refused: list[str] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    went_back: list[str] = field(default_factory=list)

    def saw(self, document: dict[str, Any], at_least: int, why: str) -> int:
        """Keep a sample; gives its position."""
        position: int = document["position"]
        if position < at_least:
            self.went_back.append(f"{position} after {at_least}, {why}")
        by_bed_type = {row["bed_type"]: figures(row) for row in document["by_bed_type"]}
        self.samples.append(Sample(position, figures(document["totals"]), by_bed_type))
        return position


def figures(block: dict[str, Any]) -> Figures:
    return block["beds_total"], block["beds_occupied"]


class Life:
    """All nodes under load, until one of them dies the instant a sender reads its receipt, and is back."""

    def __init__(self, servers: Sequence[Serving], key: str, history: History, chance: random.Random) -> None:
        self.servers = servers
        self.history = history
        self.chance = chance
        self.headers = {"Authorization": f"Bearer {key}"}
        self.die_at = len(history.receipts) + chance.randint(ACKNOWLEDGED_PER_LIFE_MIN, 60)
        self.look_until = len(history.samples) + SAMPLES_PER_LIFE_MIN
        self.died = asyncio.Event()
        self.over = asyncio.Event()
        self.victim = servers[0]

    async def live(self, cluster: Cluster | None) -> None:
        """`cluster` is killed and started too, where it is given."""
        load = [
            asyncio.ensure_future(work(server))
            for server in self.servers
            for work in (*[self.send] * (SENDERS // len(self.servers)), self.look)
        ]
        async with asyncio.timeout(LIFE_SECONDS_MAX):
            await self.died.wait()
        if cluster is not None:
            cluster.kill()
            await asyncio.to_thread(cluster.start)
        await asyncio.to_thread(self.victim.start)
        self.over.set()
        await asyncio.gather(*load)

    def has_seen_enough(self) -> bool:
        """Whether this life has shown something, on however quick or slow a machine."""
        return len(self.history.receipts) >= self.die_at and len(self.history.samples) >= self.look_until

    def client(self, server: Serving) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(base_url=server.url, headers=self.headers, timeout=10, trust_env=False)

    async def send(self, server: Serving) -> None:
        async with self.client(server) as client:
            while not self.over.is_set():
                try:
                    await self.send_one(server, client)
                except httpx2.HTTPError:
                    if server is self.victim and self.died.is_set():
                        return

    async def send_one(self, server: Serving, client: httpx2.AsyncClient) -> None:
        # One in ten is an unknown, perhaps of an earlier life, sent again: it must not count twice.
        history, chance = self.history, self.chance
        repeats = list(history.unknown)[-20:] if chance.random() < 0.1 else []
        report_id = chance.choice(repeats) if repeats else uuid.uuid4().hex
        if report_id not in history.sent:
            history.sent[report_id] = self.withdrawal(report_id) or report(report_id, chance)
        body = history.sent[report_id]
        if report_id not in history.receipts:
            history.unknown[report_id] = None
        answer = await post(client, body)
        if answer.status_code in {200, 201}:
            receipt = history.receipts[report_id] = answer.json()
            history.unknown.pop(report_id, None)
            if self.has_seen_enough() and not self.died.is_set():
                self.died.set()
                self.victim = server
                server.kill()
            elif chance.random() < 0.3:
                await self.look_after(receipt["seq"], server, client)
        elif answer.status_code == 503:
            await asyncio.sleep(0.05)
        else:
            history.refused.append(answer.text)

    def withdrawal(self, report_id: str) -> dict[str, Any] | None:
        """One in seven voids or corrects one of the last reports that were acknowledged."""
        known = [each for each in list(self.history.receipts)[-50:] if each not in self.history.withdrawn]
        known = [each for each in known if self.history.sent[each]["lines"]]
        if not known or self.chance.random() > 1 / 7:
            return None
        of = self.chance.choice(known)
        self.history.withdrawn.add(of)
        wrong = self.history.sent[of]
        lines = report(report_id, self.chance)["lines"] if self.chance.random() < 0.5 else []
        return wrong | {"report_id": report_id, "lines": lines, "of": of, "seq": self.history.receipts[of]["seq"]}

    async def look_after(self, seq: int, server: Serving, client: httpx2.AsyncClient) -> None:
        """Who has a receipt reads it: at the same process without asking for it, elsewhere with `min_position`."""
        at_once = "--workers" not in server.options and self.chance.random() < 0.5
        if at_once:
            answer = await client.get(CITY)
        else:
            async with self.client(self.chance.choice(self.servers)) as elsewhere:
                answer = await elsewhere.get(CITY, params={"min_position": seq})
        if answer.status_code == 200:
            self.history.saw(answer.json(), seq, "its own receipt")

    async def look(self, server: Serving) -> None:
        """Look at the city again and again. One connection is one process, which never shows less than before."""
        while not self.over.is_set():
            seen = 0
            async with self.client(server) as client:
                try:
                    while not self.over.is_set():
                        answer = await client.get(CITY)
                        if answer.status_code == 200:
                            seen = self.history.saw(answer.json(), seen, "on one connection")
                        await asyncio.sleep(0.002)
                except httpx2.HTTPError:
                    await asyncio.sleep(0.05)


def report(report_id: str, chance: random.Random) -> dict[str, Any]:
    total = chance.randint(10, 60)
    lines = [
        {"bed_type": bed_type, "beds_total": total, "beds_occupied": chance.randint(0, total)}
        for bed_type in chance.sample(["icu", "ward_1", "ward_2", "ward_3"], 2)
    ]
    at = datetime.now(UTC).isoformat()
    return {"facility_id": chance.choice(FACILITIES), "report_id": report_id, "observed_at": at, "lines": lines}


async def post(client: httpx2.AsyncClient, body: dict[str, Any]) -> httpx2.Response:
    """Send a report, a void or a correction."""
    path = f"/v1/facilities/{body['facility_id']}/reports"
    if "of" not in body:
        return await client.post(path, json=without_place(body))
    document: dict[str, Any] = {"reason": "test"}
    if body["lines"]:
        document["report"] = {"lines": body["lines"]}
    verb = "correct" if body["lines"] else "void"
    return await client.post(
        f"{path}/{body['seq']}/{verb}", json=document, headers={"Idempotency-Key": body["report_id"]}
    )


def without_place(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != "facility_id"}


def audit(server: Serving, key: str, history: History, ledger: Ledger, kills: int) -> None:
    """Hold the ledger against the history."""
    print(
        f"seed {SEED}: {kills} kills, {len(history.sent)} sent, {len(history.receipts)} acknowledged, "
        f"{len(ledger)} in the ledger, {len(history.samples)} samples at "
        f"{len({sample.position for sample in history.samples})} positions"
    )
    assert not history.refused, "\n".join([*history.refused[:3], *server.exceptions()[-3:]])
    assert [seq for seq, _ in ledger] == list(range(1, len(ledger) + 1)), "a hole in the ledger"
    stored = {report_id: seq for seq, report_id in ledger if report_id is not None}
    assert max(Counter(report_id for _, report_id in ledger if report_id is not None).values()) == 1
    lost = {i for i, receipt in history.receipts.items() if stored.get(i) != receipt["seq"]}
    assert not lost, f"acknowledged and not in the ledger: {sorted(lost)[:5]}"
    assert stored.keys() <= history.sent.keys()
    audit_samples(history, ledger)
    headers = {"Authorization": f"Bearer {key}"}
    reports = sorted(each for each in history.receipts if "of" not in history.sent[each])
    some = random.Random(SEED).sample(reports, min(200, len(reports)))
    body = [history.sent[i] for i in some]
    answer = httpx2.post(f"{server.url}/v1/reports", json=body, headers=headers, timeout=60, trust_env=False).json()
    assert answer["repeated"] == len(some), "a retry after a crash is the same report"
    verified = server.run("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def audit_samples(history: History, ledger: Ledger) -> None:
    """Whatever was shown is what the ledger says at that position, and nobody was shown less than before."""
    assert not history.went_back, history.went_back[:3]
    true = added_up(history, ledger, {sample.position for sample in history.samples})
    for sample in history.samples:
        assert (sample.totals, sample.by_bed_type) == true[sample.position], f"at position {sample.position}"


def added_up(
    history: History, ledger: Ledger, positions: Iterable[int]
) -> dict[int, tuple[Figures, dict[str, Figures]]]:
    """The city at each of these positions, by the rule alone: of each line the newest observation counts.

    Reports that were withdrawn by then do not count.
    """
    wanted = set(positions)
    counting: dict[str, tuple[str, int, dict[str, Any]]] = {}
    found = {}
    for seq, report_id in ledger:
        if report_id is not None:
            said = history.sent[report_id]
            counting.pop(said.get("of", ""), None)
            counting[report_id] = said["observed_at"], seq, said
        if seq in wanted:
            newest = {
                (said["facility_id"], line["bed_type"]): (observed_at, seq, line)
                for observed_at, seq, said in sorted(counting.values(), key=lambda one: one[:2])
                for line in said["lines"]
            }
            by_bed_type = {
                wanted_type: add([line for (_, bed_type), (_, _, line) in newest.items() if bed_type == wanted_type])
                for wanted_type in {bed_type for _, bed_type in newest}
            }
            found[seq] = add([line for _, _, line in newest.values()]), by_bed_type
    return found


def add(lines: Sequence[dict[str, Any]]) -> Figures:
    if not lines:
        return None, None
    return sum(line["beds_total"] for line in lines), sum(line["beds_occupied"] for line in lines)


def check_shown(servers: Iterable[Serving], history: History, ledger: Ledger) -> None:
    """In the end every node shows all of it."""
    for server in servers:
        answer = httpx2.get(f"{server.url}{CITY}?min_position={len(ledger)}", timeout=30, trust_env=False)
        assert history.saw(answer.json(), len(ledger), "in the end") == len(ledger)


async def lives_and_deaths(servers: Sequence[Serving], key: str, kills: int, cluster: Cluster | None = None) -> History:
    """Live under load and die, so many times; every second time the database dies with it."""
    chance = random.Random(SEED)
    history = History()
    for life in range(kills):
        await Life(servers, key, history, chance).live(cluster if life % 2 == 1 else None)
    return history


async def on_sqlite(folder: Path, kills: int, *options: str) -> None:
    with served(folder, "--seed", "semarang", *options) as server:
        key = server.key()
        history = await lives_and_deaths([server], key, kills)
        with sqlite3.connect(folder / "balai.db") as database:
            ledger = database.execute("SELECT seq, report_id FROM ledger ORDER BY seq").fetchall()
        database.close()
        check_shown([server], history, ledger)
        audit(server, key, history, ledger, kills)


async def on_postgresql(folder: Path, kills: int, *options: str, nodes: int = 1) -> None:
    # A server of its own: one that holds the databases of other tests takes long to recover.
    with cluster() as postgres, ExitStack() as stack:
        url = postgres.create("crash")
        servers = []
        for number in range(nodes):
            (own := folder / str(number)).mkdir()
            servers.append(stack.enter_context(served(own, "--seed", "semarang", *options, BALAI_DATABASE_URL=url)))
        key = servers[0].key()
        history = await lives_and_deaths(servers, key, kills, postgres)
        rows = postgres.sql("SELECT seq, coalesce(report_id, '') FROM ledger ORDER BY seq", "crash").splitlines()
        ledger = [(int(seq), report_id or None) for seq, report_id in (row.split("|") for row in rows)]
        check_shown(servers, history, ledger)
        audit(servers[-1], key, history, ledger, kills)


def kills(few: int) -> pytest.MarkDecorator:
    """How often it dies, the database's own deaths included: on each push, and in the long run."""
    return pytest.mark.parametrize("kills", [few, pytest.param(KILLS_OF_LONG_RUN, marks=pytest.mark.slow)])


@kills(KILLS)
async def test_nothing_acknowledged_is_lost_or_doubled_on_sqlite(tmp_path: Path, kills: int) -> None:
    await on_sqlite(tmp_path, kills)


@kills(KILLS)
@pytest.mark.postgres
async def test_nothing_acknowledged_is_lost_or_doubled_on_postgresql(tmp_path: Path, kills: int) -> None:
    await on_postgresql(tmp_path, kills)


@kills(KILLS_OF_MANY)
async def test_nothing_is_lost_or_doubled_by_four_workers_on_sqlite(tmp_path: Path, kills: int) -> None:
    await on_sqlite(tmp_path, kills, "--workers", "4")


@kills(KILLS_OF_MANY)
@pytest.mark.postgres
async def test_nothing_is_lost_or_doubled_by_four_workers_on_postgresql(tmp_path: Path, kills: int) -> None:
    await on_postgresql(tmp_path, kills, "--workers", "4")


@kills(KILLS_OF_MANY)
@pytest.mark.postgres
async def test_nothing_is_lost_or_doubled_by_two_nodes_on_postgresql(tmp_path: Path, kills: int) -> None:
    await on_postgresql(tmp_path, kills, nodes=2)
