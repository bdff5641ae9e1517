"""Voids and corrections on both databases: what counts afterwards, who may, and that nothing is erased."""

import asyncio
from datetime import timedelta

import pytest

from app.actions import withdraw_reports as withdrawing
from app.actions.hospitals import Hospital, add_hospital
from app.actions.maintenance.rebuild import rebuild
from app.actions.maintenance.verify import verify
from app.actions.redate import redate
from app.actions.register_facilities import FacilityChange, change_facility
from app.actions.report_history import reports_of
from app.actions.submit_reports import submit_report, submit_reports
from app.actions.withdraw_reports import Correction, Withdrawing, withdraw_report
from app.board.board import Board
from app.domain.channels import Channel
from app.domain.errors import Conflict, FacilityClosed, InvalidInput, NotFound, NotPermitted, ReportConflict
from app.domain.permissions import OPERATOR, Actor
from app.domain.reports.report import Outcome, Receipt, Report, ReportLine
from app.domain.reports.withdrawal import NotWithdrawable, UnknownReport
from app.protocols.sirs.import_rows import import_rows
from app.runtime.node import Node, open_node
from app.store.repositories.snapshot import read_snapshot
from tests.api.authorisation_table import ministry_rows
from tests.conftest import RS_A, Clock, entries_of, holder_of, on_sqlite
from tests.factories import MORNING, line, report


async def send(node: Node, by: Actor, *lines: ReportLine, **how: object) -> int:
    """Store a report; its position."""
    return (await submit_report(node, report(*lines, **how), by=by)).seq  # type: ignore[arg-type]


async def void(node: Node, seq: int, by: Actor, *, reason: str = "wrong", key: str = "") -> Receipt:
    return await withdraw_report(node, "rs-a", Withdrawing(seq, reason, key or f"void-{seq}"), by=by)


async def correct(node: Node, seq: int, by: Actor, *lines: ReportLine, key: str = "", **how: object) -> Receipt:
    correction = Correction(lines, **how)  # type: ignore[arg-type]
    return await withdraw_report(node, "rs-a", Withdrawing(seq, "wrong", key or f"correct-{seq}", correction), by=by)


def totals(node: Node, channel: Channel = Channel.native) -> dict[str, int | None]:
    """The totals of the open lines of rs-a, by bed type."""
    lines = node.board.channel_state("rs-a", channel).lines
    return {key.bed_type: each.beds.beds_total for key, each in lines.items() if each.beds is not None}


async def check_consistent(node: Node) -> None:
    """The live board is that of the tables, and that of the ledger; `verify` finds nothing."""
    async with node.database.reading() as connection:
        current = await read_snapshot(connection)
    loaded, replayed = Board(), Board()
    loaded.load(current)
    for entry in await entries_of(node):
        replayed.apply(entry)
    assert loaded.contents() == node.board.contents() == replayed.contents()
    now = node.clock()
    for area in node.board.find_areas():
        assert loaded.roll_up(area.code, now) == node.board.roll_up(area.code, now)
    assert await verify(node.database.url) == []


async def test_a_void_brings_back_what_counted_before(node: Node, hospital: Actor) -> None:
    await send(node, hospital, line("icu", beds_total=5), line("hcu", beds_total=7))
    wrong = await send(node, hospital, line("icu", beds_total=90), line("ward_1", beds_total=3), minutes=1)
    assert node.board.roll_up("33.74", node.clock()).totals.beds_total == 90 + 7 + 3
    receipt = await void(node, wrong, hospital)
    assert (receipt.outcome, receipt.of, receipt.warnings, receipt.repeated) == (Outcome.void, wrong, (), False)
    assert receipt.seq == wrong + 1 == node.board.position
    assert totals(node) == {"icu": 5, "hcu": 7}
    assert node.board.roll_up("33.74", node.clock()).totals.beds_total == 12
    state = node.board.channel_state("rs-a", Channel.native)
    assert state.newest is not None
    assert state.newest.observed_at == MORNING
    await check_consistent(node)


async def test_a_void_of_a_complete_report_opens_the_lines_that_it_closed(node: Node, hospital: Actor) -> None:
    """The figures of a whole hospital went to zero by one wrong report."""
    await send(node, hospital, line("icu"), line("hcu"))
    wrong = await send(node, hospital, minutes=1, complete=True)
    assert totals(node) == {}
    await void(node, wrong, hospital)
    assert totals(node) == {"icu": 10, "hcu": 10}
    await send(node, hospital, line("ward_1"), minutes=0.5)
    assert totals(node) == {"icu": 10, "hcu": 10, "ward_1": 10}, "no complete report closes it any more"
    await check_consistent(node)


