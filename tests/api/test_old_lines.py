"""An old bed never looks fresh: the age of every line, in every query, sum, export and event."""

import csv
import io
from datetime import timedelta

import httpx2
import pytest

from app.actions.submit_reports import submit_report
from app.domain.channels import Channel
from app.domain.permissions import NATIONAL, Actor, Role
from app.domain.reports.report import ReportLine
from tests.conftest import Clock, Service
from tests.factories import MORNING, line, report
from tests.sse import listening

COMMAND = Actor("command", Role.command, NATIONAL)
YEARS = timedelta(days=5 * 365)
CITY = "/v1/areas/33.74"
OLD = (
    line("emergency", beds_total=20, beds_occupied=12),
    line("ward_1", beds_total=100, beds_occupied=80),
    line("icu", beds_available=44),
)


async def send(service: Service, *lines: ReportLine, channel: Channel = Channel.native, **more: object) -> None:
    await submit_report(service.node, report(*lines, channel=channel, **more), by=COMMAND)  # type: ignore[arg-type]


@pytest.fixture
async def of_old_days(service: Service, clock: Clock) -> Service:
    """Three lines of five years ago; then a report of one line."""
    clock.now = MORNING - YEARS
    minutes = -YEARS / timedelta(minutes=1)
    await send(service, *OLD, minutes=minutes)
    clock.now = MORNING
    await send(service, line("hcu", beds_total=1, beds_occupied=0))
    return service


async def get(client: httpx2.AsyncClient, path: str) -> dict:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_new_line_makes_no_old_one_fresh(of_old_days, client):
    """The finding of the replayed figures: one line of one bed made beds of five years ago count as fresh."""
    whole, fresh = await get(client, f"{CITY}/capacity"), await get(client, f"{CITY}/capacity?fresh_only=true")
    for totals in (whole["totals"], fresh["totals"]):
        assert (totals["beds_total"], totals["beds_available"], totals["facilities"]) == (1, 1, 1)
        assert totals["fresh"]["beds_available"] == 1
        assert totals["oldest_observed_at"] == "2026-11-23T03:00:00Z"
    assert {block["bed_type"] for block in whole["by_bed_type"]} == {"hcu"}
    found = await get(client, f"{CITY}/facilities?bed_type=emergency&min_available=1")
    assert found["facilities"] == []
    found = await get(client, f"{CITY}/facilities?bed_type=emergency&near=-6.98,110.42")
    assert [(row["freshness"], row["totals"]["beds_available"]) for row in found["facilities"]] == [("lapsed", None)]


async def test_the_facility_shows_what_lapsed(of_old_days, client):
    shown = await get(client, "/v1/facilities/rs-a")
    assert shown["freshness"] == "fresh"
    assert shown["lines_by_freshness"] == {"fresh": 1, "stale": 0, "silent": 0, "lapsed": 3}
    lines = {each["bed_type"]: each for each in shown["lines"]}
    assert {name: each["freshness"] for name, each in lines.items()} == {
        "emergency": "lapsed", "ward_1": "lapsed", "icu": "lapsed", "hcu": "fresh"
    }  # fmt: skip
    assert not lines["emergency"]["counted"]
    assert lines["emergency"]["age_seconds"] == YEARS.total_seconds()
    assert shown["thresholds"] == {"stale_hours": 6, "silent_hours": 24, "lapsed_days": 30}
    assert (shown["stale_at"], shown["silent_at"]) == ("2026-11-23T09:00:00Z", "2026-11-24T03:00:00Z")


async def test_a_facility_whose_lines_have_all_lapsed_adds_nothing_and_is_counted_as_lapsed(service, clock, client):
    await send(service, line("icu"), line("hcu"))
    for days, freshness in ((30, "silent"), (30.1, "lapsed")):
        clock.now = MORNING + timedelta(days=days)
        found = await get(client, f"{CITY}/capacity")
        reporting = found["reporting"]
        assert reporting[freshness] == 1
        assert sum(reporting[name] for name in ("fresh", "stale", "silent", "lapsed", "never")) == 4
        assert found["totals"]["beds_total"] == (20 if freshness == "silent" else None)
        assert (await get(client, "/v1/facilities/rs-a"))["freshness"] == freshness


async def test_when_a_line_lapses_can_be_set_for_one_facility(service, officer, clock, client):
    changed = await officer.patch("/v1/facilities/rs-a", json={"lapsed_after_days": 2}, headers={"If-Match": "*"})
    assert changed.json()["lapsed_after_days"] == 2
    await send(service, line("icu"))
    clock.now = MORNING + timedelta(days=2.1)
    shown = await get(client, "/v1/facilities/rs-a")
    assert (shown["freshness"], shown["thresholds"]["lapsed_days"]) == ("lapsed", 2)


