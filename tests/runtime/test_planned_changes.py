"""Planned changes of facilities take effect by the clock: once, on every node, also after all nodes have slept."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.actions.maintenance.rebuild import rebuild
from app.actions.maintenance.verify import verify
from app.actions.register_facilities import (
    cancel_planned_change,
    change_facility,
    register_facilities,
)
from app.actions.submit_reports import submit_reports
from app.domain.channels import Channel
from app.domain.errors import (
    Conflict,
    FacilityClosed,
    InvalidInput,
    NotFound,
    NotPermitted,
    PreconditionFailed,
    PreconditionRequired,
    Unavailable,
)
from app.domain.ledger import FacilitiesRegistered
from app.domain.permissions import OPERATOR, Actor
from app.domain.registry.facility import Facility, FacilityKind
from app.domain.registry.facility_change import FacilityChange
from app.domain.reports.report import Receipt
from app.runtime import planned_changes as module
from app.runtime.node import Node, open_node
from app.runtime.planned_changes import PlannedChanges
from tests.conftest import SECRET_KEY, Clock, entries_of, on_sqlite
from tests.factories import MORNING, line, report
from tests.serving import eventually

HOUR = timedelta(hours=1)
NEW = Facility("pkm-f", FacilityKind.clinic, "Puskesmas F", "33.74.01", "city", identifiers={"bpjs": "1199R001"})


@pytest.fixture(autouse=True)
def by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker of a node looks once at its start; then the tests say when it looks."""
    monkeypatch.setattr(module, "LOOK_SECONDS", 3600)


async def plan(node: Node, by: Actor, reference: str = "rs-a", hours: float = 1, **fields: Any) -> Facility:
    seq = node.board.facility(reference).seq
    return await change_facility(
        node,
        reference,
        FacilityChange(**fields),
        by=by,
        reason="because",
        if_match=seq,
        effective_at=MORNING + hours * HOUR,
    )


async def cancel(node: Node, by: Actor, reference: str, plan_id: str, **how: Any) -> Facility:
    seq = node.board.facility(reference).seq
    return await cancel_planned_change(node, reference, plan_id, by=by, reason="x", **{"if_match": seq} | how)


async def look(node: Node) -> int:
    return await PlannedChanges(node.board, node.write_queue, node.clock).carry_out_due()


def beds(node: Node, area: str) -> int | None:
    return node.board.roll_up(area, node.clock()).totals.beds_total


async def test_a_planned_closing_is_one_entry_now_and_one_at_its_time(
    node: Node, district: Actor, clock: Clock
) -> None:
    before = node.board.facility("rs-a")
    planned = await plan(node, district, is_open=False)
    assert planned.is_open
    [change] = planned.planned
    assert (change.effective_at, change.reason, change.by) == (MORNING + HOUR, "because", district.principal)
    assert change.changes == {"is_open": False}
    entry = (await entries_of(node))[-1]
    assert entry.matter == FacilitiesRegistered((planned,), MORNING, "because")
    clock.now = MORNING + HOUR - timedelta(microseconds=1)
    assert await look(node) == 0
    clock.now = MORNING + HOUR + timedelta(seconds=0.4)
    assert await look(node) == 1
    closed = node.board.facility("rs-a")
    assert (closed.closed_at, closed.planned, closed.name) == (MORNING + HOUR, (), before.name)
    entry = (await entries_of(node))[-1]
    assert entry.matter == FacilitiesRegistered((closed,), MORNING + HOUR, "because")
    assert (entry.by, entry.recorded_at) == (district.principal, clock.now)
    assert await look(node) == 0
    assert await verify(node.database.url) == []


async def test_the_worker_of_a_node_does_it_within_a_second(
    node: Node, district: Actor, clock: Clock, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await plan(node, district, is_open=False)
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.5)
    async with open_node(database_url=database_url, clock=clock) as other:
        clock.now = MORNING + HOUR
        await eventually(lambda: not other.board.facility("rs-a").is_open, seconds=1)


async def test_moves_and_new_identifiers_take_effect_in_all_tables(node: Node, command: Actor, clock: Clock) -> None:
    await submit_reports(node, [report(line(beds_total=7))], by=command)
    await plan(node, command, area_code="33.75", identifiers={"sirs": "9"}, kind=FacilityKind.clinic)
    assert (beds(node, "33.74"), beds(node, "33.75")) == (7, None)
    clock.now = MORNING + HOUR
    await look(node)
    assert (beds(node, "33.74"), beds(node, "33.75")) == (None, 7)
    assert node.board.facility("sirs:9").facility_id == "rs-a"
    assert await verify(node.database.url) == []


