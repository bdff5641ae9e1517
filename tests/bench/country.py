"""A country in a database: all areas of Indonesia, 3,000 hospitals of 12 lines, 80,000 halls of one line.

The areas are real (../shared/data/areas_indonesia.csv.gz); the facilities and counts are made up from a fixed seed.
"""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.actions.keys import issue_key
from app.actions.register_areas import register_areas
from app.actions.register_facilities import register_facilities
from app.actions.submit_reports import submit_reports
from app.cli.registry_rows import read_areas
from app.domain.beds.counts import BedCount
from app.domain.channels import Channel
from app.domain.permissions import NATIONAL, OPERATOR
from app.domain.registry.area import AreaLevel
from app.domain.registry.facility import Facility, FacilityKind
from app.domain.reports.report import Receipt, Report, ReportLine
from app.runtime.node import open_node
from app.store.maintenance.migrate import migrate

AREAS = Path(__file__).resolve().parents[3] / "shared" / "data" / "areas_indonesia.csv.gz"
HOSPITALS, HALLS = 3_000, 80_000
HOSPITAL_TYPES = (
    "ward_vip", "ward_1", "ward_2", "ward_3", "icu", "icu_ventilator", "hcu", "nicu", "picu", "isolation",
    "perinatal", "emergency",
)  # fmt: skip


async def build(url: str) -> str:
    """Fill an empty database; gives a national key."""
    chance = random.Random(20260101)
    await migrate(url)
    async with open_node(database_url=url) as node:
        areas = await register_areas(node, [area for _, area in read_areas(AREAS)], by=OPERATOR)
        villages = [area for area in areas if area.level is AreaLevel.kelurahan]
        facilities = [
            Facility(f"rs-{n}", FacilityKind.hospital, f"RS {n}", chance.choice(villages).code, "private")
            for n in range(HOSPITALS)
        ]
        facilities += [
            Facility(f"balai-{n}", FacilityKind.rw_hall, f"Balai RW {n}", village.code, "rw")
            for n, village in enumerate(chance.sample(villages, HALLS))
        ]
        await register_facilities(node, facilities, by=OPERATOR)
        _, key = await issue_key(node, scope=NATIONAL, by=OPERATOR, name="benchmark")
        now = datetime.now(UTC)
        actor = node.board.credentials()[0].actor
        reports = [
            report_of(facility, now - timedelta(minutes=chance.randint(1, 120)), chance) for facility in facilities
        ]
        for start in range(0, len(reports), 1_000):
            answers = await submit_reports(node, reports[start : start + 1_000], by=actor)
            if not all(isinstance(answer, Receipt) for answer in answers):
                raise RuntimeError(f"not stored: {answers[0]}")
    return key


def report_of(facility: Facility, at: datetime, chance: random.Random) -> Report:
    """The first report of a facility of the country."""
    types = HOSPITAL_TYPES if facility.kind is FacilityKind.hospital else ("isolation_bed",)
    lines = []
    for bed_type in types:
        total = chance.randint(5, 80)
        beds = BedCount(beds_total=total, beds_occupied=chance.randint(0, total), queue=chance.randint(0, 5))
        lines.append(ReportLine(bed_type, beds=beds))
    return Report(facility.facility_id, Channel.native, f"first-{facility.facility_id}", at, tuple(lines))


def build_now(url: str) -> str:
    """The same, for a program that does not wait."""
    return asyncio.run(build(url))
