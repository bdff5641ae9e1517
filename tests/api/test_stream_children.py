"""`events=children`: the rows of an area's children that changed, equal to those of `/capacity/children`."""

import asyncio
import random
from dataclasses import replace
from typing import Any

import pytest

from app.actions.register_areas import add_rw, register_areas
from app.actions.register_facilities import FacilityChange, change_facility, register_facilities
from app.actions.submit_reports import submit_reports
from app.api.streaming import children as children_module
from app.domain.permissions import NATIONAL, OPERATOR, Actor, Role
from app.domain.registry.area import Area, AreaLevel
from app.domain.registry.facility import Facility, FacilityKind
from tests.conftest import Clock, Service
from tests.factories import AREAS, line, report
from tests.sse import Ear, Event, listening

COMMAND = Actor("command", Role.command, NATIONAL)
CITY = "/v1/areas/33.74/stream?events=children"
ROWS = "/v1/areas/33.74/capacity/children"


async def say(service: Service, facility_id: str = "rs-a", occupied: int = 4, minutes: float = 0) -> int:
    bed_type = "isolation_bed" if facility_id == "rw-d" else "icu"
    said = report(line(bed_type, beds_total=10, beds_occupied=occupied), facility_id=facility_id, minutes=minutes)
    (receipt,) = await submit_reports(service.node, [said], by=COMMAND)
    return receipt.seq


async def nothing_follows(service: Service, ear: Ear, facility_id: str = "rs-b") -> None:
    """The next event is about what is said now."""
    seq = await say(service, facility_id, occupied=9, minutes=4)
    assert (await ear.next()).id == seq


def codes(event: Event) -> list[str]:
    return [row["area"]["code"] for row in event.data["children"]]


async def rows(client: Any, query: str = "") -> tuple[dict[str, Any], Any]:
    document = (await client.get(ROWS + query)).json()
    return {row["area"]["code"]: row for row in document["children"]}, document["unplaced"]


async def test_the_first_event_has_every_row_and_the_area_itself(service, client):
    await say(service)
    async with listening(service, CITY) as ear:
        first = await ear.next()
        document = (await client.get(ROWS)).json()
        assert (first.name, first.id) == ("children", service.node.board.position)
        assert {row["area"]["code"]: row for row in first.data["children"]} == (await rows(client))[0]
        assert first.data["unplaced"] == document["unplaced"]
        assert first.data["total"] == (await client.get("/v1/areas/33.74/capacity")).json()
        assert (first.data["position"], first.data["as_of"]) == (document["position"], document["as_of"])


async def test_a_report_is_told_as_the_row_of_its_child_alone(service, client):
    async with listening(service, CITY) as ear:
        await ear.next()
        for facility_id, code in (("rs-b", "33.74.02"), ("rw-d", "33.74.01"), ("iso-c", "33.74.01")):
            seq = await say(service, facility_id)
            event = await ear.next()
            assert (event.id, codes(event), event.data["unplaced"]) == (seq, [code], None)
            assert event.data["children"] == [(await rows(client))[0][code]]
            assert event.data["total"] == (await client.get("/v1/areas/33.74/capacity")).json()


async def test_what_happens_elsewhere_is_not_told(service):
    async with listening(service, CITY) as ear:
        await ear.next()
        await say(service, "rs-e")
        await nothing_follows(service, ear)


async def test_facilities_in_the_area_itself_are_the_row_unplaced(service, client):
    await register_facilities(
        service.node, [Facility("rs-u", FacilityKind.hospital, "U", "33.74", "city")], by=OPERATOR
    )
    async with listening(service, CITY) as ear:
        await ear.next()
        await say(service, "rs-u")
        event = await ear.next()
        assert (codes(event), event.data["unplaced"]) == ([], (await rows(client))[1])


