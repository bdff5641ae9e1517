"""The write queue: waiting work shares a commit, an error affects only its own work, and no caller waits for ever."""

import asyncio
import itertools
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import event

from app.actions.submit_reports import submit_draft, submit_reports
from app.domain.errors import Overloaded, Refusal, Unavailable
from app.domain.permissions import OPERATOR, Actor, Verb
from app.domain.reports.report import Receipt
from app.runtime import record_reports as record_module
from app.runtime import write_queue as write_queue_module
from app.runtime.node import Node
from app.runtime.record_reports import Composed, Draft, Submission
from app.store.bulk_write import Writes
from app.store.database import Transaction
from app.store.repositories import channel_states
from tests.conftest import entries_of, on_sqlite
from tests.factories import MORNING, line, report


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many reports each transaction took."""
    sizes: list[int] = []
    real = record_module.record_reports

    async def counted(transaction: Transaction, submissions: Sequence[Any], **how: Any) -> list[Receipt | Refusal]:
        sizes.append(len(submissions))
        return await real(transaction, submissions, **how)

    monkeypatch.setattr(write_queue_module, "record_reports", counted)
    return sizes


async def test_reports_that_wait_together_share_a_commit(node: Node, hospital: Actor, commits: list[int]) -> None:
    answers = await asyncio.gather(*(submit_reports(node, [report()], by=hospital) for _ in range(20)))
    assert sorted(answer.seq for (answer,) in answers if isinstance(answer, Receipt)) == list(range(4, 24))
    assert len(commits) <= 2
    assert sum(commits) == 20


async def test_64_identical_requests_at_once_are_one_report(node: Node, hospital: Actor) -> None:
    said = report()
    answers = await asyncio.gather(*(submit_reports(node, [said], by=hospital) for _ in range(64)))
    receipts = [answer for (answer,) in answers if isinstance(answer, Receipt)]
    assert len(receipts) == 64
    assert {receipt.seq for receipt in receipts} == {4}
    assert sorted(receipt.repeated for receipt in receipts) == [False] + [True] * 63
    assert len(await entries_of(node)) == 4


@on_sqlite
async def test_one_commit_takes_a_bounded_number_of_each_sender_in_turn(
    node: Node, hospital: Actor, district: Actor, commits: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report of one line is five units: what one sender has sent at once is stored in parts."""
    monkeypatch.setattr(write_queue_module, "UNITS_OF_BULKS_PER_COMMIT", 10)
    many = asyncio.ensure_future(submit_reports(node, [report(minutes=n - 60) for n in range(12)], by=district))
    await asyncio.sleep(0)
    one = await submit_reports(node, [report()], by=hospital)
    assert not many.done(), "it did not wait for all that the other had sent"
    assert [type(answer) for answer in one] == [Receipt]
    answers = await many
    assert [answer.report_id for answer in answers if isinstance(answer, Receipt)] == [
        f"r{n}" for n in numbers(answers)
    ]
    assert len(answers) == 12
    assert max(commits) <= 3
    assert sum(commits) == 13


@on_sqlite
async def test_reports_that_belong_together_are_stored_together_or_not_at_all(
    node: Node, hospital: Actor, district: Actor, commits: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_queue_module, "UNITS_OF_BULKS_PER_COMMIT", 10)
    said = [Submission(report(minutes=n - 60), district, Verb.report) for n in range(12)]
    other = asyncio.ensure_future(submit_reports(node, [report()], by=hospital))
    answers = await node.write_queue.reports(said, together=True)
    assert [type(answer) for answer in answers] == [Receipt] * 12
    await other
    assert sorted(commits) == [1, 12]

    before = len(await entries_of(node))
    elsewhere = Submission(report(facility_id="rs-unknown"), district, Verb.report)
    fresh = [Submission(report(minutes=n - 90), district, Verb.report) for n in range(12)]
    with pytest.raises(Refusal):
        await node.write_queue.reports([*fresh, elsewhere], together=True)
    assert len(await entries_of(node)) == before
    assert [type(answer) for answer in await node.write_queue.reports(fresh)] == [Receipt] * 12


def numbers(answers: Sequence[Any]) -> list[int]:
    """Of reports that were made one after the other: in the order of their making."""
    return sorted(int(answer.report_id.removeprefix("r")) for answer in answers)


