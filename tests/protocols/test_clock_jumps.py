"""A clock that was ahead stops no hospital and keeps none fresh: by every protocol, on one node and on two."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from app.actions.maintenance.verify import verify
from app.actions.redate import NothingToRedate, redate
from app.actions.register_facilities import FacilityChange, change_facility
from app.actions.submit_reports import submit_reports
from app.config import Settings
from app.domain.channels import Channel
from app.domain.errors import Unavailable
from app.domain.permissions import NATIONAL, OPERATOR, Actor, Role
from app.domain.reports.report import Receipt, Report
from app.domain.reports.rows import Written
from app.protocols.sirs.import_rows import import_rows
from app.protocols.write_rows import write_rows
from app.runtime.node import Node, open_node
from app.runtime.row_ender import RowEnder
from tests.conftest import SECRET_KEY, Clock, Service
from tests.factories import build_world, line, report
from tests.protocols.conftest import Software
from tests.protocols.test_import_rows import row
from tests.protocols.test_siranap_v1 import cell, headers, xml

OFFICER = Actor("officer", Role.command, NATIONAL)
JUMPS = [timedelta(hours=7), timedelta(days=400)]
HOUR = timedelta(hours=1)

Send = Callable[[int], Awaitable[None]]


async def by_sirs(software: Software, _service: Service, occupied: int) -> None:
    said = {"id_tt": "28", "ruang": "Anggrek", "jumlah": "40", "terpakai": occupied}
    answer = await software.sirs("POST", said)
    assert answer.status_code == 200, answer.text


async def by_aplicares(software: Software, _service: Service, occupied: int) -> None:
    said = {"kodekelas": "ISO", "koderuang": "ANG1", "namaruang": "Anggrek", "kapasitas": 40, "tersedia": 40 - occupied}
    answer = await software.aplicares("POST", "bed/update/1199R001", said)
    assert answer.status_code == 200, answer.text


async def by_siranap(software: Software, _service: Service, occupied: int) -> None:
    body = xml(cell(40, (occupied, 0), (40 - occupied, 0)))
    answer = await software.client.post("/sirsservice/ranap", content=body, headers=headers(software))
    assert answer.status_code == 200, answer.text


async def by_import(software: Software, service: Service, occupied: int) -> None:
    at = (software.clock() + 7 * HOUR).strftime("%Y-%m-%d %H:%M:%S")
    await import_rows(service.node, "rs-a", {"fasyankes": [row("9", "A", "40", str(occupied), at)]}, by=OFFICER)


WAYS = [by_sirs, by_aplicares, by_siranap]


def figures(node: Node) -> tuple[Any, str]:
    """Occupied beds and freshness of rs-a."""
    found = node.board.figures(node.board.facility("rs-a"), node.clock())
    return found.totals.beds_occupied, str(found.counting_channel.freshness)


@pytest.mark.parametrize("jump", JUMPS, ids=str)
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
async def test_messages_go_on_and_count_after_the_clock_was_ahead(
    way: Any, jump: timedelta, software: Software, service: Service, clock: Clock
) -> None:
    send: Send = partial(way, software, service)
    clock.now += jump
    await send(3)
    assert figures(service.node) == (3, "fresh")
    clock.now -= jump
    for occupied in (5, 7):
        clock.now += HOUR
        await send(occupied)
        service.node.board.advance(clock())
        assert figures(service.node) == (occupied, "fresh")
    clock.now += 7 * HOUR
    service.node.board.advance(clock())
    assert figures(service.node) == (7, "stale")
    assert await verify(service.node.database.url) == []


@pytest.mark.parametrize("jump", JUMPS, ids=str)
async def test_a_listing_taken_over_after_the_clock_was_ahead_counts(
    jump: timedelta, software: Software, service: Service, clock: Clock
) -> None:
    clock.now += jump
    await by_import(software, service, 3)
    clock.now -= jump
    await redate(service.node, "rs-a", Channel.sirs, by=OPERATOR)
    clock.now += HOUR
    await by_import(software, service, 5)
    assert figures(service.node) == (5, "fresh")
    assert await verify(service.node.database.url) == []


@pytest.mark.parametrize("jump", JUMPS, ids=str)
async def test_a_hospital_that_falls_silent_after_a_jump_turns_stale(
    jump: timedelta, software: Software, service: Service, clock: Clock, settings: Settings
) -> None:
    clock.now += jump
    await by_sirs(software, service, 3)
    clock.now -= jump
    service.node.board.advance(clock())
    warned = (await software.client.get("/readyz")).json()
    assert "ahead of this node's clock" in warned["warnings"][0]
    await submit_reports(service.node, [report(line(), facility_id="rs-b")], by=OFFICER)
    assert "warnings" not in (await software.client.get("/readyz")).json()
    clock.now += 6 * HOUR
    service.node.board.advance(clock())
    assert figures(service.node) == (3, "fresh")
    clock.now += timedelta(seconds=1)
    service.node.board.advance(clock())
    assert figures(service.node) == (3, "stale")
    assert await verify(service.node.database.url) == []
    # A node that starts now, and one that reads every entry, judge alike.
    async with open_node(
        database_url=service.node.database.url, secret_keys=settings.secret_keys(), clock=clock
    ) as restarted:
        restarted.board.advance(clock())
        assert figures(restarted) == (3, "stale")


async def test_a_deleted_row_ends_though_it_was_deleted_by_a_clock_ahead(
    software: Software, service: Service, clock: Clock
) -> None:
    await by_sirs(software, service, 3)
    [shown] = await software.sirs_rows()
    clock.now += timedelta(days=400)
    assert (await software.sirs("DELETE", {"id_t_tt": shown["id_t_tt"]})).status_code == 200
    clock.now -= timedelta(days=400)
    await RowEnder(service.node.board, service.node.write_queue, clock).end_rows()
    assert service.node.board.roll_up("33.74", clock()).totals.beds_occupied is None


async def test_two_nodes_whose_clocks_differ_by_ten_minutes(database_url: str, clock: Clock) -> None:
    ahead = Clock(clock.now + timedelta(minutes=10))
    async with (
        open_node(database_url=database_url, secret_keys=[SECRET_KEY], clock=clock) as right,
        open_node(database_url=database_url, secret_keys=[SECRET_KEY], clock=ahead) as wrong,
    ):
        await build_world(right)
        for occupied in range(1, 9):
            clock.advance(minutes=1)
            ahead.advance(minutes=1)
            node = (wrong, right)[occupied % 2]
            written = Written("r1", (line(ward="r1", beds_total=40, beds_occupied=occupied),))
            await node.follower.catch_up()
            await write_rows(node, "rs-a", Channel.sirs, lambda _state, _now, w=written: w, by=OFFICER)
            assert figures(node) == (occupied, "fresh")
        await right.follower.catch_up()
        right.board.advance(clock())
        assert right.board.roll_up("33.74", clock()).as_of == clock()
        assert right.board.facility("rs-a") == wrong.board.facility("rs-a")
    assert await verify(database_url) == []


@pytest.mark.parametrize("jump", JUMPS, ids=str)
async def test_a_channel_is_dated_anew_and_true_times_count_again(node: Node, clock: Clock, jump: timedelta) -> None:
    """Where the sender's clock was ahead together with ours, its own true times would be late for so long."""
    clock.now += jump
    await submit_reports(node, [minutes_after(clock, 0, 3)], by=OFFICER)
    clock.now -= jump
    [late] = await submit_reports(node, [minutes_after(clock, 1, 5)], by=OFFICER)
    assert (late.outcome, figures(node)[0]) == ("late", 3)
    receipt = await redate(node, "rs-a", Channel.native, by=OPERATOR)
    assert receipt.observed_at <= clock()
    clock.now += HOUR
    await submit_reports(node, [minutes_after(clock, 0, 7)], by=OFFICER)
    assert figures(node) == (7, "fresh")
    with pytest.raises(NothingToRedate):
        await redate(node, "rs-a", Channel.native, by=OPERATOR)
    assert await verify(node.database.url) == []