async def test_a_void_of_the_only_report_leaves_a_facility_that_never_reported(node: Node, hospital: Actor) -> None:
    only = await send(node, hospital)
    await void(node, only, hospital)
    reporting = node.board.roll_up("33.74.01.1001", node.clock()).reporting
    assert (reporting.fresh, reporting.never) == (0, reporting.facilities)
    assert node.board.channels("rs-a") == []
    await check_consistent(node)
    await send(node, hospital, line(beds_total=3))
    assert totals(node) == {"icu": 3}
    await check_consistent(node)


async def test_a_void_of_the_counting_channel_makes_the_other_one_count(node: Node, hospital: Actor) -> None:
    await submit_report(node, report(line(beds_total=4), channel=Channel.form), by=hospital)
    only = await send(node, hospital, line(beds_total=9))
    assert node.board.roll_up("33.74", node.clock()).totals.beds_total == 9
    await void(node, only, hospital)
    assert node.board.roll_up("33.74", node.clock()).totals.beds_total == 4
    await check_consistent(node)


async def test_a_newer_report_stays_current_when_an_older_one_is_voided(node: Node, hospital: Actor) -> None:
    await send(node, hospital, line("icu", beds_total=1), line("hcu", beds_total=1))
    wrong = await send(node, hospital, line("icu", beds_total=2), line("hcu", beds_total=2), minutes=1)
    await send(node, hospital, line("icu", beds_total=3), minutes=2)
    await void(node, wrong, hospital)
    assert totals(node) == {"icu": 3, "hcu": 1}
    await check_consistent(node)


async def test_a_correction_states_the_figures_of_that_time(node: Node, hospital: Actor) -> None:
    await send(node, hospital, line("icu", beds_total=5), line("hcu", beds_total=7))
    wrong = await send(node, hospital, line("icu", beds_total=50), line("hcu", beds_total=70), minutes=1)
    receipt = await correct(node, wrong, hospital, line("icu", beds_total=6))
    assert (receipt.outcome, receipt.of) == (Outcome.correction, wrong)
    assert receipt.observed_at == MORNING + timedelta(minutes=1)
    assert totals(node) == {"icu": 6, "hcu": 7}
    await check_consistent(node)


async def test_a_correction_of_an_older_report_changes_no_newer_figure(node: Node, hospital: Actor) -> None:
    wrong = await send(node, hospital, line("icu", beds_total=50))
    await send(node, hospital, line("icu", beds_total=6), minutes=1)
    receipt = await correct(node, wrong, hospital, line("icu", beds_total=5), line("hcu", beds_total=2))
    assert [(warning.code, warning.line) for warning in receipt.warnings] == [("late", 0)]
    assert totals(node) == {"icu": 6, "hcu": 2}
    await check_consistent(node)


async def test_a_correction_may_move_a_report_in_time(node: Node, hospital: Actor) -> None:
    """It was dated an hour too late, and hid the next one."""
    wrong = await send(node, hospital, line("icu", beds_total=1), minutes=4)
    await send(node, hospital, line("icu", beds_total=2), minutes=2)
    assert totals(node) == {"icu": 1}
    await correct(node, wrong, hospital, line("icu", beds_total=1), observed_at=MORNING)
    assert totals(node) == {"icu": 2}
    await check_consistent(node)


async def test_a_correction_is_corrected_and_voided_in_turn(node: Node, hospital: Actor) -> None:
    await send(node, hospital, line("icu", beds_total=1))
    wrong = await send(node, hospital, line("icu", beds_total=2), minutes=1)
    second = await correct(node, wrong, hospital, line("icu", beds_total=3))
    third = await correct(node, second.seq, hospital, line("icu", beds_total=4))
    assert totals(node) == {"icu": 4}
    await void(node, third.seq, hospital)
    assert totals(node) == {"icu": 1}, "what was withdrawn before stays withdrawn"
    await check_consistent(node)


async def test_nothing_is_erased_and_the_history_says_what_became_of_it(node: Node, hospital: Actor) -> None:
    wrong = await send(node, hospital, line(beds_total=2))
    done = await void(node, wrong, hospital, reason="sent for another hospital")
    _, (entry, kept), withdrawn = await reports_of(node, "rs-a", by=hospital, before=None, limit=10)
    assert (kept.seq, kept.report.lines) == (wrong, (line(beds_total=2),))
    assert withdrawn == {wrong: done.seq}
    assert (entry.report.withdraws and entry.report.withdraws.reason) == "sent for another hospital"


