"""The live stream: what is told, in which order, to whom, and what a slow or a returning listener hears."""

import asyncio
import gc
from dataclasses import replace
from typing import Any, Self

import pytest

from app.actions.keys import revoke_key
from app.actions.register_areas import add_rw, register_areas
from app.actions.register_facilities import FacilityChange, change_facility, register_facilities
from app.actions.submit_reports import submit_reports
from app.api.streaming import fan_out as fan_out_module
from app.api.streaming.connection_limits import ConnectionLimits, StreamLimits
from app.api.streaming.fan_out import FanOut
from app.board import recent_changes as trail_module
from app.domain.permissions import NATIONAL, OPERATOR, Actor, Role
from app.domain.registry.facility import Facility, FacilityKind
from app.limits.rate_limits import Rate
from app.middleware.limits import InFlight
from tests.backup import Backup
from tests.conftest import Clock, Service
from tests.factories import line, report
from tests.sse import Ear, listening

COMMAND = Actor("command", Role.command, NATIONAL)
CITY = "/v1/areas/33.74/stream"
CHANGES = "/v1/areas/33.74/stream?events=changes"


async def say(service: Service, facility_id: str = "rs-a", occupied: int = 4, minutes: float = 0) -> int:
    """One report; gives its position."""
    said = report(line("icu", beds_total=10, beds_occupied=occupied), facility_id=facility_id, minutes=minutes)
    (receipt,) = await submit_reports(service.node, [said], by=COMMAND)
    return receipt.seq


async def settle() -> None:
    """Let the publisher have its turns."""
    for _ in range(20):
        await asyncio.sleep(0.001)


def told(ear: Ear) -> list[tuple[str, int | None]]:
    return [(event.name, event.id) for event in ear.events]


# An area added up.


async def test_the_first_event_is_the_document_as_it_is(service, client):
    await say(service)
    async with listening(service, CITY) as ear:
        first = await ear.next()
        assert (first.name, first.id) == ("capacity", service.node.board.position)
        assert first.data == (await client.get("/v1/areas/33.74/capacity")).json()
        assert ear.headers["content-type"].startswith("text/event-stream")
        assert (ear.headers["cache-control"], ear.headers["x-accel-buffering"]) == ("no-store", "no")
        assert ear.body.startswith(b"retry: ")


async def test_each_report_is_told_with_its_position(service):
    async with listening(service, CITY) as ear:
        await ear.next()
        for occupied in range(5):
            seq = await say(service, occupied=occupied, minutes=occupied)
            event = await ear.next()
            assert (event.id, event.data["position"], event.data["totals"]["beds_occupied"]) == (seq, seq, occupied)


async def test_what_moves_elsewhere_is_not_told(service):
    async with listening(service, CITY) as ear:
        await ear.next()
        await say(service, "rs-e")
        last = await say(service, "rs-a")
        assert (await ear.next()).id == last
        assert len(ear.events) == 2


async def test_filters_are_those_of_capacity(service, client):
    await say(service)
    query = "?kind=rw_hall&kind=hospital&bed_type=icu"
    async with listening(service, CITY + query) as ear:
        assert (await ear.next()).data == (await client.get("/v1/areas/33.74/capacity" + query)).json()


async def test_figures_that_turn_stale_are_told_without_any_report(service, clock: Clock):
    await say(service)
    async with listening(service, CITY) as ear:
        assert (await ear.next()).data["reporting"]["fresh"] == 1
        clock.advance(hours=7)
        event = await ear.next()
        assert (event.data["reporting"]["fresh"], event.data["reporting"]["stale"]) == (0, 1)
        assert event.id == service.node.board.position


async def test_a_change_of_the_tree_is_told(service):
    async with listening(service, CITY) as ear:
        await ear.next()
        await add_rw(service.node, "33.74.01.1002", count=2, by=OPERATOR)
        assert (await ear.next()).id == service.node.board.position


