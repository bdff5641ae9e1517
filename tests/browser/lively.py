"""A city with every state that pages tell apart: fresh, late, silent, lapsed, never; tight, full, over the total."""

from datetime import timedelta
from typing import Any

from tests.browser.city import City

# Kecamatan of the hospitals below.
FRESH, TIGHT, FULL, LATE, SILENT = "33.74.07", "33.74.06", "33.74.08", "33.74.04", "33.74.11"
# Fresh for the larger part, and for the smaller one.
PARTLY, HARDLY = "33.74.15", "33.74.01"
# More patients than beds, in its only emergency department; no hospital has reported; no hospital at all.
OVER, NEVER, WITHOUT = "33.74.03", "33.74.14", "33.74.02"


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
        ("rs-3374134", timedelta(minutes=20), [beds("ward_3", 70, 52)]),
        ("rs-3374054", timedelta(hours=10), [beds("ward_2", 30, 20)]),
        ("rs-3374043", timedelta(minutes=15), [beds("ward_3", 20, 15)]),
        ("rs-3374145", timedelta(hours=11), [beds("ward_2", 60, 40)]),
        ("iso-uin", timedelta(hours=29), [beds("isolation_bed", 120, 20)]),
        ("iso-mhc", timedelta(hours=2), [beds("isolation_bed", 100, 37)]),
        ("iso-balai-kel-meteseh", timedelta(hours=1), [beds("isolation_bed", 12, 5)]),
        ("iso-balai-rw08-gajahmungkur", timedelta(minutes=40), [beds("isolation_bed", 5, 0)]),
    ]
    for facility, age, lines in reports:
        city.report(facility, *lines, observed_at=now - age)


HALLS = 105


def crowd(city: City, kelurahan: str) -> None:
    """Register more halls in a kelurahan than a list shows at once."""
    for n in range(HALLS):
        hall = {"facility_id": f"hall-{n}", "kind": "rw_hall", "name": f"Balai {n}", "area_code": kelurahan}
        answer = city.client.post("/v1/facilities", json=hall)
        assert answer.status_code in (200, 201), answer.text


def widen(city: City, parent: str, count: int) -> None:
    """Add an area with so many children, each with a hospital that reports."""
    areas = [{"code": parent, "name": "Lebar", "level": "city", "parent": "33"}]
    areas += [
        {"code": f"{parent}.{n:03d}", "name": f"Kecamatan {n}", "level": "kecamatan", "parent": parent}
        for n in range(1, count + 1)
    ]
    answer = city.client.post("/v1/areas", json=areas)
    assert answer.status_code == 201, answer.text
    for n in range(1, count + 1):
        hospital = {"facility_id": f"wide-{n}", "kind": "hospital", "name": f"RS {n}", "area_code": f"{parent}.{n:03d}"}
        answer = city.client.post("/v1/facilities", json=hospital)
        assert answer.status_code in (200, 201), answer.text
        city.report(f"wide-{n}", beds("ward_3", 20, n % 20))
