"""Real observations, replayed: what stands at the end is what the file says, computed here without the service."""

import csv
import gzip
import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pytest

from app.actions.keys import authenticate, issue_key
from app.actions.register_areas import register_areas
from app.actions.register_facilities import register_facilities
from app.actions.submit_reports import submit_reports
from app.domain.beds.counts import BedCount
from app.domain.capacity import FRESH_ONLY, Filters
from app.domain.channels import Channel
from app.domain.permissions import NATIONAL, OPERATOR
from app.domain.registry.area import Area, AreaLevel
from app.domain.registry.facility import Facility, FacilityKind
from app.domain.reports.report import Receipt, Report, ReportLine
from app.runtime.node import open_node
from tests.conftest import Clock
from tests.serving import served

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
DIVI = DATA / "divi_county_daily.csv.gz"

with_divi = pytest.mark.skipif(not DIVI.exists(), reason="divi_county_daily.csv.gz is not beside the project")


def divi_rows() -> Iterator[dict[str, str]]:
    with gzip.open(DIVI, "rt", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def observed_at(row: dict[str, str]) -> datetime:
    """The register's own moment, local time; noon on the first days, when it told none."""
    text = row["data_as_of"] or f"{row['date']}T12:00:00"
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo("Europe/Berlin"))).astimezone(UTC)


