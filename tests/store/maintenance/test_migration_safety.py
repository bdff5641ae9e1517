"""Migrations cannot break what was stored: merged ones stay, and triggers and references hold after each."""

import asyncio
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from app.domain.channels import Channel
from app.store.database import Database
from app.store.maintenance import migrate as migrations
from app.store.maintenance.append_only import missing_triggers
from app.store.maintenance.migrate import (
    OLDEST_TO_GO_BACK_TO,
    NewerDatabase,
    NotMigrated,
    check_migrated,
    config,
    migrate,
    newest,
    plan,
    sql_of_plan,
)
from app.store.maintenance.migration_guard import MigrationRefused
from tests.postgres import Cluster

ROOT = Path(__file__).resolve().parents[3]
VERSIONS = ROOT / "migrations" / "versions"
CHAIN = [script.revision for script in migrations._chain()]
AT = "'2026-11-23 03:00:00+00:00'"
ENTRY = (
    f"""INSERT INTO ledger (seq, kind, recorded_at, "by", body, chain) VALUES (1, 'areas', {AT}, 'x', '{{}}', 'c')"""
)
KEY = "INSERT INTO credentials (prefix, digest, principal, role, scope_kind, name, created_at, created_by"
WORLD = [
    "INSERT INTO areas (code, name, level, type, depth) VALUES ('ID', 'Indonesia', 'country', 'country', 0)",
    "INSERT INTO facilities (facility_id, kind, name, area_code, seq) VALUES ('rs-a', 'hospital', 'A', 'ID', 2)",
]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without any table, of either sort."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}"
    postgres: Cluster = request.getfixturevalue("postgres")
    return postgres.create(f"s_{uuid.uuid4().hex}")


async def within(url: str, work: Callable[[Connection], Any]) -> Any:
    """What this gives, in a transaction of its own."""
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


async def run(url: str, *statements: str) -> None:
    await within(url, lambda connection: [connection.exec_driver_sql(statement) for statement in statements])


async def check(url: str) -> None:
    database = Database(url)
    try:
        async with database.reading() as connection:
            await check_migrated(connection)
    finally:
        await database.close()


def revision(connection: Connection) -> str | None:
    return connection.scalar(text("SELECT version_num FROM alembic_version"))


def test_merged_migrations_stay_as_they_were() -> None:
    """Databases have run them. `python3 dev.py freeze` lists a new one."""
    lines = (ROOT / "migrations" / "versions.sha256").read_text().splitlines()
    listed = {name: digest for digest, name in map(str.split, lines)}
    found = {file.name: hashlib.sha256(file.read_text().encode()).hexdigest() for file in VERSIONS.glob("*.py")}
    assert len(lines) == len(listed)
    changed = [name for name, digest in listed.items() if found.get(name) != digest]
    assert not changed, "A merged migration was edited: undo that, and put the change into a migration of its own."
    assert found.keys() == listed.keys(), "A migration is not listed. Run: python3 dev.py freeze"


async def test_the_ledger_is_append_only_after_every_migration(empty_url: str) -> None:
    """Step by step, forward and back."""
    attempts = ["UPDATE ledger SET body = 'x'", "DELETE FROM ledger"]
    if empty_url.startswith("postgresql"):
        attempts.append("TRUNCATE ledger")
    up = [(command.upgrade, each) for each in CHAIN]
    down = [(command.downgrade, each) for each in reversed(CHAIN[:-1])]
    for step, to in [*up, *down]:
        await asyncio.to_thread(step, config(empty_url), to)
        if to == CHAIN[0] and step is command.upgrade:
            await run(empty_url, ENTRY)
        for attempt in attempts:
            with pytest.raises(DBAPIError, match="append-only"):
                await run(empty_url, attempt)


def with_another(migrations: Path, body: str) -> Config:
    """Our migrations, and one more that does this."""
    shutil.copytree(ROOT / "migrations", migrations)
    (migrations / "versions" / "20991231_another.py").write_text(
        f"import sqlalchemy as sa\nfrom alembic import op\n\nrevision = 'another'\ndown_revision = {CHAIN[-1]!r}\n\n\n"
        f"def upgrade() -> None:\n{textwrap.indent(textwrap.dedent(body), '    ')}\n"
    )
    made = config("sqlite://")
    made.set_main_option("script_location", str(migrations))
    return made


