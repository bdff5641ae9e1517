"""A writer batch that fails: its senders are told in time, none of it is stored, and the service recovers by itself."""

import asyncio
import os
import resource
import sqlite3
import subprocess
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import pytest

from app.store.database import LEDGER_LOCK
from tests.postgres import IS_ROOT, Cluster
from tests.serving import Serving, served

SENDERS = 8
ANSWER_SECONDS_MAX = 3
RECOVERY_SECONDS_MAX = 5
CITY = "/v1/areas/33.74/capacity"
FACILITIES = ["rs-3374010", "rs-3374021", "rs-3374032", "rs-3374043"]
SMALL_DISK_MIB = 48


@dataclass
class OnSqlite:
    """The service on a SQLite database, and what can happen to that."""

    server: Serving
    key: str
    disk: Path

    def entries(self) -> int:
        return int(self._sql("SELECT count(*) FROM ledger"))

    @asynccontextmanager
    async def counting(self) -> AsyncIterator[Callable[[], Awaitable[int]]]:
        """What counts the entries, even where nothing new may be opened."""

        async def count() -> int:
            return self.entries()

        yield count

    @asynccontextmanager
    async def a_rule(self, condition: str) -> AsyncIterator[None]:
        """A rule of the ledger's table that holds for nothing where `condition` is true."""
        raised = f"SELECT RAISE(ABORT, 'planted') WHERE {condition.replace('facility_id', 'NEW.facility_id')}"
        self._sql(f"CREATE TRIGGER planted BEFORE INSERT ON ledger BEGIN {raised}; END")
        try:
            yield
        finally:
            self._sql("DROP TRIGGER planted")

    @asynccontextmanager
    async def a_lock(self) -> AsyncIterator[None]:
        """Another program that writes, and does not end."""
        with closing(sqlite3.connect(self.server.folder / "balai.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield

    @asynccontextmanager
    async def no_room(self) -> AsyncIterator[None]:
        """The process may make no file longer, its log included."""
        assert self.server.process is not None
        before = resource.prlimit(self.server.process.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
        try:
            yield
        finally:
            resource.prlimit(self.server.process.pid, resource.RLIMIT_FSIZE, before)

    def _sql(self, statement: str) -> Any:
        with closing(sqlite3.connect(self.server.folder / "balai.db", isolation_level=None)) as connection:
            found = connection.execute(statement).fetchone()
        return found and found[0]


@dataclass
class OnPostgresql:
    """The same on PostgreSQL."""

    server: Serving
    key: str
    disk: Path
    cluster: Cluster
    database: str

    def entries(self) -> int:
        return int(self.cluster.sql("SELECT count(*) FROM ledger", self.database))

    @asynccontextmanager
    async def counting(self) -> AsyncIterator[Callable[[], Awaitable[int]]]:
        # A new connection writes a file where the tables lie, and is refused while there is no room for it.
        connection = await asyncpg.connect(self.cluster.url(self.database).replace("+asyncpg", ""))
        try:
            yield lambda: connection.fetchval("SELECT count(*) FROM ledger")
        finally:
            await connection.close()

    @asynccontextmanager
    async def a_rule(self, condition: str) -> AsyncIterator[None]:
        self.cluster.sql(
            f"ALTER TABLE ledger ADD CONSTRAINT planted CHECK (NOT ({condition})) NOT VALID", self.database
        )
        try:
            yield
        finally:
            self.cluster.sql("ALTER TABLE ledger DROP CONSTRAINT planted", self.database)

    @asynccontextmanager
    async def a_lock(self) -> AsyncIterator[None]:
        other = await asyncpg.connect(self.cluster.url(self.database).replace("+asyncpg", ""))
        try:
            await other.execute(f"SELECT pg_advisory_lock({LEDGER_LOCK})")
            yield
        finally:
            await other.close()

    @asynccontextmanager
    async def no_room(self) -> AsyncIterator[None]:
        """What PostgreSQL says when a table cannot grow, said by a trigger."""
        self.cluster.sql(
            """
            CREATE FUNCTION planted() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
            CREATE TRIGGER planted BEFORE INSERT ON ledger FOR EACH ROW EXECUTE FUNCTION planted()
            """,
            self.database,
        )
        try:
            yield
        finally:
            self.cluster.sql("DROP TRIGGER planted ON ledger; DROP FUNCTION planted()", self.database)


Store = OnSqlite | OnPostgresql


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A folder with a disk of its own, where this account may mount one; else a plain folder."""
    folder.mkdir()
    is_mounted = IS_ROOT and not subprocess.call(
        ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK_MIB}m", "tmpfs", str(folder)], stderr=subprocess.DEVNULL
    )
    try:
        yield folder
    finally:
        if is_mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=False)


@asynccontextmanager
async def a_full_disk(store: Store) -> AsyncIterator[None]:
    """Not a byte is left; what the database has of its own is used up by reports first."""
    filler = store.disk / "filler"
    try:
        with filler.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(65536))
        async with client_of(store) as client:
            refused = 0
            while refused < 5:
                answer = await send(client, FACILITIES[0], wards=200)
                refused = refused + 1 if answer.status_code == 503 else 0
        yield
    finally:
        filler.unlink()


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with (
        small_disk(tmp_path_factory.mktemp("sqlite") / "disk") as disk,
        served(disk, "--seed", "semarang") as server,
    ):
        yield OnSqlite(server, server.key(), disk)


@pytest.fixture(scope="module")
def on_postgresql(postgres: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    name = f"outages_{uuid.uuid4().hex[:8]}"
    # Its tables lie on the small disk; PostgreSQL's own log, which all databases share, does not.
    with small_disk(postgres.folder / name) as disk:
        (space := disk / "space").mkdir()
        if IS_ROOT:
            os.chmod(disk, 0o755)  # noqa: PTH101, S103 - PostgreSQL is another account
            subprocess.run(["chown", "nobody", str(space)], check=True)
        postgres.sql(f"CREATE TABLESPACE {name} LOCATION '{space}'")
        postgres.sql(f"CREATE DATABASE {name} TEMPLATE template0 TABLESPACE {name}")
        folder = tmp_path_factory.mktemp("postgresql")
        with served(folder, "--seed", "semarang", BALAI_DATABASE_URL=postgres.url(name)) as server:
            yield OnPostgresql(server, server.key(), disk, postgres, name)
        postgres.sql(f"DROP DATABASE {name} WITH (FORCE)")
        postgres.sql(f"DROP TABLESPACE {name}")


@pytest.fixture(params=["on_sqlite", pytest.param("on_postgresql", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest) -> Store:
    """The service on either database, one process for all tests of this module."""
    found: Store = request.getfixturevalue(request.param)
    return found


def client_of(store: Store) -> httpx2.AsyncClient:
    headers = {"Authorization": f"Bearer {store.key}"}
    return httpx2.AsyncClient(base_url=store.server.url, headers=headers, timeout=30, trust_env=False)


async def send(client: httpx2.AsyncClient, facility: str, *, after: float = 0, wards: int = 1) -> httpx2.Response:
    """One report, sent a while after now; the answer says how long it took."""
    await asyncio.sleep(after)
    lines = [
        {"bed_type": "ward_1", "ward_code": uuid.uuid4().hex, "beds_total": 5, "beds_occupied": 1} for _ in range(wards)
    ]
    body = {"observed_at": datetime.now(UTC).isoformat(), "complete": True, "lines": lines}
    return await client.post(f"/v1/facilities/{facility}/reports", json=body)


async def figures(client: httpx2.AsyncClient) -> tuple[int, Any]:
    city = (await client.get(CITY)).json()
    return city["position"], city["totals"]


def assert_unavailable(answer: httpx2.Response) -> None:
    assert answer.status_code == 503, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) > 0
    assert answer.json()["code"] == "unavailable"
    assert answer.elapsed.total_seconds() < ANSWER_SECONDS_MAX


async def check(store: Store, outage: AbstractAsyncContextManager[None], *, wards: int = 1) -> None:
    """All who send during the outage are refused in time, nothing is stored or shown, and afterwards all is well."""
    async with client_of(store) as client, store.counting() as entries:
        assert (await send(client, FACILITIES[0])).status_code == 201
        async with outage:
            stored, shown = await entries(), await figures(client)
            # Some at once, who share a transaction, and some who come while it hangs.
            together = [send(client, FACILITIES[n % 4], wards=wards) for n in range(SENDERS)]
            later = [send(client, FACILITIES[n % 4], after=0.25 * n, wards=wards) for n in range(1, SENDERS)]
            for answer in await asyncio.gather(*together, *later):
                assert_unavailable(answer)
            assert await entries() == stored
            assert await figures(client) == shown
            assert (await client.get("/healthz")).status_code == 200
        ended = time.monotonic()
        while (answer := await send(client, FACILITIES[0])).status_code != 201:
            assert time.monotonic() - ended < RECOVERY_SECONDS_MAX, answer.text
        assert time.monotonic() - ended < RECOVERY_SECONDS_MAX
        assert answer.json()["seq"] == stored + 1
        assert (await figures(client))[0] == stored + 1
        assert (await client.get("/readyz")).status_code == 200


@pytest.mark.parametrize(
    "outage",
    [
        pytest.param(lambda store: store.a_lock(), id="another-writer-holds-the-lock"),
        pytest.param(lambda store: store.a_rule("1 = 1"), id="a-constraint-refuses-them-all"),
        pytest.param(lambda store: store.no_room(), id="files-cannot-grow"),
    ],
)
async def test_a_batch_that_fails_is_told_to_all_and_stored_for_none(
    store: Store, outage: Callable[[Store], AbstractAsyncContextManager[None]]
) -> None:
    await check(store, outage(store))


async def test_a_full_disk_is_told_to_all_and_stores_nothing(store: Store) -> None:
    if not store.disk.is_mount():
        pytest.skip("this account may not mount a small disk")
    # Large ones: a page of a table that is not full yet may hold a small one still.
    await check(store, a_full_disk(store), wards=200)


async def test_a_report_that_breaks_a_constraint_fails_alone(store: Store) -> None:
    """The others of its transaction are stored, each once."""
    bad = FACILITIES[1]
    async with client_of(store) as client, store.a_rule(f"facility_id = '{bad}'"):
        before = store.entries()
        for _ in range(3):
            answers = await asyncio.gather(*(send(client, FACILITIES[n % 4]) for n in range(SENDERS)))
            for number, answer in enumerate(answers):
                if FACILITIES[number % 4] == bad:
                    assert_unavailable(answer)
                else:
                    assert answer.status_code == 201, answer.text
        assert store.entries() == before + 3 * SENDERS * 3 // 4


async def test_one_of_many_in_a_request_that_breaks_a_constraint_fails_alone(store: Store) -> None:
    bad = FACILITIES[1]
    at = datetime.now(UTC).isoformat()
    lines = [{"bed_type": "ward_1", "beds_total": 5}]
    body = [{"facility_id": name, "observed_at": at, "lines": lines} for name in FACILITIES]
    async with client_of(store) as client, store.a_rule(f"facility_id = '{bad}'"):
        before = store.entries()
        told = (await client.post("/v1/reports", json=body)).json()
        assert [one["status"] for one in told["results"]] == [503 if name == bad else 201 for name in FACILITIES]
        assert (told["accepted"], told["refused"]) == (3, 1)
        assert store.entries() == before + 3


async def test_verify_finds_no_difference_after_all_of_it(store: Store) -> None:
    done = store.server.run("verify")
    assert done.returncode == 0, done.stdout + done.stderr
