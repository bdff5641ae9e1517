"""Rebuild: tables that were damaged are what the ledger says again, and nodes that had read them notice."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text

from app.actions.keys import authenticate, issue_key, revoke_key
from app.actions.maintenance.rebuild import rebuild
from app.actions.maintenance.verify import verify
from app.actions.register_facilities import FacilityChange, change_facility
from app.actions.submit_reports import submit_reports
from app.domain.channels import Channel
from app.domain.errors import Unavailable
from app.domain.permissions import NATIONAL, OPERATOR, Actor
from app.runtime.node import Node, open_node
from app.store.ledger import EditedLedger
from tests.conftest import SECRET_KEY, Clock
from tests.factories import line, report
from tests.serving import eventually

AT = "'2026-11-23 03:00:00+00:00'"
AREA = "INSERT INTO areas (code, name, level, type, parent, depth) VALUES"
# Whatever can be wrong in a table that follows from the ledger: rows changed, missing, and made up.
DAMAGE = [
    "UPDATE channels SET lines = replace(lines, ',[10,', ',[99,'), newest_seq = 1 WHERE facility_id = 'rs-a'",
    "DELETE FROM channels WHERE facility_id = 'rs-b'",
    f"{AREA} ('99', 'Nowhere', 'province', 'provinsi', 'ID', 1)",
    f"{AREA} ('99.1', 'Nowhere', 'city', 'kota', '99', 2)",
    "INSERT INTO facilities (facility_id, kind, name, area_code, seq) VALUES ('rs-x', 'hospital', 'X', '99.1', 2)",
    f"INSERT INTO channels VALUES ('rs-x', 'form', {AT}, 1, {AT}, NULL, NULL, '[]', NULL, NULL, NULL, NULL)",
    "UPDATE facilities SET area_code = '99', name = 'Another' WHERE facility_id = 'rs-b'",
    "UPDATE areas SET parent = '99', name = 'Another' WHERE code = '33.75'",
    "DELETE FROM identifiers",
    "INSERT INTO identifiers VALUES ('sirs', '3374001', 'rs-b')",
    "UPDATE credentials SET revoked_at = NULL, role = 'operator'",
    "DELETE FROM areas WHERE code = '33.74.02.1001' AND NOT EXISTS (SELECT 1 FROM facilities WHERE area_code = code)",
    *(
        f"INSERT INTO messages VALUES ({number}, '{id_}', 'form', {AT}, 'x', 'accepted', 200, NULL, 0, NULL, 'x', 1)"
        for number, id_ in ((70, "rs-a"), (71, "rs-x"))
    ),
    f"INSERT INTO waiting_rows VALUES ('rs-a', 'sirs', '9', '{{}}', {AT}, 1)",
    f"INSERT INTO relay_queue VALUES (5, 'rs-b', 'sirs', '9', 'PUT', '/', 'x', {AT}, 0)",
    f"INSERT INTO relay_accounts VALUES ('rs-a', 'sirs', 's', 1, 2, 3, {AT}, 200, 'x', 4, {AT}, 'x', {AT})",
    f"INSERT INTO rejected_requests VALUES ('rs-a', {AT}, '::1', 3, {AT})",
]
KEPT = ("messages", "waiting_rows", "relay_queue", "relay_accounts", "rejected_requests")


@pytest.fixture
async def lived(node: Node, command: Actor) -> Node:
    """A node with reports by two channels, a changed facility and a revoked key."""
    await submit_reports(
        node,
        [
            report(line("icu"), line("hcu", ward="A", closed=True)),
            report(line("icu"), facility_id="rs-b", channel=Channel.sirs, complete=True),
        ],
        by=command,
    )
    version = node.board.facility("rs-b").seq
    change = FacilityChange(phone="024", identifiers={"bpjs": "1"})
    await change_facility(node, "rs-b", change, by=command, reason="new", if_match=version)
    made, _ = await issue_key(node, scope=NATIONAL, by=OPERATOR)
    await revoke_key(node, made.prefix, by=command)
    return node


@pytest.fixture
async def misled(lived: Node, clock: Clock) -> AsyncIterator[Node]:
    """A second node, which has read the damaged tables."""
    await run(lived, *DAMAGE)
    async with open_node(database_url=lived.database.url, secret_keys=[SECRET_KEY], clock=clock) as opened:
        yield opened


async def run(node: Node, *statements: str) -> None:
    async with node.database.transaction() as transaction:
        for statement in statements:
            await transaction.connection.exec_driver_sql(statement)


async def rows(node: Node, table: str) -> list[dict[str, Any]]:
    async with node.database.reading_newest() as connection:
        return [dict(row) for row in (await connection.execute(text(f"SELECT * FROM {table}"))).mappings()]


def beds(node: Node) -> int | None:
    return node.board.roll_up("33.74", node.clock()).totals.beds_total


async def test_damaged_tables_are_what_the_ledger_says_again_and_all_else_is_kept(lived: Node) -> None:
    url, right = lived.database.url, beds(lived)
    await run(lived, *DAMAGE)
    before = {table: await rows(lived, table) for table in KEPT}
    assert len(await verify(url)) > 8
    made = await rebuild(url)
    assert await verify(url) == []
    assert (made.position, made.facilities) == (lived.board.position, 5)
    kept = {table: await rows(lived, table) for table in KEPT}
    assert kept == before | {"messages": [row for row in before["messages"] if row["facility_id"] != "rs-x"]}
    assert kept["messages"]
    await lived.follower.catch_up()
    assert beds(lived) == right


async def test_a_node_that_runs_notices_by_itself(misled: Node, lived: Node) -> None:
    assert beds(misled) != beds(lived)
    await rebuild(misled.database.url)
    await eventually(lambda: beds(misled) == beds(lived))
    assert misled.follower.is_current


async def test_what_a_node_had_read_before_is_never_written_again(
    no_polling: None, misled: Node, command: Actor
) -> None:
    """It notices under the ledger's lock, before it decides anything."""
    await rebuild(misled.database.url)
    for send in (report(line("hcu")), report(line("hcu"))):
        with pytest.raises(Unavailable, match="restored or rebuilt"):
            await submit_reports(misled, [send], by=command)
        misled.board.rebuilds = 0  # still as before
    await misled.follower.catch_up()
    await submit_reports(misled, [report(line("hcu"))], by=command)
    _, key = await issue_key(misled, scope=NATIONAL, by=OPERATOR)
    await authenticate(misled, key)
    assert await verify(misled.database.url) == []


async def test_a_healthy_database_stays_as_it_is(lived: Node) -> None:
    tables = ("areas", "facilities", "identifiers", "channels", "credentials")
    before = {table: sorted(map(str, await rows(lived, table))) for table in tables}
    for number in (1, 2):
        await rebuild(lived.database.url)
        assert {table: sorted(map(str, await rows(lived, table))) for table in tables} == before
        assert [row["number"] for row in await rows(lived, "rebuilds")][-1] == number


async def test_nothing_is_made_from_an_edited_ledger(lived: Node) -> None:
    disarm = "DROP TRIGGER ledger_no_update" if lived.database.is_sqlite else "ALTER TABLE ledger DISABLE TRIGGER USER"
    damage = "UPDATE channels SET lines = '[]'"
    await run(lived, damage, disarm, "UPDATE ledger SET outcome = 'late' WHERE seq = 4")
    with pytest.raises(EditedLedger, match="position 4 was edited"):
        await rebuild(lived.database.url)
    assert {row["lines"] for row in await rows(lived, "channels")} == {"[]"}
