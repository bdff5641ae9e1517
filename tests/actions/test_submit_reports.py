"""Submitting reports: outcomes and refusals."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.actions.hospitals import Hospital, add_hospital
from app.actions.keys import revoke_key
from app.actions.maintenance.verify import verify
from app.actions.register_facilities import FacilityChange, change_facility, register_facilities
from app.actions.report_history import reports_of
from app.actions.submit_reports import submit_reports
from app.domain.capacity import Totals
from app.domain.channels import Channel
from app.domain.errors import (
    FacilityClosed,
    InvalidInput,
    InvalidReportId,
    NotFound,
    NotPermitted,
    Refusal,
    ReportConflict,
    Unauthenticated,
)
from app.domain.ledger import LedgerEntry
from app.domain.permissions import NATIONAL, OPERATOR, Actor, Role, Scope, ScopeKind
from app.domain.registry.facility import Facility, FacilityKind
from app.domain.reports import lines, rows
from app.domain.reports.report import BACKFILL_AGE, Outcome, Receipt, Report
from app.domain.reports.rows import Written
from app.protocols.sirs.message import SirsRow
from app.protocols.sirs.rows import delete_row, write_row
from app.protocols.write_rows import write_rows
from app.runtime.node import Node, open_node
from app.runtime.row_ender import RowEnder
from tests.conftest import CITY, Clock, entries_of, holder_of, on_sqlite
from tests.factories import MORNING, build_world, line, report


async def submit(node: Node, said: Report, by: Actor) -> Receipt | Refusal:
    return (await submit_reports(node, [said], by=by))[0]


async def accepted(node: Node, said: Report, by: Actor) -> Receipt:
    answer = await submit(node, said, by)
    assert isinstance(answer, Receipt), answer
    return answer


async def refused(node: Node, said: Report, by: Actor) -> type[Refusal]:
    """What it was refused with; nothing was stored."""
    before, position = await entries_of(node), node.board.position
    answer = await submit(node, said, by)
    assert isinstance(answer, Refusal), answer
    assert await entries_of(node) == before
    assert node.board.position == position
    return type(answer)


def totals(node: Node, code: str = "33.74") -> Totals:
    return node.board.roll_up(code, node.clock()).totals


async def test_a_report_is_answered_when_it_is_stored_and_on_the_board(node: Node, hospital: Actor) -> None:
    said = report(line(), report_id="first")
    receipt = await accepted(node, said, hospital)
    assert receipt == Receipt(
        *(4, "first", "rs-a", MORNING, MORNING),
        repeated=False,
        outcome=Outcome.applied,
        warnings=(),
        position_token=str(node.board.head),
    )
    assert node.board.position == 4
    assert totals(node).beds_total == 10
    entry = (await entries_of(node))[-1]
    assert (entry.seq, entry.by, entry.matter) == (4, hospital.principal, said)


async def test_the_same_report_again_gives_the_same_receipt_and_changes_nothing(node: Node, hospital: Actor) -> None:
    said = report(line(beds_total=10, beds_occupied=11))
    first = await accepted(node, said, hospital)
    await accepted(node, report(line(beds_total=20), minutes=1), hospital)
    before = await entries_of(node)
    assert first.warnings
    assert await accepted(node, said, hospital) == replace(first, repeated=True)
    assert await entries_of(node) == before
    assert totals(node).beds_total == 20


async def test_the_same_report_twice_in_one_call_is_one_report(node: Node, hospital: Actor) -> None:
    said = report()
    first, second = await submit_reports(node, [said, said], by=hospital)
    assert isinstance(first, Receipt)
    assert second == replace(first, repeated=True)
    assert len(await entries_of(node)) == 4


async def test_the_same_id_with_other_content_is_a_conflict(node: Node, hospital: Actor) -> None:
    await accepted(node, report(report_id="once"), hospital)
    for other in (
        report(line(beds_total=11), report_id="once"),
        report(report_id="once", minutes=1),
        report(line(), report_id="once", complete=True),
        report(report_id="once", channel=Channel.sirs),
    ):
        assert await refused(node, other, hospital) is ReportConflict
    answers = await submit_reports(node, [report(report_id="x"), report(report_id="x", minutes=1)], by=hospital)
    assert [type(answer) for answer in answers] == [Receipt, ReportConflict]


@on_sqlite
async def test_ids_of_different_senders_do_not_meet(node: Node, hospital: Actor, district: Actor) -> None:
    await accepted(node, report(report_id="1"), hospital)
    receipt = await accepted(node, report(line(beds_total=3), report_id="1", minutes=1), district)
    assert (receipt.repeated, totals(node).beds_total) == (False, 3)


async def test_a_late_report_is_kept_but_does_not_move_the_board(node: Node, hospital: Actor) -> None:
    await accepted(node, report(line(beds_total=20), minutes=2), hospital)
    receipt = await accepted(node, report(line(beds_total=10), minutes=1), hospital)
    assert receipt.outcome is Outcome.late
    assert [warning.code for warning in receipt.warnings] == ["clock_ahead", "late"]
    assert totals(node).beds_total == 20
    _, kept, _ = await reports_of(node, "rs-a", by=hospital, before=None, limit=10)
    assert [(one.seq, one.verdict.outcome) for one in kept] == [(5, "late"), (4, "applied")]


async def test_of_two_reports_of_one_moment_the_later_one_stands(node: Node, hospital: Actor) -> None:
    first, second = report(line(beds_total=1)), report(line(beds_total=2))
    await submit_reports(node, [first, second], by=hospital)
    assert totals(node).beds_total == 2
    await accepted(node, first, hospital)
    assert totals(node).beds_total == 2


async def test_each_report_is_judged_alone_and_answered_in_its_place(node: Node, hospital: Actor, clock: Clock) -> None:
    clock.advance(minutes=30)
    answers = await submit_reports(
        node,
        [
            report(line("no_such_bed")),
            report(line("icu", beds_total=1)),
            report(facility_id="rs-b"),
            report(facility_id="nobody"),
            replace(report(), report_id="not an id"),
            report(line("icu", beds_total=2), minutes=1),
        ],
        by=hospital,
    )
    kinds = [InvalidInput, Receipt, NotPermitted, NotFound, InvalidReportId, Receipt]
    assert [type(answer) for answer in answers] == kinds
    assert [answer.seq for answer in answers if isinstance(answer, Receipt)] == [4, 5]
    assert totals(node).beds_total == 2


@on_sqlite
async def test_nothing_to_store_is_nothing_stored(node: Node, hospital: Actor) -> None:
    assert await submit_reports(node, [], by=hospital) == []
    assert node.board.position == 3


@on_sqlite
async def test_a_facility_may_be_named_by_an_identifier(node: Node, hospital: Actor) -> None:
    receipt = await accepted(node, report(facility_id="sirs:3374001", report_id="r"), hospital)
    assert receipt.facility_id == "rs-a"
    again = await accepted(node, report(facility_id="rs-a", report_id="r"), hospital)
    assert again.repeated


@on_sqlite
@pytest.mark.parametrize(
    ("scope", "mine", "not_mine"),
    [
        (Scope(ScopeKind.facility, "rs-a"), ["rs-a"], ["rs-b", "rw-d", "iso-c"]),
        (CITY, ["rs-a", "rs-b", "iso-c", "rw-d"], ["rs-e"]),
        (Scope(ScopeKind.area, "33.74.01.1001"), ["rs-a", "rw-d"], ["rs-b", "iso-c", "rs-e"]),
        (NATIONAL, ["rs-a", "rs-b", "iso-c", "rw-d", "rs-e"], []),
    ],
)
async def test_nobody_reports_for_what_is_not_his(
    node: Node, scope: Scope, mine: list[str], not_mine: list[str]
) -> None:
    by = await holder_of(node, scope)
    for facility_id in mine:
        await accepted(node, report(line("isolation_bed"), facility_id=facility_id), by)
    for facility_id in not_mine:
        assert await refused(node, report(line("isolation_bed"), facility_id=facility_id), by) is NotPermitted
        assert await refused(node, report(line("no_such_bed"), facility_id=facility_id), by) is NotPermitted
    assert await refused(node, report(facility_id="nobody"), by) is NotFound


@on_sqlite
async def test_a_subscriber_and_the_operator_do_not_report(node: Node) -> None:
    reader = Actor("k_reader", Role.subscriber, NATIONAL)
    for by in (reader, OPERATOR):
        assert await refused(node, report(), by) is NotPermitted


@on_sqlite
async def test_where_figures_are_not_public_a_hidden_facility_and_an_unknown_one_answer_alike(
    database_url: str, clock: Clock
) -> None:
    async with open_node(database_url=database_url, clock=clock, public_read=False) as node:
        await build_world(node)
        by = await holder_of(node, Scope(ScopeKind.facility, "rs-a"))
        assert await refused(node, report(facility_id="rs-b"), by) is NotFound
        assert await refused(node, report(facility_id="nobody"), by) is NotFound
        await accepted(node, report(), by)


async def test_a_closed_facility_takes_no_reports_but_repeats_its_receipts(
    node: Node, hospital: Actor, district: Actor
) -> None:
    said = report()
    first = await accepted(node, said, hospital)
    version = node.board.facility("rs-a").seq
    closed = await change_facility(
        node, "rs-a", FacilityChange(is_open=False), by=district, reason="fire", if_match=version
    )
    assert await refused(node, report(minutes=1), hospital) is FacilityClosed
    assert await accepted(node, said, hospital) == replace(first, repeated=True)
    assert totals(node).beds_total is None
    await change_facility(node, "rs-a", FacilityChange(is_open=True), by=district, reason="", if_match=closed.seq)
    assert totals(node).beds_total == 10
    await accepted(node, report(minutes=1), hospital)


async def test_a_facility_that_was_closed_at_another_node_takes_no_reports_here(
    neighbour: Node, node: Node, hospital: Actor, command: Actor
) -> None:
    await neighbour.follower.catch_up()
    version = node.board.facility("rs-a").seq
    await change_facility(node, "rs-a", FacilityChange(is_open=False), by=command, reason="", if_match=version)
    assert neighbour.board.facility("rs-a").is_open
    assert isinstance(await submit(neighbour, report(), hospital), FacilityClosed)


async def test_a_facility_that_was_registered_at_another_node_is_known_at_once(
    neighbour: Node, node: Node, command: Actor
) -> None:
    new = Facility("rs-new", FacilityKind.hospital, "RS New", "33.74")
    await register_facilities(node, [new], by=command)
    assert (await accepted(neighbour, report(facility_id="rs-new"), command)).seq == node.board.position + 1


@on_sqlite
@pytest.mark.parametrize(("older", "is_old"), [(timedelta(0), False), (timedelta(microseconds=1), True)])
async def test_what_is_older_than_31_days_needs_an_officer(
    node: Node, hospital: Actor, district: Actor, command: Actor, *, older: timedelta, is_old: bool
) -> None:
    said = replace(report(), observed_at=MORNING - BACKFILL_AGE - older)
    if is_old:
        assert await refused(node, said, hospital) is NotPermitted
        elsewhere = replace(said, facility_id="rs-e")
        assert await refused(node, elsewhere, district) is NotPermitted
    else:
        await accepted(node, said, hospital)
    assert (await accepted(node, said, district)).outcome is Outcome.applied
    assert (await accepted(node, said, command)).outcome is Outcome.applied


async def test_a_revoked_key_is_refused_on_the_next_request(node: Node, hospital: Actor) -> None:
    said = report()
    await accepted(node, said, hospital)
    assert hospital.key is not None
    await revoke_key(node, hospital.key, by=OPERATOR)
    assert await refused(node, report(minutes=1), hospital) is Unauthenticated
    assert await refused(node, said, hospital) is Unauthenticated


async def test_a_key_that_another_node_revoked_is_refused_on_the_next_request(
    neighbour: Node, node: Node, hospital: Actor
) -> None:
    await neighbour.follower.catch_up()
    assert hospital.key is not None
    await revoke_key(node, hospital.key, by=OPERATOR)
    credential = neighbour.board.credential(hospital.key)
    assert credential is not None
    assert credential.revoked_at is None, "this node has not heard of it"
    assert isinstance(await submit(neighbour, report(), hospital), Unauthenticated)


@on_sqlite
async def test_a_key_is_refused_from_the_moment_it_expires(node: Node, clock: Clock) -> None:
    by = await holder_of(node, CITY, expires_at=MORNING + timedelta(hours=1))
    clock.advance(minutes=59, seconds=59)
    await accepted(node, report(), by)
    clock.advance(seconds=1)
    assert await refused(node, report(minutes=1), by) is Unauthenticated


async def test_after_an_outage_of_the_board_the_retry_is_a_repetition(
    node: Node, hospital: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an error that follows the commit the report is stored and not refused, and the board is loaded again."""
    said = report()
    real, number = node.follower.take, itertools.count()

    async def crash_once(entries: Sequence[LedgerEntry]) -> None:
        if next(number) == 0:
            raise SystemError("between commit and board")
        await real(entries)

    monkeypatch.setattr(node.follower, "take", crash_once)
    first = await accepted(node, said, hospital)
    assert (first.repeated, first.seq) == (False, 4)
    assert totals(node).beds_total == 10
    again = await accepted(node, said, hospital)
    assert (again.repeated, again.seq) == (True, 4)
    assert totals(node).beds_total == 10
    assert node.board.position == 4


