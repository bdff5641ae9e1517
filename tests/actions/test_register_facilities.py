"""Facilities: registered, changed, moved, closed and opened, each time an entry with its author and its date."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.actions.keys import revoke_key
from app.actions.register_facilities import FacilityChange, change_facility, register_facilities
from app.actions.submit_reports import submit_reports
from app.domain.beds.freshness import Thresholds, hours
from app.domain.channels import Channel
from app.domain.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    NotPermitted,
    PreconditionFailed,
    PreconditionRequired,
    Refusal,
    Unauthenticated,
)
from app.domain.ledger import FacilitiesRegistered
from app.domain.permissions import OPERATOR, Actor
from app.domain.registry.facility import Facility, FacilityKind
from app.runtime import record_facilities
from app.runtime.node import Node
from app.store.repositories import registry
from tests.conftest import entries_of, on_sqlite
from tests.factories import FACILITIES, MORNING, line, report

NEW = Facility("pkm-f", FacilityKind.clinic, "Puskesmas F", "33.74.01", "city", identifiers={"bpjs": "1199R001"})


async def change(node: Node, by: Actor, reference: str = "rs-a", **fields: Any) -> Facility:
    how = {name: fields.pop(name) for name in ("reason", "effective_at", "if_match") if name in fields}
    how = {"reason": "because", "if_match": node.board.facility(reference).seq} | how
    return await change_facility(node, reference, FacilityChange(**fields), by=by, **how)


async def test_a_new_facility_has_the_version_of_its_entry(node: Node, command: Actor) -> None:
    (stored,) = await register_facilities(node, [NEW], by=command, reason="opened in June")
    assert stored == replace(NEW, seq=4)
    assert node.board.facility("bpjs:1199R001") == stored
    entry = (await entries_of(node))[-1]
    assert (entry.matter, entry.by) == (FacilitiesRegistered((stored,), MORNING, "opened in June"), command.principal)


async def test_registering_the_same_again_writes_nothing_and_gives_what_stands(node: Node, command: Actor) -> None:
    before = await entries_of(node)
    stored = await register_facilities(node, FACILITIES[:2], by=command)
    assert [one.seq for one in stored] == [2, 2]
    assert await entries_of(node) == before
    mixed = await register_facilities(node, [FACILITIES[0], NEW], by=command)
    assert [(one.facility_id, one.seq) for one in mixed] == [("rs-a", 2), ("pkm-f", 4)]


async def test_registering_what_another_node_registered_gives_what_stands(
    neighbour: Node, node: Node, command: Actor
) -> None:
    stored = await register_facilities(node, [NEW], by=command)
    assert await register_facilities(neighbour, [NEW], by=command) == stored


async def test_all_faults_are_named_and_nothing_is_written(node: Node, command: Actor) -> None:
    before = await entries_of(node)
    with pytest.raises(InvalidInput) as refused:
        await register_facilities(
            node,
            [
                NEW,
                replace(NEW, facility_id="not an id", identifiers={}),
                replace(NEW, facility_id="b", area_code="99", name=" ", lat=-6.9, identifiers={"Sirs": "1"}),
                replace(NEW, facility_id="c", lat=91.0, lon=-181.0, identifiers={"sirs": "a b"}),
                replace(NEW, facility_id="d", lat=float("nan"), lon=1.0, identifiers={}),
                replace(NEW, facility_id="pkm-f"),
                replace(NEW, facility_id="e", identifiers={}, thresholds=hours(2, 1)),
                replace(NEW, facility_id="f", identifiers={}, thresholds=hours(0, 1)),
            ],
            by=command,
        )
    assert [fault.pointer for fault in refused.value.faults] == [
        *("#/1/facility_id", "#/2/area_code", "#/2/name", "#/2/lat", "#/2/identifiers"),
        *("#/3/lat", "#/3/lon", "#/3/identifiers", "#/4/lat", "#/6/thresholds", "#/7/thresholds"),
        *("#/5/facility_id", "#/5/identifiers"),
    ]
    assert await entries_of(node) == before


@on_sqlite
@pytest.mark.parametrize(
    "other",
    [
        replace(FACILITIES[0], name="Another name"),
        replace(FACILITIES[0], identifiers={}),
        replace(FACILITIES[0], kind=FacilityKind.clinic),
        replace(NEW, identifiers={"sirs": "3374001"}),
    ],
    ids=["name", "identifiers", "kind", "identifier of another"],
)
async def test_an_id_or_identifier_that_is_taken_is_a_conflict_and_nothing_is_written(
    node: Node, command: Actor, other: Facility
) -> None:
    before = await entries_of(node)
    with pytest.raises(Conflict):
        await register_facilities(node, [replace(NEW, facility_id="z", identifiers={}), other], by=command)
    assert await entries_of(node) == before


@on_sqlite
async def test_the_same_value_in_another_system_is_another_identifier(node: Node, command: Actor) -> None:
    (stored,) = await register_facilities(node, [replace(NEW, identifiers={"bpjs": "3374001"})], by=command)
    assert node.board.facility("sirs:3374001").facility_id == "rs-a"
    assert node.board.facility("bpjs:3374001") == stored


async def test_many_facilities_are_written_in_parts_and_in_order(
    node: Node, command: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_facilities, "FACILITIES_PER_ENTRY", 2)
    many = [replace(NEW, facility_id=f"h{n}", identifiers={}) for n in range(5)]
    stored = await register_facilities(node, many, by=command)
    assert [(one.facility_id, one.seq) for one in stored] == [("h0", 4), ("h1", 4), ("h2", 5), ("h3", 5), ("h4", 6)]


@on_sqlite
async def test_only_the_nation_and_the_operator_register(node: Node, hospital: Actor, district: Actor) -> None:
    for by in (hospital, district):
        with pytest.raises(NotPermitted):
            await register_facilities(node, [NEW], by=by)
    await register_facilities(node, [NEW], by=OPERATOR)


async def test_a_change_is_dated_and_has_an_author_and_a_reason(node: Node, district: Actor) -> None:
    yesterday = MORNING - timedelta(days=1)
    changed = await change(node, district, name="RS Baru", reason="new owner", effective_at=yesterday)
    assert changed == replace(FACILITIES[0], name="RS Baru", seq=4)
    assert node.board.facility("rs-a") == changed
    entry = (await entries_of(node))[-1]
    assert (entry.matter, entry.by) == (FacilitiesRegistered((changed,), yesterday, "new owner"), district.principal)


async def test_closing_and_opening_are_dated(node: Node, district: Actor) -> None:
    opened_at, closed_at = MORNING - timedelta(days=1), MORNING - timedelta(days=2)
    closed = await change(node, district, is_open=False, effective_at=closed_at)
    assert (closed.closed_at, closed.opened_at, closed.is_open) == (closed_at, None, False)
    again = await change(node, district, is_open=False)
    assert again == closed, "it is closed already"
    opened = await change(node, district, is_open=True, effective_at=opened_at)
    assert (opened.closed_at, opened.opened_at, opened.is_open) == (None, opened_at, True)
    assert (await change(node, district, is_open=False)).closed_at == MORNING


@on_sqlite
async def test_a_change_that_changes_nothing_writes_nothing(node: Node, district: Actor) -> None:
    before = await entries_of(node)
    assert await change(node, district, name="RS A", is_open=True) == replace(FACILITIES[0], seq=2)
    assert await change(node, district) == replace(FACILITIES[0], seq=2)
    assert await entries_of(node) == before


@on_sqlite
async def test_who_has_not_read_the_last_version_changes_nothing(node: Node, district: Actor) -> None:
    changed = await change(node, district, name="First")
    for if_match, refusal in ((None, PreconditionRequired), (2, PreconditionFailed), (99, PreconditionFailed)):
        with pytest.raises(refusal):
            await change(node, district, name="Second", if_match=if_match)
    assert node.board.facility("rs-a") == changed
    assert (await change(node, district, name="Second", if_match=changed.seq)).name == "Second"


async def test_of_two_officers_at_two_nodes_the_second_has_to_read_again(
    neighbour: Node, node: Node, command: Actor
) -> None:
    await neighbour.follower.catch_up()
    await change(node, command, name="First")
    with pytest.raises(PreconditionFailed):
        await change(neighbour, command, name="Second")


async def test_none_takes_a_value_away_and_what_is_not_named_stays(node: Node, command: Actor) -> None:
    limits = hours(1, 2)
    changed = await change(
        node, command, phone="024", counting_channel=Channel.sirs, thresholds=limits, beds_stated=9, address="Jl. X"
    )
    assert (changed.phone, changed.counting_channel, changed.thresholds) == ("024", Channel.sirs, limits)
    changed = await change(node, command, phone=None, counting_channel=None, thresholds=None, lat=None, lon=None)
    assert changed == replace(FACILITIES[0], seq=5, beds_stated=9, address="Jl. X", lat=None, lon=None)


@on_sqlite
async def test_moving_changes_where_the_figures_count(node: Node, command: Actor) -> None:
    await submit_reports(node, [report(line(beds_total=7))], by=command)
    await change(node, command, area_code="33.75")
    assert node.board.roll_up("33.74", MORNING).totals.beds_total is None
    assert node.board.roll_up("33.75", MORNING).totals.beds_total == 7


@on_sqlite
@pytest.mark.parametrize(
    "fields", [{"area_code": "33.75"}, {"kind": FacilityKind.clinic}, {"identifiers": {}}], ids=["area", "kind", "ids"]
)
async def test_an_officer_of_the_area_tends_a_facility_but_does_not_re_register_it(
    node: Node, district: Actor, fields: dict[str, Any]
) -> None:
    with pytest.raises(NotPermitted):
        await change(node, district, **fields)
    await change(node, district, phone="024", operated_by="city")


@on_sqlite
async def test_nobody_changes_what_is_not_his(node: Node, hospital: Actor, district: Actor) -> None:
    with pytest.raises(NotPermitted):
        await change(node, hospital, name="Mine")
    with pytest.raises(NotPermitted):
        await change(node, district, "rs-e", name="Mine")
    with pytest.raises(NotPermitted):
        await change(node, OPERATOR, is_open=False)


async def test_an_identifier_is_free_again_when_its_facility_gives_it_up(node: Node, command: Actor) -> None:
    with pytest.raises(Conflict):
        await change(node, command, "rs-b", identifiers={"sirs": "3374001"})
    await change(node, command, "rs-a", identifiers={"sirs": "3374009", "bpjs": "B1"})
    await change(node, command, "rs-b", identifiers={"sirs": "3374001"})
    assert node.board.facility("sirs:3374001").facility_id == "rs-b"
    assert node.board.facility("sirs:3374009").facility_id == "rs-a"
    assert node.board.facility("bpjs:B1").facility_id == "rs-a"


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"area_code": "99"}, "#/0/area_code"),
        ({"name": ""}, "#/0/name"),
        ({"lat": 1.0, "lon": None}, "#/0/lat"),
        ({"thresholds": hours(3, 2)}, "#/0/thresholds"),
        ({"thresholds": Thresholds(timedelta(seconds=0.4), timedelta(hours=1))}, "#/0/thresholds"),
        ({"thresholds": Thresholds(timedelta(seconds=90.5), timedelta(hours=1))}, "#/0/thresholds"),
        ({"thresholds": Thresholds(timedelta(seconds=90), timedelta(seconds=90.5))}, "#/0/thresholds"),
    ],
    ids=str,
)
async def test_a_change_that_cannot_be_true_is_refused(
    node: Node, command: Actor, fields: dict[str, Any], pointer: str
) -> None:
    """Limits are kept in whole seconds: a fraction would be one thing here and another after a restart."""
    before = await entries_of(node)
    with pytest.raises(InvalidInput) as refused:
        await change(node, command, **fields)
    assert [fault.pointer for fault in refused.value.faults] == [pointer]
    assert await entries_of(node) == before


@on_sqlite
async def test_an_unknown_facility_is_not_found(node: Node, command: Actor) -> None:
    with pytest.raises(NotFound):
        await change_facility(node, "nobody", FacilityChange(), by=command, reason="", if_match=1)


async def test_a_key_that_another_node_revoked_changes_nothing(neighbour: Node, node: Node, command: Actor) -> None:
    await neighbour.follower.catch_up()
    assert command.key is not None
    await revoke_key(node, command.key, by=OPERATOR)
    before = await entries_of(node)
    with pytest.raises(Unauthenticated):
        await register_facilities(neighbour, [NEW], by=command)
    with pytest.raises(Unauthenticated):
        await change(neighbour, command, name="Mine")
    assert await entries_of(node) == before


async def test_a_change_that_fails_half_way_leaves_nothing(
    node: Node, command: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stop(*_: object) -> None:
        raise Refusal

    before = await entries_of(node)
    with monkeypatch.context() as patched:
        patched.setattr(registry, "put_facilities", stop)
        with pytest.raises(Refusal):
            await register_facilities(node, [NEW], by=command)
    assert await entries_of(node) == before
    assert [one.seq for one in await register_facilities(node, [NEW], by=command)] == [4]
