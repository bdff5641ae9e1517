"""Verify: an edited row in any table is found, and there are no differences without one."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from app.actions.keys import issue_key, revoke_key, rotate_key
from app.actions.maintenance.verify import verify
from app.actions.register_areas import add_rw
from app.actions.register_facilities import FacilityChange, change_facility
from app.actions.submit_reports import submit_reports
from app.board.board import Board
from app.domain.channels import Channel
from app.domain.permissions import OPERATOR, Actor
from app.runtime.node import Node
from app.store.database import Database
from tests.conftest import on_sqlite
from tests.factories import line, report


@pytest.fixture
async def lived(node: Node, command: Actor) -> Node:
    """A node in which everything has happened that can happen."""
    await submit_reports(
        node,
        [
            report(line("icu"), line("hcu", ward="A"), line("ward_1", beds_available=3)),
            report(line("icu", beds_total=12), minutes=-1),
            report(line("hcu", ward="A", closed=True), minutes=1),
            report(line("icu"), facility_id="rs-b", channel=Channel.sirs, complete=True),
            report(line("isolation_bed", beds_total=8), facility_id="rw-d"),
        ],
        by=command,
    )
    await add_rw(node, "33.74.01.1001", by=command, count=3)
    version = node.board.facility("rs-b").seq
    moved = FacilityChange(area_code="33.74", identifiers={"bpjs": "1"}, phone="024")
    known = await change_facility(node, "rs-b", moved, by=command, reason="moved", if_match=version)
    closing, tomorrow = FacilityChange(is_open=False), node.clock() + timedelta(days=1)
    await change_facility(node, "rs-b", closing, by=command, reason="", if_match=known.seq, effective_at=tomorrow)
    made, _ = await issue_key(node, scope=command.scope, by=OPERATOR, name="to be revoked")
    await rotate_key(node, made.prefix, by=command)
    await revoke_key(node, made.prefix, by=command)
    return node


async def test_all_is_well_where_nobody_edited(lived: Node) -> None:
    assert await verify(lived.database.url) == []


async def test_all_is_well_with_an_empty_database(database_url: str) -> None:
    assert await verify(database_url) == []


async def edit(node: Node, *statements: str) -> list[str]:
    """What verify says after these statements."""
    async with node.database.transaction() as transaction:
        for statement in statements:
            await transaction.connection.exec_driver_sql(statement)
    return await verify(node.database.url)


NEWLY_HEARD = (
    "facility_id, 'form', newest_observed_at, newest_seq, newest_recorded_at, NULL, NULL, '[]', NULL, NULL, NULL, NULL"
)
OPENED = f"""UPDATE channels SET lines = replace(lines, '",null,null,[', '",[1,0,0,1{",null" * 8}],null,[')"""
MORE_BEDS = "UPDATE channels SET lines = replace(lines, ',[10,', ',[99,') WHERE facility_id = 'rs-a'"


@on_sqlite
@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (MORE_BEDS, "channel rs-a native"),
        ("UPDATE channels SET lines = replace(lines, 'isolation_bed', 'burn')", "channel rw-d native"),
        ("UPDATE channels SET lines = replace(lines, '-23', '-24') WHERE facility_id = 'rs-b'", "channel rs-b sirs"),
        (OPENED, "channel rs-a native"),
        ("UPDATE channels SET lines = '[]' WHERE facility_id = 'rw-d'", "channel rw-d native"),
        ("UPDATE channels SET newest_seq = 99 WHERE facility_id = 'rs-b'", "channel rs-b sirs"),
        ("UPDATE channels SET complete_seq = NULL, complete_observed_at = NULL", "channel rs-b sirs"),
        (f"INSERT INTO channels SELECT {NEWLY_HEARD} FROM channels WHERE facility_id = 'rw-d'", "channel rw-d form"),
        ("UPDATE areas SET name = 'Another' WHERE code = '33.74'", "area 33.74:"),
        ("UPDATE areas SET parent = '33.75' WHERE code = '33.74.01'", "area 33.74.01:"),
        ("DELETE FROM areas WHERE code = '33.74.01.1001.003'", "area 33.74.01.1001.003:"),
        ("UPDATE facilities SET area_code = '33.75' WHERE facility_id = 'rs-a'", "facility rs-a:"),
        ("UPDATE facilities SET closed_at = (SELECT recorded_at FROM ledger WHERE seq = 1)", "facility rs-a:"),
        ("UPDATE facilities SET planned = '[]' WHERE facility_id = 'rs-b'", "facility rs-b:"),
        ("UPDATE facilities SET planned = replace(planned, 'false', 'true')", "facility rs-b:"),
        ("UPDATE identifiers SET value = '9' WHERE system = 'bpjs'", "facility rs-b:"),
        ("UPDATE credentials SET revoked_at = NULL", "key "),
        ("UPDATE credentials SET role = 'operator'", "key "),
    ],
    ids=str,
)  # fmt: skip
async def test_a_changed_row_of_what_stands_is_found_and_named(lived: Node, statement: str, said: str) -> None:
    found = await edit(lived, statement)
    assert any(difference.startswith(said) for difference in found), found


async def test_a_changed_line_is_found_on_either_database(lived: Node) -> None:
    (found,) = await edit(lived, MORE_BEDS)
    assert found.startswith("channel rs-a native")
    assert "beds_total=99" in found


async def test_an_edited_entry_is_found_and_its_position_named(lived: Node) -> None:
    disarm = "DROP TRIGGER ledger_no_update"
    if not lived.database.is_sqlite:
        disarm = "ALTER TABLE ledger DISABLE TRIGGER USER"
    body = "replace(body, '\"beds_total\":8', '\"beds_total\":9')"
    found = await edit(lived, disarm, f"UPDATE ledger SET body = {body} WHERE seq = 8")
    assert found == ["ledger: position 8 was edited, or an entry before it was removed"]


@on_sqlite
async def test_a_roll_up_that_is_not_the_sum_of_its_parts_is_found(
    lived: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistake of our own: the sums of one area lose what is recorded there."""
    real = Board._replace

    def forgetful(self: Board, state: object, *how: object) -> None:
        with pytest.MonkeyPatch.context() as patched:
            path = self._tree.path
            patched.setattr(self._tree, "path", lambda code: [n for n in path(code) if n.area.code != "33.74.01"])
            real(self, state, *how)  # type: ignore[arg-type]

    monkeypatch.setattr(Board, "_replace", forgetful)
    found = await verify(lived.database.url)
    assert any("area 33.74:" in difference and "its parts" in difference for difference in found)


@on_sqlite
async def test_verify_only_reads(lived: Node, database_url: str) -> None:
    async with lived.database.reading() as connection:
        before = (await connection.execute(text("SELECT seq, chain FROM ledger ORDER BY seq"))).all()
    await verify(database_url)
    other = Database(database_url)
    async with other.reading() as connection:
        assert (await connection.execute(text("SELECT seq, chain FROM ledger ORDER BY seq"))).all() == before
    await other.close()