async def test_software_that_sends_only_changes_stays_fresh_for_a_day(service, clock, client):
    await send(service, line("icu"), line("hcu"))
    for hours, fresh in ((12, 20), (24, 20), (24.1, 10)):
        clock.now = MORNING + timedelta(hours=hours)
        await send(service, line("icu"), minutes=hours * 60)
        totals = (await get(client, f"{CITY}/capacity"))["totals"]
        assert (totals["beds_total"], totals["fresh"]["beds_total"]) == (20, fresh)


async def test_every_filter_is_about_the_lines_that_match(service, clock, client):
    await send(service, line("icu", beds_total=10, beds_occupied=4), line("ward_1", beds_total=50, beds_occupied=20))
    clock.now = MORNING + timedelta(hours=26)
    await send(service, line("ward_1", beds_total=50, beds_occupied=20), minutes=26 * 60)
    silent = await get(client, f"{CITY}/capacity?group=intensive")
    assert silent["reporting"] == {
        "facilities": 1,
        "fresh": 0,
        "stale": 0,
        "silent": 1,
        "lapsed": 0,
        "never": 0,
        "completeness": 0.0,
        "oldest_observed_at": "2026-11-23T03:00:00Z",
        "newest_observed_at": "2026-11-23T03:00:00Z",
    }
    assert silent["totals"]["fresh"]["beds_available"] is None
    assert (silent["totals"]["fresh"]["facilities"], silent["totals"]["facilities"]) == (0, 1)
    fresh = await get(client, f"{CITY}/capacity?bed_type=ward_1")
    assert (fresh["reporting"]["fresh"], fresh["reporting"]["facilities"]) == (1, 1)
    rows = {
        query: [
            (row["freshness"], row["observed_at"], row["totals"]["beds_available"])
            for row in (await get(client, f"{CITY}/facilities?{query}"))["facilities"]
        ]
        for query in ("group=intensive", "freshness=fresh", "freshness=silent", "group=intensive&freshness=fresh")
    }
    assert rows == {
        "group=intensive": [("silent", "2026-11-23T03:00:00Z", 6)],
        "freshness=fresh": [("fresh", "2026-11-24T05:00:00Z", 30)],
        "freshness=silent": [("silent", "2026-11-23T03:00:00Z", 6)],
        "group=intensive&freshness=fresh": [],
    }
    assert (await get(client, f"{CITY}/facilities?freshness=fresh&min_available=31"))["facilities"] == []


async def test_free_beds_without_a_total_are_explained(service, client):
    await send(service, line("icu", beds_total=10, beds_occupied=4), line("hcu", beds_available=90))
    totals = (await get(client, f"{CITY}/capacity"))["totals"]
    assert (totals["beds_total"], totals["beds_available"], totals["beds_available_without_total"]) == (10, 96, 90)


@pytest.mark.parametrize("path", ["capacity/children", "facilities"])
async def test_tables_have_the_age_of_their_figures(service, client, path):
    await send(service, line("icu", beds_total=10, beds_occupied=4, queue=2))
    answer = await client.get(f"{CITY}/{path}?format=csv")
    row = next(row for row in csv.DictReader(io.StringIO(answer.text)) if row["beds_total"] == "10")
    found = {name: value for name, value in row.items() if name.startswith("fresh_") or "without" in name}
    assert found == {
        "fresh_beds_total": "10",
        "fresh_beds_occupied": "4",
        "fresh_beds_available": "6",
        "fresh_beds_blocked": "0",
        "fresh_queue": "2",
        "fresh_occupancy": "0.4",
        "fresh_facilities": "1",
        "fresh_oldest_observed_at": "2026-11-23T03:00:00Z",
        "beds_available_without_total": "0",
    }
    assert row["facilities"] == "1"
    assert row["oldest_observed_at"] == "2026-11-23T03:00:00Z"


@pytest.fixture
async def by_two_channels(service: Service) -> Service:
    """A hospital of 152 beds, by the ministry's protocol."""
    await send(service, line("ward_1", beds_total=100, beds_occupied=80), line("icu", beds_total=52, beds_occupied=40),
               channel=Channel.sirs)  # fmt: skip
    return service


