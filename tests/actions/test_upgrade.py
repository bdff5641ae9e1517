"""Nodes of two versions on one database: the older one spoils nothing, and says when it may write no more."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.actions.maintenance.verify import verify
from app.actions.register_areas import register_areas
from app.actions.register_facilities import FacilityChange, change_facility
from app.actions.submit_reports import submit_reports
from app.domain.errors import Unavailable
from app.domain.ledger import AreasRegistered, FacilitiesRegistered, Matter, OfNewerVersion
from app.domain.permissions import NATIONAL, OPERATOR, Actor, Role
from app.domain.registry.planned_changes import PlannedChange
from app.runtime.node import Node
from app.runtime.planned_changes import PlannedChanges
from app.runtime.readiness import Readiness
from app.store import ledger
from app.store.writers import WRITER_VERSION, OutdatedNode
from tests.factories import report

OFFICER = Actor("officer", Role.command, NATIONAL)
LATER = '{"duty_desk":{"name":"Piket","phones":["+62 24 1"]}}'


async def by_a_newer_node(node: Node, matter: Matter) -> None:
    """An entry of a version that keeps what is new in tables of its own."""
    async with node.database.transaction() as transaction:
        await ledger.append(transaction, [(matter, "operator", None)], now=node.clock())
    await node.follower.catch_up()


async def last_body(node: Node) -> str:
    async with node.database.reading() as connection:
        return str(await connection.scalar(text("SELECT body FROM ledger ORDER BY seq DESC LIMIT 1")))


async def demand(node: Node, version: int) -> None:
    """A migration of a newer version."""
    async with node.database.transaction() as transaction:
        await transaction.connection.execute(text("UPDATE ledger_format SET writer_version = :v"), {"v": version})


async def test_the_migrations_demand_this_version(node: Node) -> None:
    async with node.database.reading() as connection:
        assert await connection.scalar(text("SELECT writer_version FROM ledger_format")) == WRITER_VERSION


async def test_an_older_node_only_reads_and_is_not_ready(node: Node) -> None:
    await submit_reports(node, [report()], by=OFFICER)
    await node.readiness.check()
    position = node.board.position
    await demand(node, WRITER_VERSION + 1)
    with pytest.raises(OutdatedNode):
        await submit_reports(node, [report()], by=OFFICER)
    with pytest.raises(OutdatedNode):
        await change_facility(
            node, "rs-a", FacilityChange(phone="1"), by=OFFICER, reason="x", if_match=node.board.facility("rs-a").seq
        )
    await node.readiness.close()
    with pytest.raises(Unavailable, match="newer version"):
        await Readiness(node.database, node.follower).check()
    assert node.board.position == position
    assert node.board.roll_up("33.74", node.clock()).totals.beds_total == 10


async def test_what_a_newer_version_said_of_a_facility_survives_a_change_by_an_older_node(node: Node) -> None:
    facility = replace(node.board.facility("rs-a"), more=LATER)
    await by_a_newer_node(node, FacilitiesRegistered((facility,), node.clock(), "desk"))
    known = node.board.facility("rs-a")
    changed = await change_facility(
        node, "rs-a", FacilityChange(phone="+62 24 2"), by=OFFICER, reason="x", if_match=known.seq
    )
    assert (changed.more, changed.phone) == (LATER, "+62 24 2")
    assert '"duty_desk":{"name":"Piket","phones":["+62 24 1"]}' in await last_body(node)
    assert await verify(node.database.url) == []


async def test_what_a_newer_version_said_of_an_area_and_a_key_survives_too(node: Node) -> None:
    area = replace(node.board.area("33.74"), more='{"ended_at":null,"successor":"33.75"}')
    await by_a_newer_node(node, AreasRegistered((area,)))
    await register_areas(node, [replace(area, name="Kota Semarang", more=None)], by=OPERATOR)
    assert '"successor":"33.75"' in await last_body(node)
    assert await verify(node.database.url) == []


async def test_an_entry_of_an_unknown_kind_is_passed_over(node: Node) -> None:
    if not node.database.is_sqlite:
        pytest.skip("the constraint that a newer version would have changed can be left out on SQLite only")
    async with node.database.transaction() as transaction:
        await transaction.connection.execute(text("PRAGMA ignore_check_constraints = ON"))
        await ledger.append(transaction, [(OfNewerVersion("void", '{"of":1}'), "operator", None)], now=node.clock())
        await transaction.connection.execute(text("PRAGMA ignore_check_constraints = OFF"))
    await node.follower.catch_up()
    before = node.board.position
    await submit_reports(node, [report()], by=OFFICER)
    assert node.board.position == before + 1


async def test_a_planned_change_of_a_field_that_only_a_newer_version_knows_is_left_to_it(node: Node) -> None:
    at = node.clock() - timedelta(hours=1)
    later = PlannedChange("p", at, "merged", "k", {"successor": "rs-b", "is_open": False})
    await by_a_newer_node(
        node, FacilitiesRegistered((replace(node.board.facility("rs-a"), planned=(later,)),), at, "merged")
    )
    assert await PlannedChanges(node.board, node.write_queue, node.clock).carry_out_due() == 0
    known = node.board.facility("rs-a")
    changed = await change_facility(
        node, "rs-a", FacilityChange(phone="+62 24 2"), by=OFFICER, reason="x", if_match=known.seq
    )
    assert (changed.planned, changed.is_open) == ((later,), True)
    assert '"successor":"rs-b"' in await last_body(node)
    assert await verify(node.database.url) == []
