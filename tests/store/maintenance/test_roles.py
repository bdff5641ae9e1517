"""The role of the service on a real PostgreSQL: it can do all that a node does, and nothing to the ledger's past."""

import asyncio
import re
import uuid
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from app.actions.hospitals import Hospital, add_hospital
from app.actions.keys import issue_key, revoke_key
from app.actions.maintenance.backup import back_up
from app.actions.maintenance.rebuild import rebuild
from app.actions.maintenance.restore import restore
from app.actions.maintenance.verify import verify
from app.actions.relay_accounts import deposit, withdraw
from app.actions.submit_reports import submit_reports
from app.domain.channels import Channel
from app.domain.errors import Refusal
from app.domain.message import Message, MessageOutcome
from app.domain.permissions import NATIONAL, OPERATOR
from app.runtime.node import Node, open_node
from app.store.maintenance.migrate import NotMigrated, config, migrate
from app.store.maintenance.roles import RoleRefused, grant_to
from tests.conftest import SECRET_KEY, Clock
from tests.factories import MORNING, build_world, report
from tests.postgres import Cluster

pytestmark = pytest.mark.postgres

ROOT = Path(__file__).resolve().parents[3]
ROLES = ROOT / "migrations" / "postgres-roles.sql"
BACKUP_DOC = (ROOT / "docs" / "backup.md").read_text(encoding="utf-8")
OWNER, SERVICE = "balai_owner", "balai_service"


def as_role(url: str, role: str) -> str:
    return url.replace("//balai@", f"//{role}@")


FORBIDDEN = [
    "UPDATE ledger SET body = '{}'",
    "DELETE FROM ledger",
    "TRUNCATE ledger",
    "ALTER TABLE ledger DISABLE TRIGGER ALL",
    "ALTER TABLE ledger DISABLE TRIGGER USER",
    "ALTER TABLE ledger ADD COLUMN x int",
    "DROP TRIGGER ledger_no_change ON ledger",
    "DROP TABLE ledger",
    "CREATE TRIGGER mine BEFORE INSERT ON ledger FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only()",
    "CREATE OR REPLACE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
    "DROP FUNCTION ledger_is_append_only() CASCADE",
    "SET session_replication_role = replica",
    "SET ROLE balai_owner",
    "CREATE TABLE other (x int)",
    "UPDATE ledger_format SET writer_version = 1",
    "UPDATE alembic_version SET version_num = 'x'",
    "ALTER ROLE balai_service SUPERUSER",
    "COPY ledger TO PROGRAM 'cat'",
]


@pytest.fixture(params=["new", "made by a superuser before"])
def service_url(request: pytest.FixtureRequest, postgres: Cluster) -> str:
    """A database with both roles, for the service's; an older installation had one role for all, a superuser."""
    if request.param == "new":
        url = postgres.create(f"r_{uuid.uuid4().hex}")
    else:
        url = request.getfixturevalue("postgres_url")
    for _ in range(2):  # repeating it changes nothing
        postgres.script(ROLES, url.rpartition("/")[2], BALAI_OWNER_PASSWORD="o'wner", BALAI_SERVICE_PASSWORD="s")
        asyncio.run(migrate(as_role(url, OWNER)))
        asyncio.run(grant_to(as_role(url, OWNER), SERVICE))
    return as_role(url, SERVICE)


async def everything(node: Node, clock: Clock) -> None:
    """What a node writes."""
    await build_world(node)
    key_of_nation, _ = await issue_key(node, scope=NATIONAL, by=OPERATOR)
    [receipt] = await submit_reports(node, [report()], by=key_of_nation.actor)
    assert not isinstance(receipt, Refusal)
    doors = await add_hospital(node, Hospital("rs-a", bpjs="1199R001"), by=OPERATOR)
    [door] = [door for door in doors.logins if door.channel is Channel.aplicares]
    key = node.board.credential(door.login)
    assert key is not None
    ahead = clock() + timedelta(hours=7)
    await node.clocks.take(key, int(ahead.timestamp()), 7, clock())
    await node.clocks.flush()
    await deposit(node, "rs-a", Channel.sirs, {"x_rs_id": "1", "x_pass": "sandi"}, by=OPERATOR)
    await withdraw(node, "rs-a", Channel.sirs, by=OPERATOR)
    message = Message(
        "rs-a", Channel.sirs, MORNING, "GET /", MessageOutcome.accepted, 200, None, None, None, "id", None
    )
    for _ in range(3):
        node.messages.add(replace(message))
    node.rejections.count("rs-a", "192.0.2.1", clock())
    await node.messages.flush()
    await node.rejections.flush()
    await revoke_key(node, key.prefix, by=OPERATOR)