async def test_a_closed_facility_is_dated_anew_too(node: Node, clock: Clock) -> None:
    clock.now += timedelta(days=400)
    await submit_reports(node, [minutes_after(clock, 0, 3)], by=OFFICER)
    clock.now -= timedelta(days=400)
    await open_or_close(node, is_open=False)
    receipt = await redate(node, "rs-a", Channel.native, by=OPERATOR)
    assert receipt.observed_at <= clock()
    assert node.board.roll_up("33", clock()).totals.beds_total is None
    await open_or_close(node, is_open=True)
    clock.now += HOUR
    [receipt] = await submit_reports(node, [minutes_after(clock, 0, 7)], by=OFFICER)
    assert isinstance(receipt, Receipt)
    assert (receipt.outcome, figures(node)) == ("applied", (7, "fresh"))
    assert await verify(node.database.url) == []


async def open_or_close(node: Node, *, is_open: bool) -> None:
    change, seq = FacilityChange(is_open=is_open), node.board.facility("rs-a").seq
    await change_facility(node, "rs-a", change, by=OFFICER, reason="x", if_match=seq)


async def test_nothing_is_dated_anew_where_no_time_lies_ahead(node: Node, clock: Clock) -> None:
    await submit_reports(node, [minutes_after(clock, 0, 3)], by=OFFICER)
    position = node.board.position
    with pytest.raises(NothingToRedate):
        await redate(node, "rs-a", Channel.native, by=OPERATOR)
    assert node.board.position == position


def minutes_after(clock: Clock, minutes: int, occupied: int) -> Report:
    """A report of the native API, true so many minutes after this moment."""
    said = report(line(beds_total=40, beds_occupied=occupied))
    return replace(said, observed_at=clock() + timedelta(minutes=minutes))


async def test_no_row_is_flagged_for_a_clock_that_was_ours(software: Software, service: Service, clock: Clock) -> None:
    clock.now += timedelta(days=400)
    await by_sirs(software, service, 3)
    clock.now -= timedelta(days=400)
    answer = await software.sirs("PUT", {"id_tt": "28", "ruang": "Anggrek", "jumlah": "40", "terpakai": 5})
    assert "clock_ahead" not in answer.text


async def test_a_listing_without_dates_counts_after_the_clock_was_ahead(
    software: Software, service: Service, clock: Clock
) -> None:
    clock.now += timedelta(days=400)
    await by_import(software, service, 3)
    clock.now -= timedelta(days=400)
    undated = {"fasyankes": [row("9", "A", "40", "5", None)]}
    await import_rows(service.node, "rs-a", undated, by=OFFICER)
    assert figures(service.node) == (5, "fresh")


async def test_a_node_whose_clock_is_certainly_behind_writes_nothing(node: Node, clock: Clock) -> None:
    """Its entries would say that all before them were recorded no later."""
    await submit_reports(node, [minutes_after(clock, 0, 3)], by=OFFICER)
    now, position = clock.now, node.board.position
    clock.now = datetime(2000, 1, 1, tzinfo=UTC)
    with pytest.raises(Unavailable, match="clock of this node says 2000"):
        await submit_reports(node, [minutes_after(clock, 0, 5)], by=OFFICER)
    clock.now = now
    node.board.advance(now)
    assert (figures(node), node.board.position) == ((3, "fresh"), position)
