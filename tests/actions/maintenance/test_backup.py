"""A backup restores to what was stored, on either database; nothing half-written, damaged or already there is taken."""

import gzip
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.actions.import_boundaries import import_boundaries
from app.actions.keys import issue_key
from app.actions.maintenance.backup import NotBackedUp, back_up
from app.actions.maintenance.backup_manifest import MANIFEST, DamagedBackup, read_manifest
from app.actions.maintenance.restore import restore
from app.actions.register_facilities import FacilityChange, change_facility
from app.actions.submit_reports import submit_reports
from app.domain.permissions import OPERATOR, Actor, Scope, ScopeKind
from app.runtime.node import Node, open_node
from app.runtime.secret_box import fingerprint
from app.store import ledger
from app.store.database import Database
from app.store.maintenance.restore import NotRestored
from app.store.models import Base
from app.store.sqlite_file import FileInTheWay
from tests.actions.test_import_boundaries import file_of
from tests.conftest import SECRET_KEY, Clock, on_sqlite
from tests.factories import line, report
from tests.postgres import Cluster

ROOT = Path(__file__).resolve().parents[3]
MESSAGE = (
    "INSERT INTO messages (facility_id, channel, received_at, request, outcome, status, request_id)"
    " VALUES ('rs-a', 'sirs', '2026-11-23 03:00:00', 'POST', 'accepted', 200, 'r')"
)

QUEUED = (
    "INSERT INTO relay_queue (facility_id, channel, row, method, path, body, received_at, attempts)"
    " VALUES ('rs-a', 'sirs', :row, 'POST', '/', :body, '2026-11-23 03:00:00', 0)"
)


@pytest.fixture
async def lived(node: Node, command: Actor) -> Node:
    """A node with something in most tables."""
    reports = [report(line("icu"), line("hcu", ward="Mawar é")), report(facility_id="rw-d", minutes=-1)]
    await submit_reports(node, reports, by=command)
    version = node.board.facility("rs-b").seq
    change = FacilityChange(identifiers={"bpjs": "1"}, phone="024")
    await change_facility(node, "rs-b", change, by=command, reason="moved", if_match=version)
    planned = await change_facility(
        node,
        "rs-b",
        FacilityChange(is_open=False),
        by=command,
        reason="rebuilding",
        if_match=node.board.facility("rs-b").seq,
        effective_at=node.clock() + timedelta(days=1),
    )
    assert planned.planned
    await issue_key(node, scope=Scope(ScopeKind.facility, "rs-a"), by=OPERATOR, name="key")
    await import_boundaries(node, file_of("33.74", "33.75", attribution="Me"), by=OPERATOR)
    async with node.database.transaction() as transaction:
        await transaction.connection.execute(text(MESSAGE))
        for number in (1, 2):
            await transaction.connection.execute(text(QUEUED), {"row": str(number), "body": b"\x00\xff"})
    return node


async def rows_of(url: str) -> dict[str, list[Any]]:
    """Everything that is stored."""
    database = Database(url)
    try:
        async with database.reading() as connection:
            return {
                table.name: [
                    tuple(row) for row in await connection.execute(table.select().order_by(*table.primary_key.columns))
                ]
                for table in Base.metadata.sorted_tables
            }
    finally:
        await database.close()