async def test_several_areas_share_one_stream(service):
    async with listening(service, "/v1/stream?area=33.74,33.74.01&area=33.74.02") as ear:
        assert [(await ear.next()).data["area"]["code"] for _ in range(3)] == ["33.74", "33.74.01", "33.74.02"]
        await say(service, "rs-b")
        assert [(await ear.next()).data["area"]["code"] for _ in range(2)] == ["33.74", "33.74.02"]


# Coming back.


async def test_who_missed_nothing_is_told_nothing(service):
    position = await say(service)
    await say(service, "rs-e")
    async with listening(service, CITY, Last_Event_ID=str(position)) as ear:
        await settle()
        assert ear.events == []
        seq = await say(service, minutes=1)
        assert (await ear.next()).id == seq


async def test_who_missed_something_is_told_the_newest_state_once(service):
    position = await say(service)
    for minute in range(1, 5):
        last = await say(service, minutes=minute)
    async with listening(service, CITY, Last_Event_ID=str(position)) as ear:
        assert (await ear.next()).id == last
        await settle()
        assert len(ear.events) == 1


async def test_what_time_did_meanwhile_is_told_to_who_comes_back(service, clock: Clock):
    position = await say(service)
    clock.advance(hours=7)
    await asyncio.sleep(0)
    service.node.board.advance(clock())
    async with listening(service, CITY, Last_Event_ID=str(position)) as ear:
        assert (await ear.next()).data["reporting"]["stale"] == 1


@pytest.mark.parametrize("last_id", ["999999", "abc", "-1", "1.5", "9" * 40, "3-000000000000", "999-000000000000"])
@pytest.mark.parametrize("path", [CITY, CHANGES])
async def test_an_id_that_is_none_of_ours_leads_to_one_reset(service, path, last_id):
    position = await say(service)
    async with listening(service, path, Last_Event_ID=last_id) as ear:
        first = await ear.next()
        assert (first.name, first.data["position"]) == ("reset", position)
        # Where documents follow, only the last of them lets go on from here.
        assert first.id == (position if path == CHANGES else None)
        last = await say(service, minutes=1)
        while (await ear.next()).id != last:
            pass
        assert [event.name for event in ear.events].count("reset") == 1


@pytest.mark.parametrize("path", [CITY, CHANGES])
async def test_a_stream_goes_on_from_the_id_that_it_gave(service, path):
    async with listening(service, path) as ear:
        await say(service)
        while (event := await ear.next()).id != service.node.board.position:
            pass
    missed = await say(service, minutes=1)
    async with listening(service, path, Last_Event_ID=event.token) as ear:
        again = await ear.next()
        assert (again.name, again.id) == ("capacity" if path == CITY else "change", missed)
    async with listening(service, f"{path}{'&' if '?' in path else '?'}after={event.token}") as ear:
        assert (await ear.next()).id == missed


@pytest.mark.parametrize("path", [CITY, CHANGES])
async def test_when_the_ledger_turns_out_to_be_another_one_open_streams_are_told_to_begin_again(
    service, path, tmp_path
):
    """After a failover or a restored backup: one `reset`, and the figures as they are."""
    backup = Backup(service.node.database.url, tmp_path / "backup.db")
    lost = await say(service, minutes=-9)
    async with listening(service, path, Last_Event_ID=str(lost)) as ear:
        await ear.until_begun()
        backup.restore()
        await service.node.follower.catch_up()
        event = await ear.next()
        assert (event.name, event.data["position"]) == ("reset", lost - 1)
        if path == CITY:
            event = await ear.next()
            assert (event.name, event.id, event.data["totals"]["beds_total"]) == ("capacity", lost - 1, None)
        for _ in range(2):
            last = await say(service, minutes=-5)
        while (await ear.next()).id != last:
            pass
        assert [each.name for each in ear.events].count("reset") == 1


async def test_who_is_cut_off_between_areas_that_moved_together_hears_all_of_them(service):
    position = await say(service)
    async with listening(service, "/v1/stream?area=33.74,33.74.01,33.74.02") as ear:
        for _ in range(3):
            await ear.next()
        seq = await say(service, minutes=1)
        for _ in range(2):
            await ear.next()
        assert [(event.data["area"]["code"], event.id) for event in ear.events] == [
            ("33.74", None),
            ("33.74.01", None),
            ("33.74.02", position),
            ("33.74", None),
            ("33.74.01", seq),
        ]


