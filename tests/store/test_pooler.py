"""Behind PgBouncer (Debian's), by session and by transaction: everything works, or the start says what is missing."""

import asyncio
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from app.actions.maintenance.verify import verify
from app.actions.submit_reports import submit_reports
from app.domain.permissions import OPERATOR
from app.runtime.node import open_node
from app.store.database import Database
from app.store.maintenance.migrate import migrate
from app.store.pooler import UnnamedPooler, parse
from tests.conftest import SECRET_KEY, Clock
from tests.factories import build_world, report
from tests.ports import free_port
from tests.postgres import IS_ROOT, Cluster

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(shutil.which("pgbouncer") is None, reason="needs Debian's package pgbouncer"),
]


@contextmanager
def pooled(cluster: Cluster, folder: Path, mode: str, *more: str) -> Iterator[str]:
    """Where a PgBouncer of this mode listens; it has two connections of the server for all."""
    port = free_port()
    lines = [
        "[databases]",
        f"* = host=127.0.0.1 port={cluster.port}",
        "[pgbouncer]",
        "listen_addr = 127.0.0.1",
        f"listen_port = {port}",
        "unix_socket_dir =",
        "auth_type = any",
        f"pool_mode = {mode}",
        f"default_pool_size = {20 if mode == 'session' else 2}",
        "max_client_conn = 200",
        *more,
    ]
    config = folder / "pgbouncer.ini"
    config.write_text("\n".join(lines).replace("* =", "* = user=balai"))
    folder.chmod(0o755)
    config.chmod(0o644)
    as_other = ["-u", "nobody"] if IS_ROOT else []
    process = subprocess.Popen(["pgbouncer", *as_other, str(config)], stderr=subprocess.DEVNULL)
    try:
        yield f"postgresql+asyncpg://balai@127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=10)


async def answers(url: str) -> None:
    """Wait until it listens."""
    end = time.monotonic() + 10
    while True:
        try:
            database = Database(url)
            async with database.reading():
                return
        except Exception:
            if time.monotonic() > end:
                raise
            await asyncio.sleep(0.05)
        finally:
            await database.close()


@pytest.mark.parametrize("mode", ["session", "transaction"])
async def test_a_node_behind_a_named_pooler_reads_and_writes(
    postgres: Cluster, tmp_path: Path, clock: Clock, mode: str
) -> None:
    name = postgres.create(f"pooled_{mode}").rpartition("/")[2]
    with pooled(postgres, tmp_path, mode) as address:
        url = f"{address}/{name}?pgbouncer=true"
        await answers(url)
        await migrate(url)
        await migrate(url)
        async with (
            open_node(database_url=url, secret_keys=[SECRET_KEY], clock=clock) as node,
            open_node(database_url=url, secret_keys=[SECRET_KEY], clock=clock) as other,
        ):
            await build_world(node)

            async def write(number: int) -> None:
                await submit_reports([node, other][number % 2], [report(report_id=f"r-{number}")], by=OPERATOR)

            async def read(_number: int) -> None:
                async with node.database.reading() as connection:
                    assert await connection.scalar(text("SHOW statement_timeout")) == "5s"
                    assert await connection.scalar(text("SELECT count(*) FROM ledger WHERE seq > :n"), {"n": 0})

            await asyncio.gather(*(work(number) for number in range(60) for work in (write, read)))
            await other.follower.catch_up()
            assert node.board.position == other.board.position
        assert await verify(url) == []


async def test_a_pooler_that_the_url_does_not_name_is_told_in_one_sentence(postgres: Cluster, tmp_path: Path) -> None:
    name = postgres.create("unnamed_pooler").rpartition("/")[2]
    with pooled(postgres, tmp_path, "transaction") as address:
        await answers(f"{address}/{name}?pgbouncer=true")
        database = Database(f"{address}/{name}")
        with pytest.raises(UnnamedPooler, match="pgbouncer=true"):
            await database.check_durability()
        await database.close()


async def test_a_pooler_that_drops_our_settings_silently_is_found(postgres: Cluster, tmp_path: Path) -> None:
    name = postgres.create("dropping_pooler").rpartition("/")[2]
    dropped = "statement_timeout,lock_timeout,idle_in_transaction_session_timeout,array_nulls,plan_cache_mode,jit"
    ignore = f"ignore_startup_parameters = {dropped},enable_seqscan"
    with pooled(postgres, tmp_path, "session", ignore) as address:
        await answers(f"{address}/{name}?pgbouncer=true")
        database = Database(f"{address}/{name}")
        with pytest.raises(UnnamedPooler):
            await database.check_durability()
        await database.close()


def test_the_flag_is_not_passed_to_the_driver() -> None:
    url, is_pooled = parse("postgresql+asyncpg://a@b/c?pgbouncer=true&ssl=require")
    assert (str(url), is_pooled) == ("postgresql+asyncpg://a@b/c?ssl=require", True)