def new_sqlite(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'elsewhere' / 'balai.db'}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without tables, of either kind."""
    if request.param == "sqlite":
        return new_sqlite(tmp_path)
    postgres: Cluster = request.getfixturevalue("postgres")
    return postgres.create(f"r_{os.urandom(6).hex()}")


async def test_either_database_restores_what_either_gave(lived: Node, target: str, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    made = await back_up(lived.database.url, tmp_path / "backup", progress=lambda *done: told.append(done))
    assert told[-1] == (made.head, made.head)
    done = await restore(target, tmp_path / "backup", secret_keys=[SECRET_KEY])
    assert (done.differences, done.has_secret_key) == ([], True)
    assert done.manifest == made
    assert await rows_of(target) == await rows_of(lived.database.url)
    assert made.rows == sum(map(len, (await rows_of(target)).values()))


async def test_what_was_restored_goes_on(
    lived: Node, target: str, tmp_path: Path, clock: Clock, command: Actor
) -> None:
    await back_up(lived.database.url, tmp_path / "backup")
    await restore(target, tmp_path / "backup", secret_keys=[])
    async with open_node(database_url=target, secret_keys=[SECRET_KEY], clock=clock) as node:
        await submit_reports(node, [report(minutes=1)], by=command)
        assert node.board.position == lived.board.position + 1
        async with node.database.transaction() as transaction:
            await transaction.connection.execute(text(MESSAGE))  # numbered behind the one that was restored


async def test_a_backup_is_its_owners_alone_and_says_what_it_is(lived: Node, tmp_path: Path) -> None:
    made = await back_up(lived.database.url, tmp_path / "deep" / "backup")
    folder = tmp_path / "deep" / "backup"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    assert [each.name for each in folder.parent.iterdir()] == ["backup"]
    assert read_manifest(folder) == made
    assert made.position == lived.board.head
    assert made.secret_key_fingerprint == fingerprint(SECRET_KEY)
    assert SECRET_KEY.encode() not in b"".join(
        file.read_bytes() if file.name == MANIFEST else gzip.decompress(file.read_bytes()) for file in folder.iterdir()
    )


@on_sqlite
async def test_a_flipped_byte_is_found_in_every_file(lived: Node, tmp_path: Path) -> None:
    made = await back_up(lived.database.url, tmp_path / "backup")
    for name in [MANIFEST, *(part.file for part in made.parts)]:
        file = tmp_path / "backup" / name
        content = file.read_bytes()
        middle = len(content) // 2
        file.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
        with pytest.raises(DamagedBackup, match=name):
            await restore(new_sqlite(tmp_path), tmp_path / "backup", secret_keys=[])
        file.unlink()
        with pytest.raises(DamagedBackup, match=name):
            await restore(new_sqlite(tmp_path), tmp_path / "backup", secret_keys=[])
        file.write_bytes(content)
        assert not (tmp_path / "elsewhere").exists()


@on_sqlite
async def test_another_secret_key_is_told(lived: Node, tmp_path: Path) -> None:
    await back_up(lived.database.url, tmp_path / "backup")
    done = await restore(new_sqlite(tmp_path), tmp_path / "backup", secret_keys=["another key, also long enough"])
    assert done.has_secret_key is False


async def test_a_database_with_entries_is_not_restored_to(lived: Node, tmp_path: Path) -> None:
    url = lived.database.url
    await back_up(url, tmp_path / "backup")
    before = await rows_of(url)
    with pytest.raises(FileInTheWay if lived.database.is_sqlite else NotRestored, match="already"):
        await restore(url, tmp_path / "backup", secret_keys=[])
    assert await rows_of(url) == before


@on_sqlite
async def test_the_journal_of_an_earlier_database_is_not_read_into_the_new_one(lived: Node, tmp_path: Path) -> None:
    await back_up(lived.database.url, tmp_path / "backup")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "balai.db-wal").write_bytes(b"")
    with pytest.raises(FileInTheWay, match=r"balai\.db-wal"):
        await restore(new_sqlite(tmp_path), tmp_path / "backup", secret_keys=[])


@on_sqlite
async def test_a_restore_that_fails_leaves_nothing(
    lived: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await back_up(lived.database.url, tmp_path / "backup")

    async def no_head(_: object) -> object:
        return ledger.START

    monkeypatch.setattr(ledger, "head", no_head)
    with pytest.raises(NotRestored):
        await restore(new_sqlite(tmp_path), tmp_path / "backup", secret_keys=[])
    assert list((tmp_path / "elsewhere").iterdir()) == []


@on_sqlite
async def test_an_earlier_backup_makes_room_only_when_that_is_asked_for(
    lived: Node, tmp_path: Path, command: Actor
) -> None:
    url, backup = lived.database.url, tmp_path / "backup"
    first = await back_up(url, backup)
    with pytest.raises(NotBackedUp, match="already exists"):
        await back_up(url, backup)
    assert read_manifest(backup) == first
    await submit_reports(lived, [report(minutes=1)], by=command)
    second = await back_up(url, backup, replace=True)
    assert read_manifest(backup) == second
    assert second.head == first.head + 1
    assert not {"backup.partial", "backup.replaced"} & set(os.listdir(tmp_path))  # noqa: PTH208
    (tmp_path / "photos").mkdir()
    with pytest.raises(NotBackedUp, match="not a backup"):
        await back_up(url, tmp_path / "photos", replace=True)


# Ends itself as a power cut would, at the moment that is named.
KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from app.actions.maintenance import backup
from app.store.maintenance import backup as copying
def die(*_, **__): os.kill(os.getpid(), signal.SIGKILL)
real, calls = copying.write_part, iter(range(100))
async def write_part(*arguments):
    await real(*arguments)
    if next(calls) == 3: die()
if sys.argv[3] == "parts": copying.write_part = write_part
else: setattr(backup, sys.argv[3], die)
asyncio.run(backup.back_up(sys.argv[1], Path(sys.argv[2]), replace=True))
"""


@on_sqlite
@pytest.mark.skipif(os.name != "posix", reason="needs signals")
@pytest.mark.parametrize("moment", ["parts", "write_manifest", "_put_in_place"])
async def test_a_killed_backup_never_looks_like_a_good_one(
    lived: Node, tmp_path: Path, command: Actor, moment: str
) -> None:
    backup, url = tmp_path / "backup", lived.database.url
    first = await back_up(url, backup)
    await submit_reports(lived, [report(minutes=1)], by=command)
    done = subprocess.run([sys.executable, "-c", KILLED, url, str(backup), moment], cwd=ROOT, check=False)  # noqa: ASYNC221
    assert done.returncode == -signal.SIGKILL
    assert read_manifest(backup) == first
    if moment != "_put_in_place":  # then it is whole, and has another name
        with pytest.raises(DamagedBackup):
            read_manifest(tmp_path / "backup.partial")
    assert (await back_up(url, backup, replace=True)).head == first.head + 1
    assert not (tmp_path / "backup.partial").exists()


async def test_a_backup_has_the_tables_of_the_moment_at_which_its_ledger_ends(
    lived: Node, target: str, tmp_path: Path, command: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reports come between each two files that are written."""
    from app.store.maintenance import backup as copying

    real = copying.write_part

    async def write_part(*arguments: Any) -> int:
        await submit_reports(lived, [report(minutes=1)], by=command)
        return await real(*arguments)

    monkeypatch.setattr(copying, "write_part", write_part)
    before = lived.board.position
    made = await back_up(lived.database.url, tmp_path / "backup")
    assert before <= made.head < lived.board.position
    assert (await restore(target, tmp_path / "backup", secret_keys=[])).differences == []