async def test_many_areas_come_in_parts_of_which_the_last_has_the_position(service, monkeypatch):
    monkeypatch.setattr("app.api.streaming.topics.AREAS_AT_ONCE", 2)
    codes = ["33.74", "33.74.01", "33.74.01.1001", "33.74.02", "33.74.02.1001", "33.75", "33"]
    position = await say(service)
    async with listening(service, "/v1/stream?area=" + ",".join(codes)) as ear:
        events = [await ear.next() for _ in codes]
        assert sorted(event.data["area"]["code"] for event in events) == sorted(codes)
        assert [event.id for event in events] == [None] * (len(codes) - 1) + [position]
        await settle()
        assert len(ear.events) == len(codes)


async def test_who_has_heard_of_no_change_yet_knows_where_to_go_on(service):
    """A browser that is cut off before the first one says this id, and misses none."""
    position = await say(service)
    async with listening(service, CHANGES) as ear:
        assert ear.body.endswith(f"id: {service.node.board.place(position)}\n\n".encode())


async def test_a_facility_that_goes_elsewhere_is_said_to_have_left(service):
    position = service.node.board.position
    here, there = (f"/v1/areas/{code}/stream?events=changes" for code in ("33.74.02", "33.74.01"))
    facility = service.node.board.facility("rs-b")
    async with listening(service, here) as old, listening(service, there) as new:
        moved = FacilityChange(area_code="33.74.01")
        await change_facility(service.node, "rs-b", moved, by=COMMAND, reason="moved", if_match=facility.seq)
        seq = service.node.board.position
        left, come = await old.next(), await new.next()
        assert (left.name, left.id, left.data) == ("left", seq, {"position": seq, "facility_id": "rs-b"})
        assert (come.name, come.id, come.data["facility_id"]) == ("change", seq, "rs-b")
    async with listening(service, here, Last_Event_ID=str(position)) as ear:
        assert (await ear.next()).name == "left"


async def test_after_an_area_went_to_another_parent_changes_begin_anew(service):
    async with listening(service, CHANGES) as ear:
        moved = replace(service.node.board.area("33.74.02"), parent="33.75")
        await register_areas(service.node, [moved], by=OPERATOR)
        assert ((await ear.next()).name, ear.events[0].id) == ("reset", service.node.board.position)


async def test_a_stream_that_opens_while_the_server_ends_is_ended(service):
    service.state["stopping"].set()
    await settle()
    async with listening(service, CITY) as ear:
        await ear.until_ended()
    assert service.state["connection_limits"].taken == 0


async def test_after_in_the_query_does_for_clients_without_headers_and_gives_way_to_the_header(service):
    position = await say(service)
    last = await say(service, minutes=1)
    async with listening(service, f"{CHANGES}&after={position}") as ear:
        assert (await ear.next()).id == last
    async with listening(service, f"{CHANGES}&after={position}", Last_Event_ID=str(last)) as ear:
        await settle()
        assert ear.events == []


# Facilities one by one.


async def test_changes_tell_each_facility_that_changed(service):
    async with listening(service, CHANGES) as ear:
        await settle()
        assert ear.events == []
        seq = await say(service, "rs-b", occupied=7)
        event = await ear.next()
        assert (event.name, event.id, event.data["position"]) == ("change", seq, seq)
        assert (event.data["facility_id"], event.data["area_code"]) == ("rs-b", "33.74.02.1001")
        assert (event.data["totals"]["beds_occupied"], event.data["freshness"]) == (7, "fresh")