@pytest.mark.parametrize(
    ("query", "silent", "heard"),
    [
        ("&kind=hospital", "rw-d", "rs-a"),
        ("&kind=hospital&kind=rw_hall", "iso-c", "rw-d"),
        ("&group=isolation", "rs-a", "rw-d"),
        ("&bed_type=icu", "rw-d", "rs-a"),
        ("&operated_by=rw,city", "rs-a", "iso-c"),
    ],
)
async def test_rows_are_filtered_and_those_that_stay_equal_are_left_out(service, client, query, silent, heard):
    for facility_id in (silent, heard):
        await say(service, facility_id)
    async with listening(service, CITY + query) as ear:
        await ear.next()
        await say(service, heard, occupied=1, minutes=1)  # compared from here on
        await ear.next()
        await say(service, silent, occupied=5, minutes=1)
        seq = await say(service, heard, occupied=6, minutes=2)
        event = await ear.next()
        assert event.id == seq
        (row,) = event.data["children"]
        assert row == (await rows(client, "?" + query[1:]))[0][row["area"]["code"]]


async def test_rows_change_by_the_clock(service, client, clock: Clock):
    await say(service)
    async with listening(service, CITY + "&fresh_only=true") as ear:
        first = await ear.next()
        assert sum(row["reporting"]["fresh"] for row in first.data["children"]) == 1
        clock.advance(hours=7)
        event = await ear.next()
        assert (codes(event), event.data["children"][0]["reporting"]["fresh"]) == (["33.74.01"], 0)
        assert event.data["children"] == [(await rows(client, "?fresh_only=true"))[0]["33.74.01"]]


async def test_a_new_child_is_a_new_row(service):
    async with listening(service, "/v1/areas/33.74.01.1002/stream?events=children") as ear:
        assert codes(await ear.next()) == []
        await add_rw(service.node, "33.74.01.1002", count=2, by=OPERATOR)
        assert codes(await ear.next()) == ["33.74.01.1002.001", "33.74.01.1002.002"]


async def test_after_an_area_moved_the_client_starts_again(service):
    moved = replace(next(area for area in AREAS if area.code == "33.74.02"), parent="33.75")
    position = service.node.board.position
    async with listening(service, CITY) as ear:
        await ear.next()
        await register_areas(service.node, [moved], by=OPERATOR)
        assert (await ear.next()).name == "reset"
        assert codes(await ear.next()) == ["33.74.01"]
    async with listening(service, CITY, Last_Event_ID=str(position)) as ear:
        assert [(await ear.next()).name for _ in range(2)] == ["reset", "children"]


async def test_a_facility_that_moves_changes_both_rows(service):
    async with listening(service, CITY) as ear:
        await ear.next()
        change = FacilityChange(area_code="33.74.02.1001")
        version = service.node.board.facility("rs-a").seq
        await change_facility(service.node, "rs-a", change, by=OPERATOR, reason="moved", if_match=version)
        assert sorted(codes(await ear.next())) == ["33.74.01", "33.74.02"]


# Coming back.


@pytest.mark.parametrize("by", ["header", "query"])
async def test_who_comes_back_hears_the_rows_that_changed_meanwhile(service, clock: Clock, by):
    position = await say(service)
    seq = await say(service, "rs-b", minutes=1)
    path, headers = (CITY, {"Last_Event_ID": str(position)}) if by == "header" else (f"{CITY}&after={position}", {})
    async with listening(service, path, **headers) as ear:
        event = await ear.next()
        assert (event.id, codes(event)) == (seq, ["33.74.02"])
    clock.advance(hours=7)
    service.node.board.advance(clock())
    async with listening(service, CITY, Last_Event_ID=str(seq)) as ear:
        assert sorted(codes(await ear.next())) == ["33.74.01", "33.74.02"]


async def test_who_missed_nothing_hears_nothing(service):
    position = await say(service)
    await say(service, "rs-e")
    async with listening(service, CITY, Last_Event_ID=str(position)) as ear:
        await nothing_follows(service, ear)


@pytest.mark.parametrize("last_id", ["999999", "abc", "3-000000000000"])
async def test_an_unknown_id_leads_to_a_reset_and_all_rows(service, last_id):
    async with listening(service, CITY, Last_Event_ID=last_id) as ear:
        assert (await ear.next()).name == "reset"
        assert sorted(codes(await ear.next())) == ["33.74.01", "33.74.02"]