async def test_a_migration_that_recreates_the_ledger_leaves_its_triggers(sqlite_url: str, tmp_path: Path) -> None:
    body = """
    with op.batch_alter_table("ledger", recreate="always") as batch_op:
        batch_op.add_column(sa.Column("more", sa.Text(), nullable=True))
    """
    alembic = with_another(tmp_path / "migrations", body)
    alembic.set_main_option("sqlalchemy.url", sqlite_url)
    await run(sqlite_url, ENTRY)
    await asyncio.to_thread(command.upgrade, alembic, "head")
    assert await within(sqlite_url, revision) == "another"
    for attempt in ("UPDATE ledger SET body = 'x'", "DELETE FROM ledger"):
        with pytest.raises(DBAPIError, match="append-only"):
            await run(sqlite_url, attempt)


async def test_a_migration_that_breaks_references_is_rolled_back(sqlite_url: str, tmp_path: Path) -> None:
    """Checked after the commit, it stayed, and the next start found nothing to do."""
    body = """
    op.execute("CREATE TABLE made (x int)")
    op.execute("DELETE FROM areas")
    """
    alembic = with_another(tmp_path / "migrations", body)
    alembic.set_main_option("sqlalchemy.url", sqlite_url)
    await run(sqlite_url, *WORLD)
    for _ in range(2):
        with pytest.raises(MigrationRefused, match=r"another was rolled back.*row 1 of facilities to areas"):
            await asyncio.to_thread(command.upgrade, alembic, "head")
    assert await within(sqlite_url, revision) == CHAIN[-1]
    assert await within(sqlite_url, lambda connection: inspect(connection).has_table("made")) is False
    await check(sqlite_url)


KILLED = """
import asyncio, os, signal, sys
from app.store.maintenance import migration_guard
from app.store.maintenance.migrate import migrate

class Deadly(migration_guard.MigrationGuard):
    def __call__(self, *, step, ctx, **rest):
        super().__call__(step=step, ctx=ctx, **rest)
        if step.up_revision_id == sys.argv[2]:
            os.kill(os.getpid(), signal.SIGKILL)

migration_guard.MigrationGuard = Deadly
asyncio.run(migrate(sys.argv[1]))
"""


@pytest.mark.parametrize("at", [OLDEST_TO_GO_BACK_TO, CHAIN[-1]])
async def test_a_migration_that_is_killed_before_its_commit_leaves_the_version_before(empty_url: str, at: str) -> None:
    killed = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", KILLED, empty_url, at], cwd=ROOT, check=False, env=dict(os.environ)
    )
    assert killed.returncode == -signal.SIGKILL
    assert await within(empty_url, revision) == CHAIN[CHAIN.index(at) - 1]
    assert await within(empty_url, missing_triggers) == []
    await migrate(empty_url)
    await check(empty_url)


LOSE_CONSTRAINTS = "CREATE TABLE copied AS SELECT * FROM {0}; DROP TABLE {0}; ALTER TABLE copied RENAME TO {0}"


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("ALTER TABLE facilities DROP COLUMN switches", "table facilities has no column switches"),
        ("DROP TABLE relay_leases", "there is no table relay_leases"),
        ("DROP INDEX ix_ledger_facility_id_seq", r"table ledger has no index on \(facility_id, seq\)"),
        ("DROP INDEX ix_areas_parent; CREATE INDEX part ON areas (parent) WHERE depth > 1", "areas has no index on"),
        (LOSE_CONSTRAINTS.format("identifiers"), r"identifiers has no unique constraint on \(facility_id, system\)"),
        (LOSE_CONSTRAINTS.format("channels"), r"channels has no unique constraint on \(facility_id, channel\)"),
        (LOSE_CONSTRAINTS.format("messages"), "table messages has no constraint ck_messages_channel"),
    ],
)
async def test_tables_that_are_not_those_of_their_revision_are_told(database_url: str, damage: str, said: str) -> None:
    """A node started on them and failed at the first request."""
    await run(database_url, *damage.split("; "))
    for start in (check, migrate):
        with pytest.raises(NotMigrated, match=f"its tables differ: .*{said}"):
            await start(database_url)


@pytest.mark.postgres
async def test_columns_that_would_refuse_or_lose_values_are_told(postgres_url: str) -> None:
    await run(
        postgres_url,
        "ALTER TABLE channels ALTER COLUMN lines DROP NOT NULL",
        "ALTER TABLE messages ADD COLUMN more int NOT NULL",
    )
    with pytest.raises(NotMigrated) as told:
        await check(postgres_url)
    assert "column channels.lines must not allow NULL" in str(told.value)
    assert "table messages has an unknown column more that must be filled" in str(told.value)