@on_sqlite
async def test_who_fills_the_queue_keeps_nobody_else_out(
    node: Node, hospital: Actor, district: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sender has a share; another that has nothing waiting is always let in."""
    node.write_queue._queue.share, node.write_queue._queue.total = 50, 60
    flood = [
        asyncio.ensure_future(submit_reports(node, [report(minutes=n - 60) for n in range(9)], by=district))
        for _ in range(5)
    ]
    await asyncio.sleep(0)
    others = await asyncio.gather(*(submit_reports(node, [report()], by=hospital) for _ in range(3)))
    assert all(isinstance(answer, Receipt) for answers in others for answer in answers)
    results = await asyncio.gather(*flood, return_exceptions=True)
    assert [type(result) for result in results].count(Overloaded) == 4
    assert node.write_queue._queue.units == 0


@on_sqlite
async def test_a_bulk_that_an_outage_cuts_off_says_which_of_its_reports_are_stored(
    node: Node, district: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_queue_module, "UNITS_OF_BULKS_PER_COMMIT", 10)
    real, number = Writes.send, itertools.count()

    async def gone_after_two(writes: Writes, *how: Any) -> None:
        if next(number) == 2:
            raise Unavailable
        await real(writes, *how)

    monkeypatch.setattr(Writes, "send", gone_after_two)
    said = [report(minutes=n - 60) for n in range(8)]
    answers = await submit_reports(node, said, by=district)
    assert [type(answer) for answer in answers] == [Receipt] * 4 + [Unavailable] * 4
    again = await submit_reports(node, said, by=district)
    assert [answer.repeated for answer in again if isinstance(answer, Receipt)] == [True] * 4 + [False] * 4


async def test_a_bad_neighbour_in_the_same_commit_fails_alone(
    node: Node, hospital: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong with one of them, the others are stored, each once, and answered."""
    real = channel_states.save

    def picky(writes: Any, states: Any) -> None:
        real(writes, states)
        if any(
            line.beds and line.beds.beds_total == 666
            for stored in states.values()
            for line in stored.state.lines.values()
        ):
            raise ZeroDivisionError

    monkeypatch.setattr(channel_states, "save", picky)
    good = [submit_reports(node, [report(line(f"ward_{n}"), minutes=n)], by=hospital) for n in (1, 2, 3)]
    bad = submit_reports(node, [report(line(beds_total=666))], by=hospital)
    answers = await asyncio.gather(*good[:2], bad, *good[2:], return_exceptions=True)
    assert isinstance(answers[2], ZeroDivisionError)
    receipts = [answer[0] for place, answer in enumerate(answers) if place != 2 and isinstance(answer, list)]
    assert [receipt.seq for receipt in receipts if isinstance(receipt, Receipt)] == [4, 5, 6]
    assert node.board.position == 6
    assert node.board.roll_up("33.74", MORNING).totals.beds_total == 30


async def test_when_the_database_is_gone_all_of_them_are_told_and_nothing_is_stored(
    node: Node, hospital: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(*_: Any) -> None:
        raise Unavailable

    with monkeypatch.context() as patched:
        patched.setattr(Writes, "send", gone)
        answers = await asyncio.gather(
            *(submit_reports(node, [report()], by=hospital) for _ in range(3)), return_exceptions=True
        )
    assert [type(answer) for answer in answers] == [Unavailable] * 3
    assert len(await entries_of(node)) == 3
    (answer,) = await submit_reports(node, [report()], by=hospital)
    assert isinstance(answer, Receipt)
    assert answer.seq == 4


async def test_when_the_commit_itself_fails_nobody_has_heard_of_it(node: Node, hospital: Actor) -> None:
    """Telling the board from inside the transaction would announce what is rolled back."""
    engine = node.database._writer.sync_engine
    before = node.board.contents()

    def fail(_connection: Any) -> None:
        raise Unavailable

    event.listen(engine, "commit", fail)
    with pytest.raises(Unavailable):
        await submit_reports(node, [report()], by=hospital)
    event.remove(engine, "commit", fail)
    assert (node.board.position, node.board.contents()) == (3, before)
    assert len(await entries_of(node)) == 3
    (answer,) = await submit_reports(node, [report()], by=hospital)
    assert isinstance(answer, Receipt)
    assert answer.seq == 4


@on_sqlite
async def test_too_many_that_wait_are_sent_away_at_once(node: Node, hospital: Actor) -> None:
    node.write_queue._queue.share = 25
    four = [report() for _ in range(4)]
    first = asyncio.ensure_future(submit_reports(node, four, by=hospital))
    await asyncio.sleep(0)
    with pytest.raises(Overloaded) as refused:
        await submit_reports(node, [report(), report()], by=hospital)
    assert refused.value.retry_after_seconds > 0
    second = asyncio.ensure_future(submit_reports(node, [report()], by=hospital))
    assert all(isinstance(answer, Receipt) for answer in (*await first, *await second))
    assert len(await entries_of(node)) == 3 + 5
    assert all(isinstance(answer, Receipt) for answer in await submit_reports(node, four, by=hospital))


@pytest.mark.usefixtures("no_polling")
async def test_a_client_that_goes_away_leaves_no_transaction_open(node: Node, hospital: Actor) -> None:
    """Whenever a client disconnects, its report is stored completely or not at all, and the queue continues."""
    for steps in range(0, 40, 3):
        said = report(line("icu"), line("hcu"), report_id=f"gone-{steps}")
        asked = asyncio.ensure_future(submit_reports(node, [said], by=hospital))
        for _ in range(steps):
            await asyncio.sleep(0)
        asked.cancel()
        await asyncio.wait([asked])
        (answer,) = await submit_reports(node, [said], by=hospital)
        assert isinstance(answer, Receipt)
    entries = await entries_of(node)
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    assert len(entries) == 3 + 14
    for engine in {node.database._writer, node.database._reader}:
        assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]


@on_sqlite
async def test_a_client_that_goes_away_while_others_share_its_commit_does_not_disturb_them(
    node: Node, hospital: Actor
) -> None:
    asked = [asyncio.ensure_future(submit_reports(node, [report()], by=hospital)) for _ in range(5)]
    await asyncio.sleep(0)
    asked[0].cancel()
    asked[3].cancel()
    await asyncio.wait(asked)
    others = [asked[n].result()[0] for n in (1, 2, 4)]
    assert all(isinstance(answer, Receipt) for answer in others)


@on_sqlite
async def test_a_lane_that_closes_does_what_waits_and_takes_nothing_more(node: Node, hospital: Actor) -> None:
    asked = asyncio.ensure_future(submit_reports(node, [report()], by=hospital))
    await asyncio.sleep(0)
    node.write_queue.close()
    with pytest.raises(Unavailable):
        await submit_reports(node, [report()], by=hospital)
    (answer,) = await asked
    assert isinstance(answer, Receipt)
    assert len(await entries_of(node)) == 4


@on_sqlite
async def test_a_change_has_a_transaction_of_its_own_between_the_reports(
    node: Node, hospital: Actor, commits: list[int]
) -> None:
    order: list[str] = []

    async def change(transaction: Transaction, _now: Any) -> str:
        order.append(f"change at {transaction.entries}")
        return "done"

    before = asyncio.ensure_future(submit_reports(node, [report()], by=hospital))
    await asyncio.sleep(0)
    changed = asyncio.ensure_future(node.write_queue.change(change, by=OPERATOR))
    await asyncio.sleep(0)
    after = asyncio.ensure_future(submit_reports(node, [report()], by=hospital))
    assert await changed == "done"
    await before
    await after
    assert (order, commits) == (["change at []"], [1, 1])


@on_sqlite
async def test_a_draft_costs_what_its_channel_has_lines(
    node: Node, hospital: Actor, commits: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It reads and rewrites all lines of its channel, so few of them share a commit where there are many."""
    monkeypatch.setattr(write_queue_module, "UNITS_PER_SENDER_PER_COMMIT", 60)
    lines = [line(ward=str(number)) for number in range(200)]
    await submit_reports(node, [report(*lines)], by=hospital)
    commits.clear()

    def draft(minutes: int) -> Draft:
        made = report(line(ward="1"), minutes=minutes)
        return Draft(made.facility_id, made.channel, made.report_id, lambda _state, _now: Composed(made))

    await asyncio.gather(*(submit_draft(node, draft(number), by=hospital) for number in range(6)))
    assert sum(commits) == 6
    assert max(commits) <= 2
