"""The contact of a facility: kept by the ledger, by the tables, and by a node of the version before."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import text

from app.actions.maintenance.verify import verify
from app.actions.register_facilities import change_facility, register_facilities
from app.actions.update_facilities import update_facilities
from app.domain.errors import InvalidInput
from app.domain.ledger import FacilitiesRegistered
from app.domain.permissions import OPERATOR, Actor
from app.domain.registry.contact import Contact
from app.domain.registry.facility import Facility, FacilityKind
from app.domain.registry.facility_change import FacilityChange
from app.domain.registry.facility_update import FacilityUpdate, UpdateSummary
from app.runtime.node import Node
from app.store.repositories import registry
from tests.actions.test_upgrade import OFFICER, by_a_newer_node, last_body

DESK = Contact("Posko", ("024 8413476", "+62 811 000"))


async def stored(node: Node, facility_id: str) -> Facility:
    async with node.database.reading() as connection:
        return (await registry.facilities(connection, [facility_id]))[facility_id]


async def desk(node: Node, contact: Contact | None, by: Actor = OFFICER) -> Facility:
    version = node.board.facility("rs-a").seq
    return await change_facility(node, "rs-a", FacilityChange(contact=contact), by=by, reason="x", if_match=version)


async def test_a_contact_is_in_the_ledger_on_the_board_and_in_the_table(node: Node, district: Actor) -> None:
    await desk(node, DESK, by=district)
    assert node.board.facility("rs-a").contact == DESK == (await stored(node, "rs-a")).contact
    assert json.loads(await last_body(node))["facilities"][0]["contact"] == {
        "name": "Posko",
        "phones": ["024 8413476", "+62 811 000"],
    }
    assert await verify(node.database.url) == []
    await desk(node, None)
    assert (await stored(node, "rs-a")).contact is None
    assert "contact" not in json.loads(await last_body(node))["facilities"][0]
    assert await verify(node.database.url) == []


async def test_an_older_node_has_it_among_the_fields_that_it_does_not_know(node: Node) -> None:
    """Its table has no column of its own, so a node of the version before neither loses it nor overwrites it."""
    more = '{"contact":{"name":"Posko","phones":["118"]},"later":1}'
    as_read_there = replace(node.board.facility("rs-a"), more=more)
    await by_a_newer_node(node, FacilitiesRegistered((as_read_there,), node.clock(), "as an older node writes it"))
    known = node.board.facility("rs-a")
    assert (known.contact, known.more) == (Contact("Posko", ("118",)), '{"later":1}')
    await desk(node, DESK)
    async with node.database.reading() as connection:
        query = text("SELECT more FROM facilities WHERE facility_id = 'rs-a'")
        kept = json.loads(str(await connection.scalar(query)))
    assert kept == {"contact": {"name": "Posko", "phones": list(DESK.phones)}, "later": 1}
    assert await verify(node.database.url) == []


async def test_a_table_of_before_there_were_contacts_is_still_the_same_registration(node: Node) -> None:
    known = Facility("pkm", FacilityKind.clinic, "Puskesmas", "33.74", phone="024 1 2")
    await register_facilities(node, [known], by=OPERATOR)
    again = replace(known, contact=Contact(None, ("024 1 2",)))
    before = node.board.position
    await register_facilities(node, [again], by=OPERATOR)
    assert node.board.position == before


async def test_an_update_changes_its_columns_alone_and_only_what_differs(node: Node) -> None:
    await desk(node, Contact("Posko", ("118",)))
    updates = [FacilityUpdate("rs-a", FacilityChange(), phones=("024 1", "024 2")),
               FacilityUpdate("rs-b", FacilityChange(name=node.board.facility("rs-b").name))]  # fmt: skip
    before = node.board.facility("rs-a"), node.board.position
    dry = await update_facilities(node, updates, by=OPERATOR, reason="x", dry_run=True)
    assert (dry, node.board.position) == (UpdateSummary(1, 1), before[1])
    assert await update_facilities(node, updates, by=OPERATOR, reason="x") == UpdateSummary(1, 1)
    after = node.board.facility("rs-a")
    assert after == replace(before[0], contact=Contact("Posko", ("024 1", "024 2")), seq=after.seq)
    assert node.board.position == before[1] + 1
    assert await update_facilities(node, updates, by=OPERATOR, reason="x") == UpdateSummary(0, 2)
    assert node.board.position == before[1] + 1
    assert await verify(node.database.url) == []


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        (FacilityUpdate("nobody", FacilityChange(name="X")), "#/1/facility_id"),
        (FacilityUpdate("rs-b", FacilityChange(area_code="99")), "#/1/area_code"),
        (FacilityUpdate("sirs:3374001", FacilityChange(name="Again")), "#/1/facility_id"),
        (FacilityUpdate("rs-b", FacilityChange(), phones=("x",)), "#/1/contact/phones/0"),
    ],
)
async def test_of_an_update_with_a_fault_nothing_is_changed(node: Node, wrong: FacilityUpdate, pointer: str) -> None:
    before = node.board.position
    with pytest.raises(InvalidInput) as refused:
        await update_facilities(
            node, [FacilityUpdate("rs-a", FacilityChange(name="New")), wrong], by=OPERATOR, reason="x"
        )
    assert pointer in [fault.pointer for fault in refused.value.faults]
    assert all(fault.pointer.startswith("#/1/") for fault in refused.value.faults)
    assert (node.board.position, node.board.facility("rs-a").name) == (before, "RS A")