async def test_a_report_is_withdrawn_once_and_a_void_never(node: Node, hospital: Actor) -> None:
    wrong = await send(node, hospital)
    done = await void(node, wrong, hospital)
    with pytest.raises(NotWithdrawable, match=rf"already voided or corrected, by entry {done.seq}\."):
        await void(node, wrong, hospital, key="again")
    with pytest.raises(NotWithdrawable, match="is a void"):
        await void(node, done.seq, hospital)
    assert issubclass(NotWithdrawable, Conflict)


async def test_an_unknown_report_is_told_as_such(node: Node, hospital: Actor, command: Actor) -> None:
    other = await send(node, command, facility_id="rs-b")
    for seq in (1, other, 10_000):
        with pytest.raises(UnknownReport):
            await void(node, seq, hospital)
    with pytest.raises(NotFound):
        await withdraw_report(node, "rs-z", Withdrawing(1, "x", "k"), by=hospital)


async def test_the_same_request_returns_the_first_receipt(node: Node, hospital: Actor) -> None:
    await send(node, hospital, line(beds_total=1))
    wrong = await send(node, hospital, line(beds_total=2), minutes=1)
    first = await correct(node, wrong, hospital, line(beds_total=3), key="k")
    position = node.board.position
    again = await correct(node, wrong, hospital, line(beds_total=3), key="k")
    assert again.repeated
    assert (again.seq, again.of, again.outcome) == (first.seq, first.of, first.outcome)
    for other in (
        correct(node, wrong, hospital, line(beds_total=4), key="k"),
        void(node, wrong, hospital, key="k"),
        submit_report(node, report(report_id="k"), by=hospital),
    ):
        with pytest.raises(ReportConflict):
            await other
    assert node.board.position == position


async def test_one_of_many_equal_requests_at_once_is_stored(node: Node, hospital: Actor) -> None:
    wrong = await send(node, hospital)
    receipts = await asyncio.gather(*(void(node, wrong, hospital, key="k") for _ in range(8)))
    assert {receipt.seq for receipt in receipts} == {wrong + 1}
    assert sum(not receipt.repeated for receipt in receipts) == 1