async def test_a_repetition_at_another_node_is_answered_when_that_node_shows_it_too(
    neighbour: Node, node: Node, hospital: Actor
) -> None:
    """After an acknowledgement every later read shows it or something newer, also where it was only repeated."""
    said = report()
    await accepted(node, said, hospital)
    assert totals(neighbour).beds_total is None
    assert (await accepted(neighbour, said, hospital)).repeated
    assert totals(neighbour).beds_total == 10


async def test_who_said_what_by_which_channel_is_told_newest_first(
    node: Node, hospital: Actor, district: Actor
) -> None:
    await accepted(node, report(report_id="1"), hospital)
    await accepted(node, report(report_id="2", facility_id="rs-b"), district)
    await accepted(node, report(report_id="3", channel=Channel.sirs, minutes=1), district)
    found, page, _ = await reports_of(node, "sirs:3374001", by=hospital, before=None, limit=1)
    assert [(one.report.report_id, one.report.channel, one.by) for one in page] == [
        ("3", Channel.sirs, district.principal)
    ]
    assert found == "rs-a"
    _, page, _ = await reports_of(node, "rs-a", by=hospital, before=page[-1].seq, limit=5)
    assert [(one.report.report_id, one.by) for one in page] == [("1", hospital.principal)]
    with pytest.raises(NotPermitted):
        await reports_of(node, "rs-b", by=hospital, before=None, limit=1)
    with pytest.raises(Unauthenticated):
        await reports_of(node, "rs-a", by=None, before=None, limit=1)


