"""A small city with figures: a hospital that is free, one that is full, one with a hostile name and old figures."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from app.actions.register_facilities import register_facilities
from app.domain.permissions import OPERATOR
from app.domain.registry.facility import Facility, FacilityKind
from tests.conftest import Clock, Service

HOSTILE = "<script>alert(1)</script> \u202emurah"


@pytest.fixture
def report(officer: httpx2.AsyncClient, clock: Clock) -> Callable[..., Any]:
    """Send a report of ten beds, four of them occupied, unless something else is said."""

    async def send(facility: str, **counts: Any) -> None:
        line = {"bed_type": "ward_1", "beds_total": 10, "beds_occupied": 4, **counts}
        body = {"observed_at": clock.now.isoformat(), "lines": [line]}
        answer = await officer.post(f"/v1/facilities/{facility}/reports", json=body)
        assert answer.status_code == 201, answer.text

    return send


@pytest.fixture
async def city(service: Service, officer: httpx2.AsyncClient, clock: Clock, report: Callable[..., Any]) -> Service:
    """RS A has six free beds, RS B two and a queue of three; the figures of the third are eight hours old."""
    hostile = Facility("rs-x", FacilityKind.hospital, HOSTILE, "33.74.02", "private", -6.9, 110.4)
    await register_facilities(service.node, [hostile], by=OPERATOR)
    for facility, fields in {
        "rs-a": {"contact": {"name": "Jaga", "phones": ["+62 24-000 0120"]}},
        "rs-b": {"phone": "024 0001"},
    }.items():
        tag = (await officer.get(f"/v1/facilities/{facility}")).headers["etag"]
        answer = await officer.patch(f"/v1/facilities/{facility}", json=fields, headers={"if-match": tag})
        assert answer.status_code == 200, answer.text
    await report("rs-x", beds_occupied=8)
    clock.advance(hours=8)
    await report("rs-a")
    await report("rs-b", beds_occupied=8, queue=3)
    clock.advance(minutes=12)
    return service