async def test_changes_come_in_order_and_without_gaps_over_twenty_cuts(service):
    sent: list[int] = []
    heard: list[int] = []

    async def reports() -> None:
        for minute in range(200):
            seq = await say(service, "rs-a" if minute % 3 else "rs-b", minutes=minute - 200)
            sent.append(seq)

    last, talking = service.node.board.position, asyncio.create_task(reports())
    for _ in range(20):
        async with listening(service, CHANGES, Last_Event_ID=str(last)) as ear:
            for _ in range(5):
                event = await ear.next()
                heard.append(event.id)
                last = event.id
    await talking
    async with listening(service, CHANGES, Last_Event_ID=str(last)) as ear:
        while last != sent[-1]:
            last = (await ear.next()).id
            heard.append(last)
    assert heard == sent


async def test_facilities_of_one_entry_carry_its_position_on_the_last(service):
    async with listening(service, CHANGES) as ear:
        halls = [Facility(f"rw-{n}", FacilityKind.rw_hall, f"Balai {n}", "33.74.01", "rw") for n in range(3)]
        await register_facilities(service.node, halls, by=OPERATOR)
        events = [await ear.next() for _ in range(3)]
        position = service.node.board.position
        assert [event.id for event in events] == [None, None, position]
        assert {event.data["position"] for event in events} == {position}
        assert {event.data["freshness"] for event in events} == {"never"}


async def test_many_changes_come_in_parts_that_join(service, monkeypatch):
    """An import of thousands must not hold up everybody else; the position still comes with the very last."""
    monkeypatch.setattr("app.api.streaming.topics.STEPS_AT_ONCE", 4)
    before = service.node.board.position
    halls = [Facility(f"rw-{n}", FacilityKind.rw_hall, f"Balai {n}", "33.74.01", "rw") for n in range(10)]
    await register_facilities(service.node, halls, by=OPERATOR)
    registered = service.node.board.position
    sent = [await say(service, minutes=minute - 30) for minute in range(9)]
    async with listening(service, CHANGES, Last_Event_ID=str(before)) as ear:
        events = [await ear.next() for _ in range(19)]
        assert [event.id for event in events] == [None] * 9 + [registered] + sent
        assert len({event.data["facility_id"] for event in events[:10]}) == 10


async def test_a_facility_that_turns_stale_is_told_without_a_position(service, clock: Clock):
    await say(service)
    async with listening(service, CHANGES) as ear:
        clock.advance(hours=7)
        event = await ear.next()
        assert (event.id, event.data["position"]) == (None, None)
        assert (event.data["facility_id"], event.data["freshness"]) == ("rs-a", "stale")


async def test_changes_can_be_narrowed_to_kinds_and_beds(service):
    async with listening(service, CHANGES + "&kind=hospital&bed_type=ward_1") as ear:
        await say(service, "iso-c")
        seq = await say(service, "rs-a")
        event = await ear.next()
        assert (event.id, event.data["totals"]["beds_total"]) == (seq, None)


async def test_who_was_away_for_too_long_is_reset(service, monkeypatch):
    monkeypatch.setattr(trail_module, "CHANGES_KEPT", 3)
    service.node.board.recent_changes.__init__()
    service.node.board.recent_changes.forget(service.node.board.position)
    first = service.node.board.position
    for minute in range(5):
        last = await say(service, minutes=minute)
    async with listening(service, CHANGES, Last_Event_ID=str(first)) as ear:
        assert ((await ear.next()).name, ear.events[0].id) == ("reset", last)


# Who may listen, and how many.


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/areas/99/stream", 404),
        ("/v1/stream?area=33.74,99", 404),
        ("/v1/stream", 422),
        ("/v1/stream?area=" + ",".join(["33.74"] * 51), 422),
        (CITY + "?events=everything", 422),
        (CITY + "?after=x", 422),
        (CITY + "?nonsense=1", 422),
        (CHANGES + "&fresh_only=true", 422),
    ],
)
async def test_what_cannot_be_told_is_refused(service, path, status):
    async with listening(service, path) as ear:
        assert ear.status == status
        assert ear.headers["content-type"] == "application/problem+json"
    assert service.state["connection_limits"].taken == 0