async def test_a_test_line_hides_no_hospital(by_two_channels, officer, client):
    """The finding: a line sent by key and closed again removed 152 fresh beds from the city."""
    sent = await officer.post(
        "/v1/facilities/rs-a/reports",
        json={"observed_at": "2026-11-23T10:00:00+07:00", "lines": [{"bed_type": "hcu", "beds_total": 1}]},
    )
    assert [warning["code"] for warning in sent.json()["warnings"]] == ["partial_channel"]
    shown = await get(client, "/v1/facilities/rs-a")
    assert (shown["counting_channel"], shown["partial_channels"]) == ("sirs", ["native"])
    assert [(each["channel"], each["partial"]) for each in shown["channels"]] == [("native", True), ("sirs", False)]
    closed = await officer.post(
        "/v1/facilities/rs-a/reports",
        json={"observed_at": "2026-11-23T10:00:01+07:00", "lines": [{"bed_type": "hcu", "closed": True}]},
    )
    assert closed.status_code == 201
    assert (await get(client, f"{CITY}/capacity"))["totals"]["beds_total"] == 152
    assert (await get(client, "/v1/facilities/rs-a"))["counting_channel"] == "sirs"


async def test_a_receipt_says_that_another_channel_counts_and_the_facility_since_when_and_why(
    by_two_channels, service, officer, client, clock
):
    clock.advance(minutes=10)
    sent = await officer.post(
        "/v1/facilities/rs-a/reports",
        json={"observed_at": "2026-11-23T10:05:00+07:00", "lines": [{"bed_type": "ward_1", "beds_total": 150}]},
    )
    [warning] = sent.json()["warnings"]
    assert warning["code"] == "channel_changed"
    assert warning["detail"] == "the figures of native count from now on, no longer those of sirs (preferred)"
    again = (await client.get("/v1/facilities/rs-a")).json()
    assert (again["counting_channel"], again["counting_since"], again["counting_reason"]) == (
        "native", "2026-11-23T03:10:00Z", "preferred"
    )  # fmt: skip
    pinned = await officer.patch("/v1/facilities/rs-a", json={"counting_channel": "sirs"}, headers={"If-Match": "*"})
    assert pinned.status_code == 200
    shown = await get(client, "/v1/facilities/rs-a")
    assert (shown["counting_channel"], shown["counting_reason"]) == ("sirs", "pinned")


async def test_time_alone_makes_another_channel_count_at_its_moment(by_two_channels, service, client, clock):
    clock.advance(hours=2)
    await send(service, line("ward_1", beds_total=150), channel=Channel.form, minutes=120)
    assert (await get(client, "/v1/facilities/rs-a"))["counting_channel"] == "sirs"
    clock.advance(hours=5)
    shown = await get(client, "/v1/facilities/rs-a")
    assert (shown["counting_channel"], shown["counting_since"], shown["counting_reason"]) == (
        "form", "2026-11-23T09:00:00Z", "preferred"
    )  # fmt: skip


async def test_streams_tell_when_lines_turn_silent_and_lapse_by_time_alone(service, clock):
    """Beside a line that stays fresh: no report causes the event."""
    await send(service, line("icu"), line("hcu"))
    clock.advance(hours=23)
    await send(service, line("hcu"), minutes=23 * 60)
    position = str(service.node.board.position)
    async with (
        listening(service, f"{CITY}/stream") as city,
        listening(service, f"{CITY}/stream?fresh_only=true&group=intensive") as fresh,
        listening(service, f"{CITY}/stream?events=changes", Last_Event_ID=position) as changes,
        listening(service, f"{CITY}/stream?events=changes&bed_type=icu", Last_Event_ID=position) as intensive,
    ):
        for stream in (city, fresh):
            assert (await stream.next()).data["totals"]["fresh"]["beds_total"] == 20
        clock.advance(hours=1.1)
        told = await city.next()
        assert (told.data["totals"]["beds_total"], told.data["totals"]["fresh"]["beds_total"]) == (20, 10)
        assert (await fresh.next()).data["totals"]["beds_total"] == 10
        of_old_lines = (await intensive.next()).data
        assert (of_old_lines["freshness"], of_old_lines["observed_at"]) == ("silent", "2026-11-23T03:00:00Z")
        changed = (await changes.next()).data
        assert (changed["position"], changed["freshness"], changed["totals"]["fresh"]["beds_total"]) == (
            None, "fresh", 10
        )  # fmt: skip


async def test_a_stream_tells_of_the_channel_that_counts_and_why(by_two_channels, service, clock):
    position = str(service.node.board.position)
    async with listening(service, f"{CITY}/stream?events=changes", Last_Event_ID=position) as changes:
        await send(service, line("ward_1", beds_total=150))
        told = (await changes.next()).data
        assert (told["counting_channel"], told["counting_reason"], told["counting_since"]) == (
            "native", "preferred", "2026-11-23T03:00:00Z"
        )  # fmt: skip