async def test_a_node_does_all_its_work_with_the_role_of_the_service(service_url: str, clock: Clock) -> None:
    async with open_node(database_url=service_url, secret_keys=[SECRET_KEY], clock=clock) as node:
        await everything(node, clock)
        assert len(await node.messages.last("rs-a", limit=10)) == 3
        assert len(await node.rejections.last("rs-a")) == 1
    assert await verify(service_url) == []
    await rebuild(service_url)
    assert await verify(service_url) == []
    await migrate(service_url)  # where nothing is due, it needs no right


async def test_the_role_of_the_service_cannot_touch_what_the_ledger_has(service_url: str, clock: Clock) -> None:
    async with open_node(database_url=service_url, secret_keys=[SECRET_KEY], clock=clock) as node:
        await build_world(node)
    engine = create_async_engine(service_url)
    try:
        for statement in FORBIDDEN:
            async with engine.connect() as connection:
                with pytest.raises(DBAPIError, match=r"permission denied|must be owner|append-only"):
                    await connection.execute(text(statement))
    finally:
        await engine.dispose()
    assert await verify(service_url) == []


async def test_rights_are_given_to_no_role_that_could_change_the_ledger_all_the_same(postgres_url: str) -> None:
    for role, why in (("nobody_here", "no role"), ("balai", "superuser")):
        with pytest.raises(RoleRefused, match=why):
            await grant_to(postgres_url, role)


async def test_migrations_that_are_due_are_not_for_the_service_to_run(service_url: str) -> None:
    owner = as_role(service_url.replace(f"//{SERVICE}@", "//balai@"), OWNER)
    await asyncio.to_thread(command.downgrade, config(owner), "a1c8e2f47d60")  # before rebuilds
    with pytest.raises(NotMigrated, match="owner of the tables"):
        await migrate(service_url)
    await migrate(owner)
    with pytest.raises(NotMigrated, match=r"may not read table rebuilds.*--grant-to"):
        await verify(service_url)
    await grant_to(owner, SERVICE)
    await migrate(service_url)


async def test_a_backup_is_restored_as_with_compose(
    service_url: str, postgres: Cluster, clock: Clock, tmp_path: Path
) -> None:
    """docs/backup.md, With compose: what its commands do in PostgreSQL, with the database's name in place of balai."""
    async with open_node(database_url=service_url, secret_keys=[SECRET_KEY], clock=clock) as node:
        await everything(node, clock)
        head = node.board.head
    await back_up(service_url, tmp_path / "backup")
    name = service_url.rpartition("/")[2]
    [making, dropping] = [line for line in BACKUP_DOC.splitlines() if "compose exec postgres psql" in line]
    for statement in re.findall(r"--command '([^']+)'", making):
        postgres.sql(re.sub(r"\bbalai(_damaged)?\b", lambda found: f'"{name}{found[1] or ""}"', statement))
    postgres.script(ROLES, name, BALAI_OWNER_PASSWORD="o", BALAI_SERVICE_PASSWORD="s")
    owner = service_url.replace(f"//{SERVICE}@", f"//{OWNER}@")
    assert (await restore(owner, tmp_path / "backup", secret_keys=[SECRET_KEY])).differences == []
    await migrate(owner)
    await grant_to(owner, SERVICE)
    async with open_node(database_url=service_url, secret_keys=[SECRET_KEY], clock=clock) as node:
        assert node.board.head == head
        await issue_key(node, scope=NATIONAL, by=OPERATOR)
    [statement] = re.findall(r"--command '([^']+)'", dropping)
    postgres.sql(statement.replace("balai_damaged", f'"{name}_damaged"'))