async def test_a_retry_that_has_grown_old_meanwhile_is_still_a_repetition(node: Node, clock: Clock) -> None:
    by = Actor("h", Role.hospital, Scope(ScopeKind.facility, "rs-a"))
    said = report(report_id="old-1")
    await submit_reports(node, [said], by=by)
    clock.advance(days=32)
    (again,) = await submit_reports(node, [said], by=by)
    assert isinstance(again, Receipt)
    assert again.repeated


@on_sqlite
async def test_the_lines_of_a_facility_have_a_limit(
    node: Node, hospital: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One key could grow its facility without end, and with it every sum, every answer and the memory of all nodes."""
    monkeypatch.setattr(lines, "OPEN_LINES_MAX", 5)
    monkeypatch.setattr(lines, "LINES_KEPT_MAX", 8)

    def said(*wards: int, closed: bool = False, complete: bool = False, minutes: int = 0) -> Report:
        each = [line("icu", ward=f"w{n}", closed=closed) for n in wards]
        return report(*each, complete=complete, minutes=minutes)

    await accepted(node, said(1, 2, 3, minutes=-9), hospital)
    before = await entries_of(node)
    assert await refused(node, said(4, 5, 6, minutes=-8), hospital) is InvalidInput
    assert await entries_of(node) == before
    await accepted(node, said(4, 5, minutes=-7), hospital)
    await accepted(node, said(1, 2, 3, 4, 5, minutes=-6), hospital)
    await accepted(node, said(1, 2, 3, closed=True, minutes=-5), hospital)
    await accepted(node, said(6, 7, 8, minutes=-4), hospital)
    await accepted(node, said(9, complete=True, minutes=-1), hospital)
    await accepted(node, said(1, 2, 3, 4), hospital)
    answers = await submit_reports(node, [said(5, 6), said(5, minutes=1), said(4, closed=True, minutes=1)], by=hospital)
    assert [type(answer) for answer in answers] == [InvalidInput, InvalidInput, Receipt]


async def test_a_channel_with_as_many_lines_as_are_kept_forgets_closed_ones(
    node: Node, database_url: str, hospital: Actor, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Software that gives each patient's room a new code reached the limit, and no new line was accepted any more."""
    monkeypatch.setattr(lines, "OPEN_LINES_MAX", 3)
    monkeypatch.setattr(lines, "LINES_KEPT_MAX", 8)
    monkeypatch.setattr(lines, "FORGOTTEN_AT_ONCE", 2)
    for n in range(30):
        clock.advance(minutes=1)
        new, old = line("icu", ward=f"w{n:02}"), line("icu", ward=f"w{n - 2:02}", closed=True)
        await accepted(node, replace(report(new, *([old] if n > 1 else [])), observed_at=clock()), hospital)
        assert totals(node).beds_total == min(n + 1, 2) * 10
    kept = node.board.channel_state("rs-a", Channel.native).lines
    assert len(kept) <= 8
    before = node.board.copy_channel_state("rs-a", Channel.native)
    late = await accepted(node, replace(report(line("icu", ward="w00")), observed_at=MORNING), hospital)
    assert (late.outcome, node.board.copy_channel_state("rs-a", Channel.native)) == (Outcome.late, before)
    async with open_node(database_url=database_url, clock=clock) as other:
        assert other.board.contents()["channel"] == node.board.contents()["channel"]
    assert await verify(database_url) == []


async def test_rows_that_ended_are_forgotten_too_and_their_ids_are_never_issued_again(
    node: Node, database_url: str, hospital: Actor, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "ROWS_MAX", 3)
    monkeypatch.setattr(lines, "OPEN_LINES_MAX", 3)
    monkeypatch.setattr(lines, "LINES_KEPT_MAX", 5)
    monkeypatch.setattr(lines, "FORGOTTEN_AT_ONCE", 2)
    await add_hospital(node, Hospital("rs-a"), by=OPERATOR)
    issued: list[str] = []

    async def send(write: Callable[..., Written], said: SirsRow, **more: bool) -> str:
        at = lambda state, now: write(state, said, now, **more)  # noqa: E731
        return (await write_rows(node, "rs-a", Channel.sirs, at, by=hospital))[0].row_id

    for n in range(20):
        said = SirsRow("", "3", f"R{n}", 0, {"jumlah": 4, "terpakai": 1})
        issued.append(await send(write_row, said, is_post=True))
        await send(delete_row, SirsRow(issued[-1]))
        clock.advance(hours=1)
        await RowEnder(node.board, node.write_queue, clock).end_rows()
    assert len(set(issued)) == len(issued)
    assert len(node.board.channel_state("rs-a", Channel.sirs).lines) <= 5
    assert await verify(database_url) == []


async def test_a_facility_that_moves_while_its_report_waits_is_out_of_the_sender_s_scope(
    node: Node, command: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Permission is also checked under the ledger's lock, not only when the request arrives."""
    district = Actor("d", Role.district, Scope(ScopeKind.area, node.board.facility("rs-a").area_code))
    queue = node.write_queue.reports

    async def after_the_move(submissions: Any) -> Any:
        facility = node.board.facility("rs-a")
        change = FacilityChange(area_code="33.75")
        await change_facility(node, "rs-a", change, by=command, reason="moved", if_match=facility.seq)
        monkeypatch.undo()
        return await queue(submissions)

    monkeypatch.setattr(node.write_queue, "reports", after_the_move)
    [answer] = await submit_reports(node, [report()], by=district)
    assert isinstance(answer, NotFound | NotPermitted)
    assert node.board.copy_channel_state("rs-a", Channel.native).newest is None