async def replay_divi(database_url: str, clock: Clock, days: int | None) -> tuple[int, int]:
    """Day by day, shuffled, one in twenty sent twice; checks the country's sum after each day."""
    chance = random.Random(20200426)
    rows = list(divi_rows())
    states = sorted({row["state_id"] for row in rows})
    counties = {row["county_ags"]: row["state_id"] for row in rows}
    areas = [Area("DE", "Deutschland", AreaLevel.country, "Bund", None)]
    areas += [Area(f"DE.{state}", f"Land {state}", AreaLevel.province, "Land", "DE") for state in states]
    areas += [
        Area(f"DE.{state}.{county}", f"Kreis {county}", AreaLevel.city, "Kreis", f"DE.{state}")
        for county, state in counties.items()
    ]
    facilities = [
        Facility(f"divi-{county}", FacilityKind.hospital, f"DIVI {county}", f"DE.{state}.{county}")
        for county, state in counties.items()
    ]
    accepted = checked = 0
    async with open_node(database_url=database_url, clock=clock) as node:
        await register_areas(node, areas, by=OPERATOR)
        await register_facilities(node, facilities, by=OPERATOR)
        actor = await authenticate(node, (await issue_key(node, scope=NATIONAL, by=OPERATOR))[1])
        for number, (date, group) in enumerate(groupby(rows, key=lambda row: row["date"])):
            if number == days:
                break
            day = list(group)
            free, occupied = (sum(int(row[name]) for row in day) for name in ("beds_free", "beds_occupied"))
            sent = day + chance.sample(day, len(day) // 20)
            chance.shuffle(sent)
            newest = max(observed_at(row) for row in day)
            clock.now = newest + timedelta(minutes=1)
            reports = [
                Report(
                    f"divi-{row['county_ags']}",
                    Channel.native,
                    f"{date}-{row['county_ags']}",
                    observed_at(row),
                    (
                        ReportLine(
                            "icu",
                            beds=BedCount(
                                beds_occupied=int(row["beds_occupied"]), beds_available=int(row["beds_free"])
                            ),
                        ),
                    ),
                )
                for row in sent
            ]
            answers = await submit_reports(node, reports, by=actor)
            receipts = [answer for answer in answers if isinstance(answer, Receipt)]
            assert len(receipts) == len(sent)
            assert sum(receipt.repeated for receipt in receipts) == len(sent) - len(day)
            accepted += len(day)
            # Counties that the register left out on this day keep their last figures; those who spoke are fresh.
            totals = node.board.roll_up("DE", clock(), Filters(freshness=FRESH_ONLY)).totals
            assert (totals.beds_available, totals.beds_occupied) == (free, occupied), date
            assert totals.beds_total == free + occupied
            parts, _ = node.board.children("DE", clock(), Filters(freshness=FRESH_ONLY))
            assert sum(part.totals.beds_available or 0 for part in parts) == free
            checked += 1
    return checked, accepted


@with_divi
async def test_the_country_is_the_sum_of_its_counties_on_the_first_days(sqlite_url: str, clock: Clock) -> None:
    checked, accepted = await replay_divi(sqlite_url, clock, days=30)
    assert checked == 30
    assert accepted > 30 * 350


@with_divi
@pytest.mark.slow
async def test_the_country_is_the_sum_of_its_counties_on_every_day(database_url: str, clock: Clock) -> None:
    assert await replay_divi(database_url, clock, days=None) == (350, 138_644)


def newest_of_semarang(rows: list[dict[str, str]]) -> dict[tuple[str, str], dict[str, str]]:
    """By facility and class: the row that was true last; among equal moments the one that came last."""
    newest: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows:
        key = row["facility_key"], row["bed_class"]
        moment = datetime.fromisoformat(row["reported_at"] or row["seen_at"])
        before = newest.get(key)
        if before is None or moment >= datetime.fromisoformat(before["reported_at"] or before["seen_at"]):
            newest[key] = row
    return newest


def sums(rows: list[dict[str, str]]) -> dict[str, Any]:
    """Vacant beds and queue in all, and vacant beds of each class."""
    by_class: dict[str, int] = defaultdict(int)
    for row in rows:
        by_class[row["bed_class"]] += int(row["vacant"])
    queues = [int(row["queue"]) for row in rows if row["queue"]]
    return {"vacant": sum(by_class.values()), "queue": sum(queues) if queues else None, "by_class": dict(by_class)}


SEMARANG = DATA / "bed_reports_semarang_2021.csv"
TYPE_OF_CLASS = {"igd_covid": "emergency_covid", "class_1": "ward_1", "class_2": "ward_2", "class_3": "ward_3"}


@pytest.mark.skipif(not SEMARANG.exists(), reason="bed_reports_semarang_2021.csv is not beside the project")
def test_a_replay_ends_with_each_facility_at_its_newest_observation(tmp_path: Path) -> None:
    with SEMARANG.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 1297
    newest = newest_of_semarang(rows)
    with served(tmp_path, "--seed", "semarang", BALAI_DAYS_LAPSED="3660") as server:
        key = server.key("--area", "33.74")
        first = server.run("replay", str(SEMARANG), "--url", server.url, "--key", key)
        assert first.returncode == 0, first.stderr
        position = httpx2.get(f"{server.url}/v1/position").json()["position"]
        again = server.run("replay", str(SEMARANG), "--url", server.url, "--key", key)
        assert again.returncode == 0, again.stderr
        assert httpx2.get(f"{server.url}/v1/position").json()["position"] == position, "a second replay wrote something"
        for facility_key in {key for key, _ in newest}:
            facility = httpx2.get(f"{server.url}/v1/facilities/rs-{facility_key}").json()
            said = {line["bed_type"]: line for line in facility["lines"]}
            wanted = {TYPE_OF_CLASS[c]: row for (k, c), row in newest.items() if k == facility_key}
            assert said.keys() == wanted.keys()
            for bed_type, row in wanted.items():
                assert said[bed_type]["beds_available"] == int(row["vacant"])
                assert said[bed_type]["queue"] == (int(row["queue"]) if row["queue"] else None)
                moment = datetime.fromisoformat(row["reported_at"] or row["seen_at"])
                assert datetime.fromisoformat(said[bed_type]["observed_at"]) == moment
        city = httpx2.get(f"{server.url}/v1/areas/33.74/capacity").json()
        assert server.run("verify").returncode == 0
    expected = sums(list(newest.values()))
    assert city["totals"]["beds_available"] == expected["vacant"]
    assert city["totals"]["queue"] == expected["queue"]
    # SIRANAP told vacant beds only: no total, no occupied bed is made up, and every line says that it is incomplete.
    assert city["totals"]["beds_total"] is None
    assert city["totals"]["beds_occupied"] is None
    assert city["totals"]["unknown_lines"] == len(newest)
    by_type = {block["bed_type"]: block["beds_available"] for block in city["by_bed_type"]}
    assert by_type == {TYPE_OF_CLASS[name]: beds for name, beds in expected["by_class"].items()}