async def test_what_an_officer_changed_in_between_is_kept(node: Node, command: Actor, clock: Clock) -> None:
    await plan(node, command, name="New", counting_channel=Channel.sirs)
    seq = node.board.facility("rs-a").seq
    between = FacilityChange(phone="024", name="Between")
    await change_facility(node, "rs-a", between, by=command, reason="", if_match=seq)
    clock.now = MORNING + HOUR
    await look(node)
    facility = node.board.facility("rs-a")
    assert (facility.name, facility.phone, facility.counting_channel) == ("New", "024", Channel.sirs)


@pytest.mark.parametrize("at_once", [1, 3, 25])
async def test_several_plans_take_effect_in_order_each_with_its_own_time(
    node: Node, district: Actor, clock: Clock, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """All nodes slept through all of them; a transaction has some of them."""
    monkeypatch.setattr(module, "CARRIED_OUT_AT_ONCE", at_once)
    await plan(node, district, hours=3, is_open=True)
    await plan(node, district, hours=1, name="First", is_open=False)
    await plan(node, district, hours=1, name="Second")
    await plan(node, district, "rs-b", hours=2, name="Other")
    before = len(await entries_of(node))
    clock.now = MORNING + 9 * HOUR
    assert await look(node) == 4
    entries = (await entries_of(node))[before:]
    told = [
        (entry.matter.effective_at - MORNING, facility.facility_id, facility.name, facility.is_open)
        for entry in entries
        if isinstance(entry.matter, FacilitiesRegistered)
        for facility in entry.matter.facilities
    ]
    assert told == [
        (1 * HOUR, "rs-a", "First", False),
        (1 * HOUR, "rs-a", "Second", False),
        (2 * HOUR, "rs-b", "Other", True),
        (3 * HOUR, "rs-a", "Second", True),
    ]
    assert node.board.facility("rs-a").opened_at == MORNING + 3 * HOUR


async def test_a_node_that_starts_later_carries_out_what_was_slept_through(
    node: Node, district: Actor, clock: Clock, database_url: str
) -> None:
    await plan(node, district, is_open=False)
    clock.now = MORNING + 24 * HOUR
    async with open_node(database_url=database_url, secret_keys=[SECRET_KEY], clock=clock) as later:
        await eventually(lambda: not later.board.facility("rs-a").is_open)
        assert later.board.facility("rs-a").closed_at == MORNING + HOUR
        await node.follower.catch_up()
        assert later.board.contents() == node.board.contents()


async def test_of_two_nodes_one_carries_it_out(neighbour: Node, node: Node, district: Actor, clock: Clock) -> None:
    await plan(node, district, is_open=False)
    await neighbour.follower.catch_up()
    before = len(await entries_of(node))
    clock.now = MORNING + HOUR
    assert await look(node) == 1
    assert neighbour.board.facility("rs-a").is_open, "it has not read the entry of the other"
    assert await look(neighbour) == 0
    assert len(await entries_of(node)) == before + 1
    assert neighbour.board.contents() == node.board.contents()


async def test_the_tables_are_rebuilt_with_their_plans(node: Node, command: Actor, database_url: str) -> None:
    await plan(node, command, area_code="33.75", phone=None, lat=None, lon=None)
    await register_facilities(node, [Facility(**_fields(NEW), opened_at=MORNING + HOUR)], by=command)
    before = node.board.contents()
    await rebuild(database_url)
    assert await verify(database_url) == []
    async with open_node(database_url=database_url, secret_keys=[SECRET_KEY], clock=node.clock) as again:
        assert again.board.contents() == before


def _fields(facility: Facility, **changed: Any) -> dict[str, Any]:
    return {name: getattr(facility, name) for name in ("facility_id", "kind", "name", "area_code")} | changed


async def test_an_identifier_that_was_taken_meanwhile_is_a_problem_that_the_officer_sees(
    node: Node, command: Actor, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    await plan(node, command, identifiers={"sirs": "77"}, name="New")
    await plan(node, command, "rs-b", hours=2, name="B")
    await register_facilities(node, [Facility(**_fields(NEW), identifiers={"sirs": "77"})], by=command)
    clock.now = MORNING + 3 * HOUR
    with caplog.at_level(logging.WARNING):
        assert await look(node) == 2
    assert "rs-a" in caplog.text
    facility = node.board.facility("rs-a")
    assert (facility.name, facility.identifiers) == ("RS A", {"sirs": "3374001"})
    [kept] = facility.planned
    assert kept.problem == "sirs:77 is already the identifier of another facility."
    assert (await entries_of(node))[-2].by == OPERATOR.principal
    assert node.board.facility("rs-b").name == "B"
    assert await look(node) == 0, "it is not tried again"
    assert (await cancel(node, command, "rs-a", kept.plan_id)).planned == ()
    assert await verify(node.database.url) == []


@on_sqlite
async def test_a_plan_whose_values_no_longer_fit_is_a_problem(node: Node, command: Actor, clock: Clock) -> None:
    await plan(node, command, lat=-6.9, lon=110.4)
    await plan(node, command, hours=2, lat=-6.8)
    first = node.board.facility("rs-a").planned[0]
    await cancel(node, command, "rs-a", first.plan_id)
    seq = node.board.facility("rs-a").seq
    await change_facility(node, "rs-a", FacilityChange(lat=None, lon=None), by=command, reason="", if_match=seq)
    clock.now = MORNING + 2 * HOUR
    await look(node)
    facility = node.board.facility("rs-a")
    assert (facility.lat, facility.planned[0].problem) == (None, "lat: lat and lon must be given together")


@on_sqlite
async def test_one_change_that_fails_does_not_block_the_others(
    node: Node, district: Actor, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await plan(node, district, is_open=False)
    await plan(node, district, "rs-b", hours=2, is_open=False)
    record = module.record_facilities

    async def fail(transaction: Any, facilities: list[Facility], board: Any, **how: Any) -> list[Facility]:
        if facilities[0].facility_id == "rs-a":
            raise RuntimeError("a fault of this program")
        return await record(transaction, facilities, board, **how)

    clock.now = MORNING + 2 * HOUR
    with monkeypatch.context() as patched:
        patched.setattr(module, "record_facilities", fail)
        with pytest.raises(RuntimeError):
            await look(node)
    assert node.board.facility("rs-a").is_open
    assert not node.board.facility("rs-b").is_open
    assert await look(node) == 1


@on_sqlite
async def test_an_outage_ends_the_round(node: Node, district: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    for reference in ("rs-a", "rs-b"):
        await plan(node, district, reference, is_open=False)
    tried = 0

    async def away(*_: Any, **__: Any) -> None:
        nonlocal tried
        tried += 1
        raise Unavailable

    changes = PlannedChanges(node.board, node.write_queue, lambda: MORNING + HOUR)
    monkeypatch.setattr(node.write_queue, "change", away)
    with pytest.raises(Unavailable):
        await changes.carry_out_due()
    assert tried == 1


# Planning and cancelling.


@pytest.mark.parametrize(
    ("fields", "hours", "pointer"),
    [
        ({"area_code": "99"}, 1, "#/0/area_code"),
        ({"lat": None}, 1, "#/0/lat"),
        ({"is_open": False}, 24 * 1_900, "#/effective_at"),
        ({}, 1, "#/effective_at"),
    ],
    ids=["area", "location", "too far", "nothing"],
)
@on_sqlite
async def test_a_plan_that_cannot_be_is_refused(
    node: Node, command: Actor, fields: dict[str, Any], hours: float, pointer: str
) -> None:
    before = await entries_of(node)
    with pytest.raises(InvalidInput) as refused:
        await plan(node, command, hours=hours, **fields)
    assert [fault.pointer for fault in refused.value.faults] == [pointer]
    assert await entries_of(node) == before


@on_sqlite
async def test_a_plan_builds_on_the_plans_before_it(node: Node, command: Actor) -> None:
    await plan(node, command, hours=1, lat=None, lon=None)
    with pytest.raises(InvalidInput):
        await plan(node, command, hours=2, lat=-6.9)
    await plan(node, command, hours=0.5, lat=-6.9)


@on_sqlite
async def test_an_identifier_of_another_facility_is_a_conflict_when_it_is_planned(node: Node, command: Actor) -> None:
    with pytest.raises(Conflict):
        await plan(node, command, "rs-b", identifiers={"sirs": "3374001"})


@on_sqlite
async def test_planning_and_cancelling_need_the_permission_of_the_change(
    node: Node, hospital: Actor, district: Actor, command: Actor
) -> None:
    with pytest.raises(NotPermitted):
        await plan(node, hospital, is_open=False)
    with pytest.raises(NotPermitted):
        await plan(node, district, area_code="33.75")
    await plan(node, command, area_code="33.75")
    await plan(node, command, hours=2, is_open=False)
    move, closing = node.board.facility("rs-a").planned
    with pytest.raises(NotPermitted):
        await cancel(node, hospital, "rs-a", closing.plan_id)
    with pytest.raises(NotPermitted):
        await cancel(node, district, "rs-a", move.plan_id)
    assert (await cancel(node, district, "rs-a", closing.plan_id)).planned == (move,)


@on_sqlite
async def test_a_plan_is_cancelled_by_who_has_read_the_last_version(node: Node, district: Actor, clock: Clock) -> None:
    [change] = (await plan(node, district, is_open=False)).planned
    for if_match, refusal in ((None, PreconditionRequired), (2, PreconditionFailed)):
        with pytest.raises(refusal):
            await cancel(node, district, "rs-a", change.plan_id, if_match=if_match)
    with pytest.raises(NotFound):
        await cancel(node, district, "rs-a", "other")
    assert (await cancel(node, district, "rs-a", change.plan_id)).planned == ()
    clock.now = MORNING + HOUR
    assert await look(node) == 0
    assert node.board.facility("rs-a").is_open


@on_sqlite
async def test_who_changes_a_facility_after_the_time_of_a_plan_reads_it_first(
    node: Node, district: Actor, clock: Clock
) -> None:
    """Else the plan would take effect after a change that is newer than it."""
    await plan(node, district, is_open=False)
    clock.now = MORNING + 2 * HOUR
    seq = node.board.facility("rs-a").seq
    with pytest.raises(PreconditionFailed):
        await change_facility(node, "rs-a", FacilityChange(name="N"), by=district, reason="", if_match=seq)


# Registered before they open.


async def test_a_facility_that_opens_later_takes_no_reports_until_then(
    node: Node, command: Actor, clock: Clock
) -> None:
    given = Facility(**_fields(NEW), opened_at=MORNING + HOUR)
    [stored] = await register_facilities(node, [given], by=command)
    assert (stored.is_open, stored.opened_at, stored.opens_at) == (False, MORNING + HOUR, MORNING + HOUR)
    said = report(facility_id="pkm-f")
    [answer] = await submit_reports(node, [said], by=command)
    assert isinstance(answer, FacilityClosed)
    assert answer.detail == "This facility opens on 2026-11-23 at 04:00 UTC and accepts no reports before."
    assert node.board.roll_up("33.74.01", MORNING).reporting.facilities == 3
    assert await register_facilities(node, [given], by=command) == [stored], "the same again"
    clock.now = MORNING + HOUR
    assert await look(node) == 1
    opened = node.board.facility("pkm-f")
    assert (opened.is_open, opened.opened_at, opened.planned) == (True, MORNING + HOUR, ())
    assert await register_facilities(node, [given], by=command) == [opened], "and after it has opened"
    [answer] = await submit_reports(node, [said], by=command)
    assert isinstance(answer, Receipt)
    assert await verify(node.database.url) == []


@on_sqlite
async def test_a_facility_cannot_be_registered_for_a_time_too_far_ahead(node: Node, command: Actor) -> None:
    given = Facility(**_fields(NEW), opened_at=MORNING + timedelta(days=2_000))
    with pytest.raises(InvalidInput) as refused:
        await register_facilities(node, [given], by=command)
    assert [fault.pointer for fault in refused.value.faults] == ["#/0/opened_at"]


@on_sqlite
async def test_a_first_opening_may_be_cancelled_or_come_earlier(node: Node, command: Actor, clock: Clock) -> None:
    given = [Facility(**_fields(NEW, facility_id=name), opened_at=MORNING + HOUR) for name in ("cancelled", "earlier")]
    cancelled, earlier = await register_facilities(node, given, by=command)
    left = await cancel(node, command, "cancelled", cancelled.planned[0].plan_id)
    clock.now = MORNING + HOUR / 2
    opened = await change_facility(
        node, "earlier", FacilityChange(is_open=True), by=command, reason="", if_match=earlier.seq
    )
    assert (opened.is_open, opened.opened_at) == (True, clock.now)
    clock.now = MORNING + HOUR
    assert await look(node) == 1
    assert node.board.facility("cancelled") == left
    assert not left.is_open
    assert node.board.facility("earlier").opened_at == MORNING + HOUR / 2


async def test_a_board_of_many_plans_knows_those_that_are_due(node: Node, command: Actor) -> None:
    when: Callable[[datetime], list[tuple[datetime, str]]] = node.board.planned_until
    await plan(node, command, "rs-b", hours=2, is_open=False)
    await plan(node, command, "rs-a", hours=1, is_open=False)
    assert when(MORNING) == []
    assert [each for _, each in when(MORNING + 2 * HOUR)] == ["rs-a", "rs-b"]
    [change] = node.board.facility("rs-a").planned
    await cancel(node, command, "rs-a", change.plan_id)
    assert [each for _, each in when(MORNING + 2 * HOUR)] == ["rs-b"]