@pytest.mark.parametrize(
    ("before", "after"), [("'fhir'", "'other'"), ("'fhir'", "'fhir', 'other'")], ids=["lost", "more"]
)
async def test_words_that_a_constraint_does_not_let_in_are_told(database_url: str, before: str, after: str) -> None:
    if database_url.startswith("sqlite"):
        instead = f"replace(sql, {literal(before)}, {literal(after)})"
        changed = ["PRAGMA writable_schema = ON", f"UPDATE sqlite_master SET sql = {instead} WHERE name = 'messages'"]
    else:
        words = ", ".join(f"'{word}'" for word in Channel).replace(before, after)
        changed = ["ALTER TABLE messages DROP CONSTRAINT ck_messages_channel"]
        changed += [f"ALTER TABLE messages ADD CONSTRAINT ck_messages_channel CHECK (channel IN ({words}))"]
    await run(database_url, *changed)
    if "fhir" in after:
        await check(database_url)
        return
    with pytest.raises(NotMigrated, match=r"constraint ck_messages_channel does not allow fhir\."):
        await check(database_url)


def literal(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"


async def test_what_may_stand_beside_our_tables_is_no_fault(database_url: str) -> None:
    await run(
        database_url,
        "CREATE TABLE of_the_operator (x int)",
        "ALTER TABLE areas ADD COLUMN remark text CHECK (remark <> '')",
        "CREATE INDEX of_the_operator_name ON areas (name)",
        "CREATE INDEX of_the_operator_lower ON areas (lower(name)) WHERE depth > 1",
        "DROP INDEX ix_areas_parent",
        "CREATE INDEX under_another_name ON areas (parent, code)",
    )
    await check(database_url)


async def test_a_ledger_without_its_triggers_is_told_and_restored(database_url: str) -> None:
    damage = "DROP TRIGGER ledger_no_update"
    if database_url.startswith("postgresql"):
        damage = "ALTER TABLE ledger DISABLE TRIGGER ledger_no_change"
    await run(database_url, ENTRY, damage)
    with pytest.raises(NotMigrated, match=r"could be edited.*Run: balai migrate"):
        await check(database_url)
    await migrate(database_url)
    await check(database_url)
    with pytest.raises(DBAPIError, match="append-only"):
        await run(database_url, "UPDATE ledger SET body = 'x'")


async def test_a_database_of_a_newer_version_is_told_as_such(database_url: str) -> None:
    await run(database_url, "UPDATE alembic_version SET version_num = 'ffffffffffff'")
    for start in (check, migrate, plan):
        with pytest.raises(NewerDatabase, match="ffffffffffff, which this program does not know: a newer version"):
            await start(database_url)


async def test_the_plan_names_what_is_due_in_order(empty_url: str) -> None:
    steps = await plan(empty_url)
    assert [step.revision for step in steps] == CHAIN
    assert steps[0].title.startswith("The first tables: the ledger")
    await migrate(empty_url, CHAIN[2])
    assert [step.revision for step in await plan(empty_url)] == CHAIN[3:]
    assert [step.revision for step in await plan(empty_url, CHAIN[3][:6])] == CHAIN[3:4]
    with pytest.raises(NotMigrated, match="no version 'nothing'"):
        await plan(empty_url, "nothing")
    await migrate(empty_url)
    assert await plan(empty_url) == []


@pytest.mark.postgres
async def test_the_statements_of_a_plan_are_those_that_run(postgres_url: str) -> None:
    steps = await plan(postgres_url, OLDEST_TO_GO_BACK_TO)
    back = await sql_of_plan(postgres_url, steps)
    assert "DROP TABLE rejected_requests" in back
    await run(postgres_url, *(each for each in back.split(";") if each.strip()))
    assert await within(postgres_url, revision) == OLDEST_TO_GO_BACK_TO
    forward = await sql_of_plan(postgres_url, await plan(postgres_url))
    await run(postgres_url, *(each for each in forward.split(";") if each.strip()))
    await check(postgres_url)


async def test_going_back_and_forward_again_keeps_what_is_stored(database_url: str) -> None:
    key = f"{KEY}, seq) VALUES ('p', 'd', 'k', 'command', 'national', '', {AT}, 'operator', 1)"
    issued = """'{"credentials":[{"prefix":"p","digest":"d","created_at":"1"}]}'"""
    entry = ENTRY.replace("'areas'", "'keys'").replace("'{}'", issued)
    await run(database_url, *WORLD, entry, key)
    steps = await plan(database_url, OLDEST_TO_GO_BACK_TO)
    assert [step.revision for step in steps] == CHAIN[: CHAIN.index(OLDEST_TO_GO_BACK_TO) : -1]
    assert all(step.is_back for step in steps)
    await migrate(database_url, OLDEST_TO_GO_BACK_TO)
    assert await within(database_url, revision) == OLDEST_TO_GO_BACK_TO
    await migrate(database_url)
    await check(database_url)
    kept = await within(database_url, lambda connection: connection.scalar(text("SELECT seq FROM credentials")))
    assert kept == 1


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (f"INSERT INTO rejected_requests VALUES ('rs-a', {AT}, '::1', 3, {AT})", "data in rejected_requests"),
        ("INSERT INTO signed_times VALUES ('p', 1)", "data in signed_times"),
        (f"{KEY}, clock_hours) VALUES ('p', 'd', 'k', 'command', 'national', '', {AT}, 'x', 7)", r"s\.clock_hours"),
        ("UPDATE facilities SET planned = '[]'", r"data in facilities\.planned"),
    ],
)
async def test_going_back_is_refused_where_it_would_delete_what_is_stored(
    database_url: str, written: str, said: str
) -> None:
    await run(database_url, *WORLD, written)
    with pytest.raises(MigrationRefused, match=f"would delete the .*{said}"):
        await migrate(database_url, OLDEST_TO_GO_BACK_TO)
    await migrate(database_url)
    await check(database_url)


