"""One builder per word, with good defaults; and a small world to stand in."""

import hashlib
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from app.actions.register_areas import register_areas
from app.actions.register_facilities import register_facilities
from app.domain.beds.counts import BedCount
from app.domain.channels import Channel
from app.domain.ledger import LedgerEntry, Matter, Position
from app.domain.permissions import OPERATOR
from app.domain.registry.area import Area, AreaLevel
from app.domain.registry.facility import Facility, FacilityKind
from app.domain.reports.report import Report, ReportLine
from app.runtime.node import Node

MORNING = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)

_NUMBERS = count(1)

AREAS = (
    Area("ID", "Indonesia", AreaLevel.country, "country", None),
    Area("33", "Jawa Tengah", AreaLevel.province, "provinsi", "ID", -7.26, 110.2),
    Area("33.74", "Kota Semarang", AreaLevel.city, "kota", "33", -7.02, 110.39),
    Area("33.74.01", "Semarang Tengah", AreaLevel.kecamatan, "kecamatan", "33.74"),
    Area("33.74.01.1001", "Miroto", AreaLevel.kelurahan, "kelurahan", "33.74.01"),
    Area("33.74.01.1002", "Brumbungan", AreaLevel.kelurahan, "kelurahan", "33.74.01"),
    Area("33.74.02", "Semarang Utara", AreaLevel.kecamatan, "kecamatan", "33.74"),
    Area("33.74.02.1001", "Bandarharjo", AreaLevel.kelurahan, "kelurahan", "33.74.02"),
    Area("33.74.01.1001.001", "RW 01", AreaLevel.rw, "rw", "33.74.01.1001"),
    Area("33.75", "Kota Pekalongan", AreaLevel.city, "kota", "33"),
)

FACILITIES = (
    Facility(
        "rs-a",
        FacilityKind.hospital,
        "RS A",
        "33.74.01.1001",
        "private",
        -6.98,
        110.42,
        identifiers={"sirs": "3374001"},
    ),
    Facility("rs-b", FacilityKind.hospital, "RS B", "33.74.02.1001", "city", -6.96, 110.41),
    Facility("iso-c", FacilityKind.isolation_site, "Rumah Isolasi C", "33.74.01", "city"),
    Facility("rw-d", FacilityKind.rw_hall, "Balai RW 01 Miroto", "33.74.01.1001.001", "rw", -6.99, 110.42),
    Facility("rs-e", FacilityKind.hospital, "RS E", "33.75", "private"),
)


def beds(**counts: Any) -> BedCount:
    """Ten beds, four of them occupied, unless something else is said."""
    return BedCount(**(counts or {"beds_total": 10, "beds_occupied": 4}))


def line(bed_type: str = "icu", *, ward: str = "", closed: bool = False, **counts: Any) -> ReportLine:
    """One line."""
    return ReportLine(bed_type, ward, None, None if closed else beds(**counts))


def report(
    *lines: ReportLine,
    facility_id: str = "rs-a",
    channel: Channel = Channel.native,
    report_id: str | None = None,
    minutes: float = 0,
    complete: bool = False,
) -> Report:
    """A report of the morning, or so many minutes later; one line of ten beds unless lines are given."""
    return Report(
        facility_id=facility_id,
        channel=channel,
        report_id=report_id or f"r{next(_NUMBERS)}",
        observed_at=MORNING + timedelta(minutes=minutes),
        lines=lines or (() if complete else (line(),)),
        complete=complete,
    )


def entry_after(head: Position, matter: Matter, *, at: datetime = MORNING, history: str = "") -> LedgerEntry:
    """The next entry of a ledger that is only thought of; another `history` makes another entry of it."""
    chain = hashlib.sha256(f"{head} {matter} {at} {history}".encode()).hexdigest()
    return LedgerEntry(head.seq + 1, at, "tester", matter, head.chain, chain)


async def build_world(node: Node) -> None:
    """Areas and facilities of a small city, and one beside it."""
    await register_areas(node, AREAS, by=OPERATOR)
    await register_facilities(node, FACILITIES, by=OPERATOR)