async def test_where_figures_are_not_public_a_stream_needs_a_key_that_covers_the_area(service):
    object.__setattr__(service.node, "public_read", False)
    other = await service.key(area="33.75")
    own = await service.key(area="33.74")
    for key, status in ((None, 401), (other, 404), (own, 200)):
        async with listening(service, CITY, key=key) as ear:
            assert ear.status == status


async def test_the_stream_of_a_revoked_key_ends_at_the_next_check(service, monkeypatch):
    monkeypatch.setattr(fan_out_module, "RECHECK_SECONDS", 0.01)
    fan_out = FanOut(service.node)
    stopping = asyncio.Event()
    checking = asyncio.create_task(fan_out.run(stopping))
    state = {**service.state, "fan_out": fan_out}
    service.state = state
    key = await service.key(area="33.74")
    async with listening(service, CITY, key=key) as ear, listening(service, CITY) as other:
        await ear.next()
        await settle()
        assert not ear.ended
        await revoke_key(service.node, key.split("_")[1], by=OPERATOR)
        await ear.until_ended()
        assert not other.ended
    stopping.set()
    await checking


async def test_a_stream_ends_with_the_entry_that_moves_its_area_away_from_the_key(service):
    object.__setattr__(service.node, "public_read", False)
    before, after = await service.key(area="33.74"), await service.key(area="33.75")
    path = "/v1/areas/33.74.01/stream"
    for query in ("", "?events=changes"):
        kecamatan = service.node.board.area("33.74.01")
        async with (
            listening(service, path + query, key=before) as ear,
            listening(service, path + query, key=await service.key()) as nation,
        ):
            await nation.until_begun()
            await register_areas(service.node, [replace(kecamatan, parent="33.75")], by=OPERATOR)
            await say(service, occupied=7)
            await ear.until_ended()
            assert len(ear.events) == (0 if query else 1)  # nothing since it was opened
            assert not nation.ended
        async with listening(service, path + query, key=before) as ear:
            assert ear.status == 404
        async with listening(service, path + query, key=after) as ear:
            assert ear.status == 200
        await register_areas(service.node, [kecamatan], by=OPERATOR)


async def test_a_stream_ends_with_the_entry_that_revokes_its_key(service):
    key = await service.key(area="33.74")
    async with listening(service, CITY, key=key) as ear, listening(service, CITY) as other:
        await ear.next()
        await revoke_key(service.node, key.split("_")[1], by=OPERATOR)
        await ear.until_ended()
        assert not other.ended


async def test_who_is_behind_is_told_nothing_more_once_the_area_is_not_his(service):
    """Checked where it is told, not by a round that may come later."""
    object.__setattr__(service.node, "public_read", False)
    key = await service.key(area="33.74")
    async with listening(service, "/v1/areas/33.74.01/stream", key=key) as ear:
        await ear.next()
        ear.taking.clear()
        await say(service, occupied=5)
        await settle()
        kecamatan = service.node.board.area("33.74.01")
        await register_areas(service.node, [replace(kecamatan, parent="33.75")], by=OPERATOR)
        await say(service, occupied=7, minutes=1)
        ear.taking.set()
        await ear.until_ended()
        assert len(ear.events) == 1


async def test_one_key_has_twenty_streams_and_gets_its_places_back(service):
    key, others = await service.key(area="33.74"), await service.key(area="33.74")
    connection_limits: ConnectionLimits = service.state["connection_limits"]
    async with AsyncStack() as stack:
        for _ in range(20):
            assert (await stack.enter(listening(service, CITY, key=key))).status == 200
        refused = await stack.enter(listening(service, CITY, key=key))
        assert refused.status == 429
        assert int(refused.headers["retry-after"]) >= 5
        assert (await stack.enter(listening(service, CITY, key=others))).status == 200
        assert connection_limits.taken == 21
    assert connection_limits.taken == 0
    async with listening(service, CITY, key=key) as ear:
        assert ear.status == 200


