"""A city with every state that pages tell apart: fresh, late, silent, lapsed, never; tight, full, over the total."""

from datetime import timedelta
from typing import Any

from tests.browser.city import City

# Kecamatan of the hospitals below.
FRESH, TIGHT, FULL, LATE, SILENT = "33.74.07", "33.74.06", "33.74.08", "33.74.04", "33.74.11"


def beds(bed_type: str, total: int, occupied: int, **more: Any) -> dict[str, Any]:
    """One line of a report."""
    return {"bed_type": bed_type, "beds_total": total, "beds_occupied": occupied, **more}


def enliven(city: City) -> None:
    """Send reports for a dozen facilities; the others have never reported."""
    now = city.clock()
    reports: list[tuple[str, timedelta, list[dict[str, Any]]]] = [
        ("rs-3374010", timedelta(minutes=12), [beds("icu", 40, 30, queue=2), beds("ward_3", 300, 200)]),
        ("rs-3374080", timedelta(minutes=41), [beds("ward_2", 80, 60), beds("emergency", 12, 9, queue=3)]),
        ("rs-3374123", timedelta(minutes=5), [beds("ward_3", 100, 89)]),  # tight
        ("rs-3374021", timedelta(minutes=17), [beds("icu", 12, 12, queue=3), beds("ward_1", 60, 58)]),  # full
        ("rs-3374342", timedelta(hours=3), [beds("ward_3", 200, 150), beds("nicu", 9, 6)]),
        ("rs-3374091", timedelta(hours=9), [beds("ward_3", 91, 63)]),  # late
        ("rs-3374331", timedelta(hours=31), [beds("ward_2", 60, 41), beds("icu", 6, 2)]),  # silent
        ("rs-3374365", timedelta(days=41), [beds("ward_2", 70, 20)]),  # lapsed
        ("rs-3374112", timedelta(minutes=2), [beds("emergency", 12, 13, queue=1)]),  # more patients than beds
        ("iso-uin", timedelta(hours=29), [beds("isolation_bed", 120, 20)]),
        ("iso-mhc", timedelta(hours=2), [beds("isolation_bed", 100, 37)]),
        ("iso-balai-kel-meteseh", timedelta(hours=1), [beds("isolation_bed", 12, 5)]),
        ("iso-balai-rw08-gajahmungkur", timedelta(minutes=40), [beds("isolation_bed", 5, 0)]),
    ]
    for facility, age, lines in reports:
        city.report(facility, *lines, observed_at=now - age)
