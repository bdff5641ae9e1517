"""A strong ETag names the bytes of one document; what only says the same has a weak one (RFC 9110, 8.8.1)."""

import itertools
from pathlib import Path

import httpx2
import pytest

from app.actions.submit_reports import submit_reports
from app.domain.permissions import NATIONAL, Actor, Role
from tests.backup import Backup
from tests.conftest import Clock, Service
from tests.factories import line, report

COMMAND = Actor("command", Role.command, NATIONAL)
PATHS = [
    "/v1/facilities/rs-a",
    "/v1/areas/33.74/facilities",
    "/v1/areas/33.74",
    "/v1/areas",
    "/v1/bed-types",
    "/v1/position",
    "/openapi.json",
    "/docs",
    "/docs/assets/favicon.png",
    "/docs/assets/swagger-ui.css",
    *(
        f"/v1/areas/33.74/{table}?format={kind}"
        for table in ("capacity/children", "facilities")
        for kind in ("csv", "geojson", "xlsx")
    ),
    "/v1/areas/33.74/capacity",
    "/v1/areas/33.74/capacity/children",
]


@pytest.mark.parametrize("path", PATHS)
async def test_two_documents_of_one_url_never_share_a_strong_tag(
    service: Service, client: httpx2.AsyncClient, clock: Clock, path: str
) -> None:
    documents: dict[str, set[tuple[str, bytes]]] = {}
    for occupied in (3, 4, 4):  # other figures, then the same figures at another position
        said = report(line("icu", beds_total=10, beds_occupied=occupied), minutes=occupied)
        await submit_reports(service.node, [said], by=COMMAND)
        for packing in ("gzip", "identity"):
            async with client.stream("GET", path, headers={"Accept-Encoding": packing}) as answer:
                body = await answer.aread()
            tag = answer.headers.get("etag", "W/")
            if not tag.startswith("W/"):
                documents.setdefault(tag, set()).add((answer.headers.get("content-encoding", ""), body))
        clock.advance(seconds=3)
    assert all(len(bodies) == 1 for bodies in documents.values())


async def test_old_figures_and_new_ones_have_different_tags(
    service: Service, client: httpx2.AsyncClient, clock: Clock
) -> None:
    tags = []
    for occupied in (3, 4):
        said = report(line("icu", beds_total=10, beds_occupied=occupied), minutes=occupied)
        await submit_reports(service.node, [said], by=COMMAND)
        answer = await client.get("/v1/facilities/rs-a")
        tags.append((answer.json()["lines"][0]["beds_occupied"], answer.headers["etag"]))
        clock.advance(seconds=3)
    assert all(a[0] != b[0] and a[1] != b[1] for a, b in itertools.pairwise(tags))


@pytest.mark.parametrize("packing", ["gzip", "identity"])
async def test_the_tag_of_a_facility_serves_if_match_until_its_entry_changes(
    service: Service, officer: httpx2.AsyncClient, packing: str
) -> None:
    read = await officer.get("/v1/facilities/rs-a", headers={"Accept-Encoding": packing})
    if_match = {"If-Match": read.headers["etag"]}
    # Figures move all the time: they are nobody's change of the entry.
    said = report(line("icu", beds_total=10, beds_occupied=4))
    await submit_reports(service.node, [said], by=COMMAND)
    changed = await officer.patch("/v1/facilities/rs-a", json={"name": "RS Alpha"}, headers=if_match)
    assert changed.status_code == 200, changed.text
    again = await officer.patch("/v1/facilities/rs-a", json={"name": "RS Beta"}, headers=if_match)
    assert again.status_code == 412
    by_version = {"If-Match": f'"{changed.json()["version"]}"'}
    assert (await officer.patch("/v1/facilities/rs-a", json={"name": "RS Beta"}, headers=by_version)).status_code == 200


async def test_the_tag_of_a_lost_change_overwrites_nothing(
    service: Service, officer: httpx2.AsyncClient, tmp_path: Path
) -> None:
    """After a restored backup the same version number may be another officer's change."""
    first = {"If-Match": (await officer.get("/v1/facilities/rs-a")).headers["etag"]}
    backup = Backup(service.node.database.url, tmp_path / "backup.db")
    lost = await officer.patch("/v1/facilities/rs-a", json={"name": "RS Lost"}, headers=first)
    read = await officer.get("/v1/facilities/rs-a")
    backup.restore()
    await service.node.follower.catch_up()
    kept = await officer.patch("/v1/facilities/rs-a", json={"name": "RS Kept"}, headers=first)
    assert (kept.status_code, kept.json()["version"]) == (200, lost.json()["version"])
    for tag in (lost.headers["etag"], read.headers["etag"]):
        answer = await officer.patch("/v1/facilities/rs-a", json={"name": "RS B"}, headers={"If-Match": tag})
        assert answer.status_code == 412
    by_tag = {"If-Match": kept.headers["etag"]}
    assert (await officer.patch("/v1/facilities/rs-a", json={"name": "RS B"}, headers=by_tag)).status_code == 200