async def test_one_address_without_a_key_has_twenty_five_unless_it_is_exempt(service, settings):
    assert settings.streams_per_address == 25
    service.state["rates"].public = Rate(10, 50)
    async with AsyncStack() as stack:
        for _ in range(25):
            assert (await stack.enter(listening(service, CITY, host="203.0.113.7"))).status == 200
        assert (await stack.enter(listening(service, CITY, host="203.0.113.7"))).status == 429
        assert (await stack.enter(listening(service, CITY, host="203.0.113.8"))).status == 200
        for _ in range(26):
            assert (await stack.enter(listening(service, CITY, host="127.0.0.1"))).status == 200


# A browser gives up an EventSource for good at any status but 200, so over a limit it gets an event and comes back.

EVENT_SOURCE = {"accept": "text/event-stream", "host": "203.0.113.7"}


async def heard_busy(app, code, **headers):
    async with listening(app, CITY, **(EVENT_SOURCE | headers)) as ear:
        await ear.until_ended()
        assert ear.status == 200
        assert ear.headers["content-type"].startswith("text/event-stream")
        assert ear.headers["cache-control"] == "no-store"
        assert b"retry: 30000\n" in ear.body
        (event,) = ear.events
        assert (event.name, event.id, event.data["code"]) == ("busy", None, code)
        assert event.data["detail"]


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (StreamLimits(per_process=0), "overloaded"),
        (StreamLimits(per_key=0), "rate-limited"),
        (StreamLimits(per_address=0), "rate-limited"),
    ],
)
async def test_over_a_limit_of_streams_an_event_source_is_told_to_come_back(service, limits, code):
    key = await service.key() if not limits.per_key else None
    service.state["connection_limits"].limits = limits
    await heard_busy(service, code, key=key)
    await heard_busy(service, code, key=key, accept="text/html, Text/Event-Stream;q=0.9")
    async with listening(service, CITY, key=key, host="203.0.113.7", accept="*/*") as ear:
        assert ear.status in {429, 503}
        assert "retry-after" in ear.headers
    assert service.state["connection_limits"].taken == 0


async def test_an_office_whose_screens_come_back_at_once_loses_none(service):
    service.state["rates"].public = Rate(0.01, 1)
    async with listening(service, CITY, **EVENT_SOURCE) as ear:
        assert (await ear.next()).name == "capacity"
    await heard_busy(service, "rate-limited")


async def test_a_busy_server_tells_it_from_outside_the_routes_too(service):
    full = InFlight(service.app, places=0)

    async def app(scope, receive, send):
        await full({**scope, "state": {**service.state, "request_id": "r"}}, receive, send)

    await heard_busy(app, "overloaded")


async def test_a_refusal_that_stays_is_a_status_for_an_event_source_too(service):
    async with listening(service, "/v1/areas/nowhere/stream", **EVENT_SOURCE) as ear:
        assert ear.status == 404
    async with listening(service, CITY, key="balai_no", **EVENT_SOURCE) as ear:
        assert ear.status == 401


async def test_a_waiting_question_over_the_limit_is_refused_whatever_it_accepts(service):
    service.state["connection_limits"].limits = StreamLimits(per_process=0)
    path = f"/v1/changes?after={service.node.board.position}"
    async with listening(service, path, **EVENT_SOURCE) as ear:
        assert ear.status == 503


async def test_a_full_process_says_so(service):
    service.state["connection_limits"].limits = StreamLimits(per_process=2)
    async with AsyncStack() as stack:
        for _ in range(2):
            assert (await stack.enter(listening(service, CITY))).status == 200
        refused = await stack.enter(listening(service, CITY))
        assert refused.status == 503
        assert int(refused.headers["retry-after"]) >= 1


async def test_head_asks_about_a_stream_and_does_not_open_one(service):
    async with listening(service, CITY, method="HEAD") as ear:
        await ear.until_ended()
        assert ear.status == 200
    assert service.state["connection_limits"].taken == 0