async def test_going_back_is_refused_where_the_ledger_would_be_misread(database_url: str) -> None:
    columns = "report_id, facility_id, channel, observed_at, outcome, digest"
    entry = ENTRY.replace("'areas'", "'report'").replace("'{}'", """'{"redates":true}'""")
    entry = (
        entry.replace("body, chain)", f"body, chain, {columns})")[:-1] + f", 'r', 'f', 'sirs', {AT}, 'applied', 'd')"
    )
    await run(database_url, entry)
    with pytest.raises(MigrationRefused, match="entries that an older program would misread"):
        await migrate(database_url, OLDEST_TO_GO_BACK_TO)
    await migrate(database_url)
    await check(database_url)


async def test_going_back_is_refused_where_closed_lines_were_forgotten(database_url: str) -> None:
    columns = "facility_id, channel, newest_observed_at, newest_seq, newest_recorded_at, lines"
    lines = [["W", "icu", '["","",null,', "2026-11-23T03:00:00+00:00", 1, "2026-11-23T03:00:00+00:00", None]]
    forgotten = [["", "", None, *lines[0][3:]], *lines]
    channel = f"INSERT INTO channels ({columns}) VALUES ('rs-a', 'sirs', {AT}, 1, {AT}, '%s')"
    document = json.dumps(lines, separators=(",", ":"))
    await run(database_url, *WORLD, channel % document)
    before = CHAIN[CHAIN.index("d81b5f2a9c36") - 1]
    await migrate(database_url, before)
    await migrate(database_url)
    await run(database_url, f"UPDATE channels SET lines = '{json.dumps(forgotten, separators=(',', ':'))}'")
    with pytest.raises(MigrationRefused, match="that an older program would misread"):
        await migrate(database_url, before)
    await migrate(database_url)
    await check(database_url)


async def test_going_back_is_refused_where_a_report_was_withdrawn(database_url: str) -> None:
    before = CHAIN[CHAIN.index("a1c4e7f20b31") - 1]
    columns = 'seq, kind, recorded_at, "by", facility_id, channel, report_id, observed_at, digest, outcome, body, chain'
    values = "'report', {0}, 'x', 'rs-a', 'native', 'r{1}', {0}, 'd', '{2}', '{{}}', 'c'"
    insert = f"INSERT INTO ledger ({columns}) VALUES (%s, {values})"
    await migrate(database_url, before)
    for outcome in ("void", "correction"):
        with pytest.raises(DBAPIError):
            await run(database_url, (insert % "1").format(AT, 1, outcome))
    await run(database_url, (insert % "1").format(AT, 1, "late"))
    await migrate(database_url)
    await migrate(database_url, before)
    await migrate(database_url)
    await run(database_url, *((insert % n).format(AT, n, outcome) for n, outcome in ((2, "void"), (3, "correction"))))
    with pytest.raises(DBAPIError):
        await run(database_url, (insert % "4").format(AT, 4, "other"))
    with pytest.raises(MigrationRefused, match=r"misread|does not fit"):
        await migrate(database_url, before)
    assert await within(database_url, revision) == CHAIN[CHAIN.index(before) + 1]
    assert await within(database_url, missing_triggers) == []


async def test_nobody_goes_back_to_before_the_protocols(database_url: str) -> None:
    with pytest.raises(NotMigrated, match="would delete data"):
        await migrate(database_url, CHAIN[0])
    assert await within(database_url, revision) == newest()
