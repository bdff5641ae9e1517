"""A small registry for benchmarks that are not about size: a city of 50 kelurahan with 500 hospitals of 10 lines."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from uuid import uuid4

from app.actions.keys import issue_key
from app.actions.register_areas import register_areas
from app.actions.register_facilities import register_facilities
from app.actions.submit_reports import submit_reports
from app.domain.beds.counts import BedCount
from app.domain.channels import Channel
from app.domain.permissions import NATIONAL, OPERATOR
from app.domain.registry.area import Area, AreaLevel
from app.domain.registry.facility import Facility, FacilityKind
from app.domain.reports.report import Receipt, Report, ReportLine
from app.runtime.node import open_node
from app.store.maintenance.migrate import migrate

FACILITIES, KELURAHAN = 500, 50
BED_TYPES = (
    "ward_vip", "ward_1", "ward_2", "ward_3", "icu", "icu_ventilator", "hcu", "nicu", "isolation", "perinatal",
)  # fmt: skip
CITY, SOME_KELURAHAN = "33.74", "33.74.01.1001"
PATH = ("ID", "33", CITY, "33.74.01", SOME_KELURAHAN)  # of that kelurahan, where `rs-0` stands


def build_now(url: str) -> str:
    """Fill an empty database; gives a national key."""
    return asyncio.run(_build(url))


def requests(server_url: str, key: str) -> Callable[[], bytes]:
    """What makes whole requests: each a report of `rs-0` that changes all of its lines."""
    host = server_url.removeprefix("http://")
    head = f"POST /v1/facilities/rs-0/reports HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\n"
    turn = count()

    def request() -> bytes:
        occupied = 1 + next(turn) % 19
        lines = ",".join(
            f'{{"bed_type":"{name}","beds_total":20,"beds_occupied":{occupied},"queue":3}}' for name in BED_TYPES
        )
        said = f'{{"report_id":"{uuid4()}","observed_at":"{datetime.now(UTC).isoformat()}","lines":[{lines}]}}'
        return f"{head}Content-Type: application/json\r\nContent-Length: {len(said)}\r\n\r\n{said}".encode()

    return request


async def _build(url: str) -> str:
    await migrate(url)
    async with open_node(database_url=url) as node:
        areas = [
            Area("ID", "Indonesia", AreaLevel.country, "country", None),
            Area("33", "Jawa Tengah", AreaLevel.province, "provinsi", "ID"),
            Area(CITY, "Kota Semarang", AreaLevel.city, "kota", "33"),
            Area("33.74.01", "Semarang Tengah", AreaLevel.kecamatan, "kecamatan", CITY),
        ]
        villages = [
            Area(f"33.74.01.{1001 + n}", f"Kelurahan {n}", AreaLevel.kelurahan, "kelurahan", "33.74.01")
            for n in range(KELURAHAN)
        ]
        await register_areas(node, [*areas, *villages], by=OPERATOR)
        facilities = [
            Facility(f"rs-{n}", FacilityKind.hospital, f"RS {n}", villages[n % KELURAHAN].code, "private")
            for n in range(FACILITIES)
        ]
        await register_facilities(node, facilities, by=OPERATOR)
        _, key = await issue_key(node, scope=NATIONAL, by=OPERATOR, name="benchmark")
        lines = tuple(ReportLine(name, beds=BedCount(beds_total=20, beds_occupied=11, queue=3)) for name in BED_TYPES)
        now = datetime.now(UTC)
        reports = [
            Report(one.facility_id, Channel.native, f"first-{one.facility_id}", now, lines) for one in facilities
        ]
        answers = await submit_reports(node, reports, by=node.board.credentials()[0].actor)
        if not all(isinstance(answer, Receipt) for answer in answers):
            raise RuntimeError(f"not stored: {answers[0]}")
    return key