class AsyncStack:
    """Several listeners at once."""

    async def __aenter__(self) -> Self:
        self._open: list[Any] = []
        return self

    async def enter(self, listener: Any) -> Ear:
        ear = await listener.__aenter__()
        self._open.append(listener)
        return ear

    async def __aexit__(self, *why: object) -> None:
        for listener in reversed(self._open):
            await listener.__aexit__(*why)


# Slow ones, quiet ones, and the end.


async def test_a_slow_listener_gets_the_newest_state_and_slows_nobody(service):
    async with listening(service, CITY) as slow, listening(service, CITY) as quick:
        await slow.next()
        await quick.next()
        slow.taking.clear()
        for occupied in range(8):
            last = await say(service, occupied=occupied, minutes=occupied - 8)
            assert (await quick.next()).id == last
        assert len(slow.events) == 1
        slow.taking.set()
        assert (await slow.next()).id == last
        last = await say(service)
        assert (await slow.next()).id == last
        assert len(slow.events) == 3


async def test_a_slow_listener_of_changes_misses_none(service):
    async with listening(service, CHANGES) as slow:
        slow.taking.clear()
        sent = [await say(service, minutes=minute - 30) for minute in range(30)]
        await settle()
        assert slow.events == []
        slow.taking.set()
        assert [(await slow.next()).id for _ in sent] == sent


async def test_nothing_is_kept_for_a_slow_listener(service):
    async with listening(service, CITY) as slow:
        await slow.next()
        slow.taking.clear()
        await say(service)
        await settle()
        gc.collect()
        before = len(gc.get_objects())
        for minute in range(1, 60):
            await say(service, minutes=minute - 60)
        gc.collect()
        # The ledger's last entries are kept, in any case; a chunk a report would be 60 documents more.
        assert len(slow.body) < 10_000
        assert len(gc.get_objects()) - before < 60 * 60


async def test_a_quiet_stream_has_a_heartbeat(service, monkeypatch):
    monkeypatch.setattr(fan_out_module, "HEARTBEAT_SECONDS", 0.01)
    fan_out, stopping = FanOut(service.node), asyncio.Event()
    beating = asyncio.create_task(fan_out.run(stopping))
    service.state = {**service.state, "fan_out": fan_out}
    async with listening(service, CITY) as ear:
        await ear.next()
        async with asyncio.timeout(5):
            while ear.body.count(b":\n") < 3:  # noqa: ASYNC110 - a comment is no event
                await asyncio.sleep(0.005)
        stopping.set()
        await ear.until_ended()
    await beating


async def test_an_error_in_one_topic_leaves_the_others_their_heartbeat(service, monkeypatch):
    def mistake(_: object) -> bytes:
        raise ZeroDivisionError

    monkeypatch.setattr(fan_out_module, "HEARTBEAT_SECONDS", 0.01)
    fan_out, stopping = FanOut(service.node), asyncio.Event()
    beating = asyncio.create_task(fan_out.run(stopping))
    service.state = {**service.state, "fan_out": fan_out}
    async with listening(service, CITY) as broken, listening(service, CHANGES) as ear:
        monkeypatch.setattr(type(next(iter(fan_out._listeners))), "comment", mistake)
        begun = ear.body.count(b":\n")
        async with asyncio.timeout(5):
            while ear.body.count(b":\n") < begun + 3:  # noqa: ASYNC110 - a comment is no event
                await asyncio.sleep(0.005)
        stopping.set()
        await ear.until_ended()
        await broken.until_ended()
    await beating


async def test_all_streams_end_when_the_server_does(service):
    async with listening(service, CITY) as ear, listening(service, CHANGES) as other:
        service.state["stopping"].set()
        await ear.until_ended()
        await other.until_ended()
    assert service.state["connection_limits"].taken == 0


async def test_a_renamed_facility_is_told(service, officer):
    tag = (await officer.get("/v1/facilities/rs-a")).headers["etag"]
    async with listening(service, CHANGES) as ear:
        answer = await officer.patch("/v1/facilities/rs-a", json={"name": "RS Alpha"}, headers={"If-Match": tag})
        assert answer.status_code == 200, answer.text
        assert (await ear.next()).data["name"] == "RS Alpha"