async def test_voids_of_several_reports_at_once_are_all_stored(
    node: Node, hospital: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each computes what counts without it, while others do the same."""
    monkeypatch.setattr(withdrawing, "ATTEMPTS_MAX", 10)
    wrong = [await send(node, hospital, line(beds_total=n + 1), minutes=n) for n in range(5)]
    receipts = await asyncio.gather(*(void(node, seq, hospital) for seq in wrong[1:]))
    assert [receipt.of for receipt in receipts] == wrong[1:]
    assert totals(node) == {"icu": 1}
    await check_consistent(node)


async def test_reports_that_come_while_the_history_is_read_are_kept(
    node: Node, hospital: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(withdrawing, "REPORTS_AT_ONCE", 2)
    seqs = [await send(node, hospital, line(beds_total=n + 1), minutes=n) for n in range(4)]
    change = node.write_queue.change

    async def after_another_report(*how: object, **more: object) -> object:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(type(node.write_queue), "change", lambda _, *rest, **named: change(*rest, **named))
            await send(node, hospital, line("hcu", beds_total=8), minutes=4)
        return await change(*how, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(type(node.write_queue), "change", lambda _, *how, **more: after_another_report(*how, **more))
    await void(node, seqs[-1], hospital)
    assert totals(node) == {"icu": 3, "hcu": 8}
    await check_consistent(node)


async def test_who_may_until_when(node: Node, hospital: Actor, district: Actor, command: Actor, clock: Clock) -> None:
    own = [await send(node, hospital, minutes=-n) for n in range(5)]
    by_officer = await send(node, district, minutes=-9)
    with pytest.raises(NotPermitted, match="came from another sender"):
        await void(node, by_officer, hospital)
    clock.advance(hours=24)
    await void(node, own[0], hospital)
    clock.advance(seconds=1)
    with pytest.raises(NotPermitted, match="for 24 hours; this one was recorded at 2026-11-23 03:00 UTC"):
        await void(node, own[1], hospital)
    clock.advance(days=30, seconds=-1)
    await void(node, own[1], district)
    await void(node, by_officer, district)
    clock.advance(hours=1)
    with pytest.raises(NotPermitted, match="for 31 days"):
        await void(node, own[2], district)
    await void(node, own[2], command)
    with pytest.raises(NotPermitted):
        await void(node, own[3], OPERATOR)
    await check_consistent(node)


async def test_another_key_of_the_same_facility_may(node: Node, hospital: Actor) -> None:
    wrong = await send(node, hospital)
    other = await holder_of(node, RS_A)
    assert other.principal != hospital.principal
    await void(node, wrong, other)


async def test_rows_of_hospital_software_can_be_voided(node: Node, hospital: Actor, district: Actor) -> None:
    await add_hospital(node, Hospital("rs-a", sirs="3374001"), by=OPERATOR)
    await import_rows(node, "rs-a", ministry_rows(34450001, 34450002), by=OPERATOR)
    before = {row.seq for row in (await reports_of(node, "rs-a", by=district, before=None, limit=9))[1]}
    more = ministry_rows(34450001)
    more["fasyankes"][0] |= {"jumlah": "99", "terpakai": "1"}
    node.clock.advance(minutes=1)  # type: ignore[attr-defined]
    await import_rows(node, "rs-a", more, by=OPERATOR)
    [wrong] = [
        row.seq
        for row in (await reports_of(node, "rs-a", by=district, before=None, limit=9))[1]
        if row.seq not in before
    ]
    known = node.board.channel_state("rs-a", Channel.sirs).lines
    assert sorted(each.beds.beds_total for each in known.values() if each.beds) == [12, 99]
    with pytest.raises(NotWithdrawable, match="came from hospital software"):
        await correct(node, wrong, district, line(beds_total=1))
    await void(node, wrong, district)
    restored = node.board.channel_state("rs-a", Channel.sirs).lines
    assert [each.beds.beds_total for each in restored.values() if each.beds] == [12, 12]
    assert all(each.details and '"jumlah":12' in each.details for each in restored.values())
    await check_consistent(node)


async def test_the_id_of_a_voided_row_is_not_issued_again(node: Node, district: Actor) -> None:
    await add_hospital(node, Hospital("rs-a", sirs="3374001"), by=OPERATOR)
    for row_id in (34450001, 34450002):
        await import_rows(node, "rs-a", ministry_rows(row_id), by=OPERATOR)
    newest = (await reports_of(node, "rs-a", by=district, before=None, limit=1))[1][0]
    await void(node, newest.seq, district)
    lines = node.board.channel_state("rs-a", Channel.sirs).lines
    assert {key.ward_code: each.beds is None for key, each in lines.items()} == {"34450001": False, "34450002": True}
    await check_consistent(node)


async def test_an_older_statement_about_a_voided_row_counts(node: Node, district: Actor) -> None:
    await add_hospital(node, Hospital("rs-a", sirs="3374001"), by=OPERATOR)
    await import_rows(node, "rs-a", ministry_rows(34450001), by=OPERATOR)
    await import_rows(node, "rs-a", ministry_rows(34450002), by=OPERATOR)
    newest = (await reports_of(node, "rs-a", by=district, before=None, limit=1))[1][0]
    await void(node, newest.seq, district)
    older = ministry_rows(34450002)
    older["fasyankes"][0]["tglupdate"] = "2026-11-20 10:00:00"
    await import_rows(node, "rs-a", older, by=OPERATOR)
    lines = node.board.channel_state("rs-a", Channel.sirs).lines
    assert all(each.beds is not None for each in lines.values())
    await check_consistent(node)


async def test_times_that_were_corrected_stay_so(node: Node, hospital: Actor, clock: Clock) -> None:
    clock.advance(hours=5)
    await send(node, hospital, line("icu", beds_total=1), line("hcu", beds_total=1), minutes=5 * 60)
    ahead = await send(node, hospital, line("icu", beds_total=2), minutes=5 * 60 + 1)
    clock.advance(hours=-4)
    await redate(node, "rs-a", Channel.native, by=OPERATOR)
    await void(node, ahead, hospital)
    state = node.board.channel_state("rs-a", Channel.native)
    assert totals(node) == {"icu": 1, "hcu": 1}
    assert state.newest is not None
    assert state.newest.observed_at <= clock.now
    await check_consistent(node)


async def test_a_report_of_a_clock_that_was_ahead_does_not_become_fresh_again(
    node: Node, hospital: Actor, command: Actor, clock: Clock
) -> None:
    """Entries of other facilities showed that its time of recording was wrong."""
    clock.advance(days=2)
    await submit_report(node, report(line(beds_total=1), minutes=48 * 60), by=hospital)
    clock.advance(days=-2)
    await submit_report(node, report(facility_id="rs-b"), by=command)
    clock.advance(days=2, minutes=1)
    wrong = await send(node, hospital, line(beds_total=2), minutes=48 * 60 + 1)
    await void(node, wrong, hospital)
    assert node.board.channel_state("rs-a", Channel.native).last_received_at == MORNING
    assert node.board.roll_up("33.74", clock.now).reporting.fresh == 0
    await check_consistent(node)


async def close(node: Node, by: Actor, *, is_open: bool = False) -> None:
    facility = node.board.facility("rs-a")
    await change_facility(node, "rs-a", FacilityChange(is_open=is_open), by=by, reason="x", if_match=facility.seq)


async def test_a_report_of_a_closed_facility_can_be_withdrawn(node: Node, hospital: Actor, command: Actor) -> None:
    first = await send(node, hospital, line(beds_total=1))
    second = await send(node, hospital, line(beds_total=2), minutes=1)
    await close(node, command)
    await void(node, second, hospital)
    await correct(node, first, hospital, line(beds_total=3))
    assert totals(node) == {"icu": 3}
    assert node.board.roll_up("33.74", node.clock()).totals.beds_total is None
    await check_consistent(node)


async def test_a_report_of_when_a_facility_was_open_is_accepted_as_late(
    node: Node, hospital: Actor, command: Actor, clock: Clock
) -> None:
    clock.advance(hours=1)
    await close(node, command)
    clock.advance(hours=1)
    receipt = await submit_report(node, report(line(beds_total=4), minutes=59), by=hospital)
    assert receipt.outcome is Outcome.late
    assert [(warning.code, warning.line) for warning in receipt.warnings] == [("late", None)]
    assert node.board.roll_up("33.74", clock.now).totals.beds_total is None
    for minutes in (60, 61, 119):
        with pytest.raises(FacilityClosed):
            await submit_report(node, report(minutes=minutes), by=hospital)
    await check_consistent(node)
    await close(node, command, is_open=True)
    assert node.board.roll_up("33.74", clock.now).totals.beds_total == 4
    clock.advance(hours=1)
    await close(node, command)
    for minutes, refused in ((90, True), (119, True), (120, False), (179, False), (180, True)):
        [answer] = await submit_reports(node, [report(minutes=minutes)], by=hospital)
        assert isinstance(answer, FacilityClosed) is refused, minutes
    await check_consistent(node)


async def test_the_new_time_of_a_correction_is_checked(
    node: Node, hospital: Actor, command: Actor, clock: Clock
) -> None:
    wrong = await send(node, hospital)
    for at, refusal in (
        (MORNING + timedelta(minutes=6), InvalidInput),
        (MORNING - timedelta(days=32), NotPermitted),
    ):
        with pytest.raises(refusal):
            await correct(node, wrong, hospital, line(), observed_at=at)
    clock.advance(hours=1)
    await close(node, command)
    with pytest.raises(FacilityClosed):
        await correct(node, wrong, hospital, line(), observed_at=clock.now)
    await correct(node, wrong, command, line(), observed_at=MORNING - timedelta(days=32))


async def test_a_rebuild_and_a_restart_keep_withdrawals(node: Node, hospital: Actor) -> None:
    seqs = [await send(node, hospital, line(beds_total=n + 1), minutes=n) for n in range(3)]
    await void(node, seqs[2], hospital)
    await correct(node, seqs[1], hospital, line("hcu"))
    await rebuild(node.database.url, node.clock)
    async with open_node(database_url=node.database.url, clock=node.clock) as other:
        assert totals(other) == {"icu": 1, "hcu": 10}
        await check_consistent(other)


@on_sqlite
async def test_verify_finds_a_withdrawal_that_restores_something_else(
    node: Node, hospital: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistake of our own: the figures from before are not the right ones."""
    await send(node, hospital, line(beds_total=1))
    wrong = await send(node, hospital, line(beds_total=2), minutes=1)
    real = withdrawing.withdraw
    monkeypatch.setattr(withdrawing, "withdraw", lambda state, _, **how: real(state, state, **how))
    done = await void(node, wrong, hospital)
    [found] = await verify(node.database.url)
    assert found.startswith(f"ledger: entry {done.seq} withdraws a report of rs-a native")


def test_a_withdrawal_is_part_of_the_content_and_others_keep_their_bytes() -> None:
    plain = report(report_id="x")
    assert "withdraws" not in plain.content()
    assert Report.figures(plain) is plain