async def test_it_is_the_stream_of_one_area(client):
    answer = await client.get("/v1/stream?events=children&area=33.74&area=33.75")
    assert answer.status_code == 422
    assert "one area" in answer.json()["errors"][0]["detail"]


# Many rows, many listeners.


async def many_children(service: Service, number: int) -> None:
    areas = [Area(f"33.75.{n:02d}", f"Kecamatan {n}", AreaLevel.kecamatan, "kecamatan", "33.75") for n in range(number)]
    await register_areas(service.node, areas, by=OPERATOR)


async def test_many_rows_come_in_parts_of_which_the_last_has_the_id(service, monkeypatch):
    monkeypatch.setattr(children_module, "ROWS_AT_ONCE", 3)
    monkeypatch.setattr(children_module, "ENCODED_AT_ONCE", 2)
    await many_children(service, 10)
    async with listening(service, "/v1/areas/33.75/stream?events=children") as ear:
        events, found = [], []
        while len(found) < 10 or not events[-1].id:
            events.append(await ear.next())
            found += codes(events[-1])
        assert found == [f"33.75.{n:02d}" for n in range(10)]
        assert len(events) >= 5
        assert [event.id for event in events[:-1]] == [None] * (len(events) - 1)


async def test_a_row_is_encoded_once_for_all_listeners(service, monkeypatch):
    await many_children(service, 20)
    encoded = []
    encode = children_module.EncodedRows._keep
    monkeypatch.setattr(
        children_module.EncodedRows, "_keep", lambda self, key, row: (encoded.append(key), encode(self, key, row))
    )
    path = "/v1/areas/33.75/stream?events=children"
    async with listening(service, path) as one, listening(service, path) as two, listening(service, path) as three:
        for ear in (one, two, three):
            found: list[str] = []
            while len(found) < 20:
                found += codes(await ear.next())
        assert len(encoded) == len(set(encoded)) <= 22
        before = len(encoded)
        await say(service, "rs-e")
        for ear in (one, two, three):
            while (event := await ear.next()).data["unplaced"] is None or event.id is None:
                pass
        assert len(encoded) <= before + 2  # the area itself, and those in none of its children


# Everything together.


@pytest.mark.parametrize("query", ["", "?kind=hospital", "?group=isolation&fresh_only=true"])
async def test_merged_rows_are_those_of_the_table_at_every_position(service, client, clock: Clock, query):
    chance = random.Random(query)
    shown: dict[str, Any] = {}
    async with listening(service, CITY + query.replace("?", "&")) as ear:
        for turn in range(30):
            if chance.random() < 0.3:
                clock.advance(hours=chance.choice((1, 5, 7, 20, 30)))
                service.node.board.advance(clock())
            minutes = (clock() - report().observed_at).total_seconds() / 60
            seq = await say(service, chance.choice(("rs-a", "rs-b", "iso-c", "rw-d")), chance.randint(0, 12), minutes)
            # What is awaited is told last, whatever the filters leave out.
            marker = Facility(f"m{turn}", FacilityKind.hospital, "M", "33.74", "city")
            await register_facilities(service.node, [marker], by=OPERATOR)
            table, unplaced = await rows(client, query)
            position = service.node.board.position
            assert position > seq
            for _ in range(200):
                for event in ear.events[ear._read :]:
                    ear._read += 1
                    shown |= {row["area"]["code"]: row for row in event.data["children"]}
                    shown |= {"": event.data["unplaced"]} if event.data["unplaced"] else {}
                    if event.data["position"] == position:
                        for row in event.data["children"]:
                            assert row == table[row["area"]["code"]]
                if same(shown, table | {"": unplaced}):
                    break
                await asyncio.sleep(0.005)
            assert same(shown, table | {"": unplaced})


def same(shown: dict[str, Any], table: dict[str, Any]) -> bool:
    def bare(found: dict[str, Any]) -> dict[str, Any]:
        moments = ("position", "as_of")
        return {code: {k: v for k, v in row.items() if k not in moments} for code, row in found.items()}

    return bare(shown) == bare(table)
