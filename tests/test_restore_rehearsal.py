"""A restore, rehearsed: backups while reports pour in, restored elsewhere, started; nothing acknowledged is missing."""

import asyncio
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest

from app.actions.maintenance.backup_manifest import read_manifest
from app.store.database import Database
from app.store.models import LedgerRow
from tests.postgres import Cluster
from tests.serving import Serving, eventually, served

SENDERS = 8
FACILITIES = ("rs-3374010", "rs-3374021", "rs-3374032", "rs-3374043")


@dataclass
class Load:
    """Reports by several connections; `acknowledged` has the position in each receipt."""

    server: Serving
    key: str
    acknowledged: dict[str, int] = field(default_factory=dict)
    is_over: bool = False

    async def send(self, number: int) -> None:
        headers = {"Authorization": f"Bearer {self.key}"}
        facility = FACILITIES[number % len(FACILITIES)]
        async with httpx2.AsyncClient(base_url=self.server.url, headers=headers, trust_env=False, timeout=10) as client:
            while not self.is_over:
                line = {"bed_type": "icu", "beds_total": 20, "beds_occupied": number}
                report_id = uuid.uuid4().hex
                body = {"report_id": report_id, "observed_at": datetime.now(UTC).isoformat(), "lines": [line]}
                answer = await client.post(f"/v1/facilities/{facility}/reports", json=body)
                assert answer.status_code == 201, answer.text
                self.acknowledged[report_id] = answer.json()["seq"]

    async def until(self, reports: int) -> None:
        await eventually(lambda: len(self.acknowledged) >= reports, seconds=120)


async def ids_of(url: str) -> set[str]:
    database = Database(url)
    try:
        async with database.reading() as connection:
            return set(await connection.scalars(LedgerRow.__table__.select().with_only_columns(LedgerRow.report_id)))
    finally:
        await database.close()


async def rehearse(folder: Path, server: Serving, restored: list[dict[str, str]], *, reports: int) -> float:
    """One backup and restore for each environment in `restored`, under load; gives the reports per second."""
    load = Load(server, server.key())
    started = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for number in range(SENDERS):
            group.create_task(load.send(number))
        backups = []
        for number in range(len(restored)):
            await load.until(reports * (number + 1))
            before = max(load.acknowledged.values())
            backup = folder / f"backup-{number}"
            done = await asyncio.to_thread(server.run, "backup", str(backup))
            assert done.returncode == 0, done.stderr
            backups.append((backup, before))
        rate = len(load.acknowledged) / (time.monotonic() - started)
        load.is_over = True
    for (backup, before), environment in zip(backups, restored, strict=True):
        manifest = read_manifest(backup)
        assert before <= manifest.head < max(load.acknowledged.values())
        elsewhere = Serving(folder / f"restored-{backup.name}", environment=environment)
        elsewhere.folder.mkdir()
        (elsewhere.folder / "secret.key").write_bytes((server.folder / "secret.key").read_bytes())
        done = await asyncio.to_thread(elsewhere.run, "restore", str(backup))
        assert done.returncode == 0, done.stderr
        assert "is the required one" in done.stderr
        try:
            await asyncio.to_thread(elsewhere.start)
            verified = await asyncio.to_thread(elsewhere.run, "verify", "--at-least", str(manifest.head))
            assert verified.returncode == 0, verified.stdout + verified.stderr
        finally:
            elsewhere.kill()
        url = environment.get("BALAI_DATABASE_URL", f"sqlite+aiosqlite:///{elsewhere.folder / 'balai.db'}")
        wanted = {report_id for report_id, seq in load.acknowledged.items() if seq <= manifest.head}
        assert len(wanted) >= reports
        assert not wanted - await ids_of(url)
    return rate


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def environments(request: pytest.FixtureRequest) -> list[dict[str, str]]:
    """Where it runs first, then where it is restored to three times."""
    if request.param == "sqlite":
        return [{}] * 4
    postgres: Cluster = request.getfixturevalue("postgres")
    return [{"BALAI_DATABASE_URL": postgres.create(f"b_{uuid.uuid4().hex}")} for _ in range(4)]


async def test_a_backup_under_load_is_restored_elsewhere(tmp_path: Path, environments: list[dict[str, str]]) -> None:
    (tmp_path / "first").mkdir()
    with served(tmp_path / "first", "--seed", "semarang", "--first-key", **environments[0]) as server:
        await rehearse(tmp_path, server, environments[1:2], reports=100)


@pytest.mark.slow
async def test_backups_under_long_load_are_restored_elsewhere(
    tmp_path: Path, environments: list[dict[str, str]]
) -> None:
    (tmp_path / "first").mkdir()
    with served(tmp_path / "first", "--seed", "semarang", "--first-key", **environments[0]) as server:
        print(await rehearse(tmp_path, server, environments[1:], reports=3_000))
