"""Kill -9 under load: what was acknowledged is on disk, once, whatever dies.

Each request ends as stored, refused or unknown (cut by a kill); only the first is promised anything. A run that
acknowledged too little proves nothing and fails.
"""

import asyncio
import os
import random
import sqlite3
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.postgres import Cluster
from tests.serving import Serving, served

SEED = int(os.environ.get("BALAI_TEST_SEED", "20211115"))
KILLS = 30
SENDERS = 8
ACKNOWLEDGED_MIN = 10 * KILLS
FACILITIES = ["rs-3374010", "rs-3374021", "rs-3374032", "rs-3374043"]


@dataclass
class History:
    """What was sent, and what the receipts said."""

    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)


async def load_until_killed(
    server: Serving, key: str, history: History, chance: random.Random, acknowledged: int
) -> None:
    """Send from several connections at once; the process dies the instant one of them reads its receipt."""
    dead = asyncio.Event()
    before = len(history.receipts)

    async def sender() -> None:
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx2.AsyncClient(base_url=server.url, headers=headers, timeout=10, trust_env=False) as client:
            while not dead.is_set():
                # One in ten is an unknown of an earlier life, sent again: it must not count twice.
                unknown = [i for i in history.sent if i not in history.receipts][-20:]
                report_id = chance.choice(unknown) if unknown and chance.random() < 0.1 else uuid.uuid4().hex
                body = history.sent.get(report_id) or report(report_id, chance)
                history.sent[report_id] = body
                try:
                    answer = await client.post(
                        f"/v1/facilities/{body['facility_id']}/reports", json=without_place(body)
                    )
                except httpx2.HTTPError:
                    return
                if answer.status_code in {200, 201}:
                    history.receipts[report_id] = answer.json()
                    if len(history.receipts) - before >= acknowledged and not dead.is_set():
                        dead.set()
                        server.kill()
                        return
                elif answer.status_code != 503:
                    history.refused.append(answer.text)

    await asyncio.gather(*(sender() for _ in range(SENDERS)))
    if not dead.is_set():
        server.kill()


def report(report_id: str, chance: random.Random) -> dict[str, Any]:
    total = chance.randint(10, 60)
    lines = [
        {"bed_type": bed_type, "beds_total": total, "beds_occupied": chance.randint(0, total)}
        for bed_type in chance.sample(["icu", "ward_1", "ward_2", "ward_3"], 2)
    ]
    at = datetime.now(UTC).isoformat()
    return {"facility_id": chance.choice(FACILITIES), "report_id": report_id, "observed_at": at, "lines": lines}


def without_place(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != "facility_id"}


def audit(server: Serving, key: str, history: History, ledger: list[tuple[int, str | None]]) -> None:
    """Hold the ledger against the history."""
    print(f"seed {SEED}: {len(history.sent)} sent, {len(history.receipts)} acknowledged, {len(ledger)} in the ledger")
    assert not history.refused, history.refused[:3]
    assert len(history.receipts) >= ACKNOWLEDGED_MIN, "unknown: too few acknowledgements to show anything"
    assert [seq for seq, _ in ledger] == list(range(1, len(ledger) + 1)), "a hole in the ledger"
    stored = {report_id: seq for seq, report_id in ledger if report_id is not None}
    assert max(Counter(report_id for _, report_id in ledger if report_id is not None).values()) == 1
    lost = {i for i, receipt in history.receipts.items() if stored.get(i) != receipt["seq"]}
    assert not lost, f"acknowledged and not in the ledger: {sorted(lost)[:5]}"
    assert stored.keys() <= history.sent.keys()
    headers = {"Authorization": f"Bearer {key}"}
    some = random.Random(SEED).sample(sorted(history.receipts), 200)
    body = [history.sent[i] for i in some]
    answer = httpx2.post(f"{server.url}/v1/reports", json=body, headers=headers, timeout=60, trust_env=False).json()
    assert answer["repeated"] == len(some), "a retry after a crash is the same report"
    newest: dict[tuple[str, str], tuple[str, int, int]] = {}
    for report_id, seq in stored.items():
        said = history.sent[report_id]
        for line in said["lines"]:
            place = said["facility_id"], line["bed_type"]
            newest[place] = max(newest.get(place, ("", 0, 0)), (said["observed_at"], seq, line["beds_occupied"]))
    city = httpx2.get(f"{server.url}/v1/areas/33.74/capacity", trust_env=False).json()
    assert city["totals"]["beds_occupied"] == sum(occupied for _, _, occupied in newest.values())
    assert city["position"] == len(ledger)
    verified = server.run("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


async def lives_and_deaths(server: Serving, key: str, kills: int, cluster: Cluster | None = None) -> History:
    """Live under load and die, so many times; every fifth time the database dies with it."""
    chance = random.Random(SEED)
    history = History()
    for life in range(kills):
        await load_until_killed(server, key, history, chance, acknowledged=chance.randint(5, 40))
        if cluster is not None and life % 5 == 4:
            cluster.kill()
            cluster.start()
        server.start()
    return history


async def test_nothing_acknowledged_is_lost_or_doubled_on_sqlite(tmp_path: Path) -> None:
    with served(tmp_path, "--seed", "semarang") as server:
        key = server.key()
        history = await lives_and_deaths(server, key, KILLS)
        with sqlite3.connect(tmp_path / "balai.db") as database:
            ledger = database.execute("SELECT seq, report_id FROM ledger ORDER BY seq").fetchall()
        database.close()
        audit(server, key, history, ledger)


@pytest.mark.postgres
async def test_nothing_acknowledged_is_lost_or_doubled_on_postgresql(postgres: Cluster, tmp_path: Path) -> None:
    name = f"crash_{uuid.uuid4().hex[:8]}"
    url = postgres.create(name)
    with served(tmp_path, "--seed", "semarang", BALAI_DATABASE_URL=url) as server:
        key = server.key()
        history = await lives_and_deaths(server, key, KILLS, postgres)
        rows = postgres.sql("SELECT seq, coalesce(report_id, '') FROM ledger ORDER BY seq", name).splitlines()
        ledger = [(int(seq), report_id or None) for seq, report_id in (row.split("|") for row in rows)]
        audit(server, key, history, ledger)
