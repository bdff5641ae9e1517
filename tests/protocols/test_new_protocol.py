"""A new protocol is one folder and its lines in two tables: login, envelope, messages and figures come with that."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from app import protocols
from app.actions import hospitals
from app.actions.hospitals import Hospital, add_hospital
from app.config import Settings
from app.domain.channels import Channel
from app.domain.permissions import OPERATOR
from app.main import create_app
from app.protocols import request_log
from tests.conftest import Clock, Service
from tests.factories import build_world
from tests.protocols import toy
from tests.protocols.conftest import beds_of

ROOM = {"room": "A", "beds": "10", "used": "4"}


@pytest.fixture
async def service(settings: Settings, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Service]:
    """The application with one more protocol, as its line in each table would have it."""
    everything = (*protocols.PACKAGES, toy)
    monkeypatch.setattr(protocols, "PACKAGES", everything)
    for module in (protocols, request_log):
        monkeypatch.setattr(module, "PROTOCOLS", tuple(package.PROTOCOL for package in everything))
    monkeypatch.setitem(hospitals.SYSTEM_OF_CHANNEL, Channel.fhir, "sirs")
    monkeypatch.setitem(hospitals.BASE_OF_CHANNEL, Channel.fhir, "/toy")
    app = create_app(settings, clock=clock)
    async with app.router.lifespan_context(app) as state:
        made = Service(app, dict(state))
        await build_world(made.node)
        yield made


async def test_a_new_protocol_is_one_folder(service: Service, officer: httpx2.AsyncClient) -> None:
    added = await add_hospital(service.node, Hospital("rs-a"), by=OPERATOR)
    login = next(each for each in added.logins if each.channel is Channel.fhir)
    headers = {"X-rs-id": login.login, "X-pass": login.secret}
    async with service.client() as hospital:
        stored = await hospital.post("/toy//ROOMS/", json=ROOM, headers=headers)
        assert (stored.status_code, stored.json()) == (200, {"ok": True, "warnings": []})
        assert await beds_of(service) == (10, 4, 6)
        refused = await hospital.post("/toy/rooms", json={**ROOM, "used": "many"}, headers=headers)
        assert (refused.status_code, refused.json()["ok"]) == (422, False)
        assert "used" in refused.json()["why"]
        lost = await hospital.get("/toy/nowhere", headers=headers)
        assert (lost.status_code, lost.json()["code"]) == (404, 404)
        unknown = await hospital.post("/toy/rooms", json=ROOM, headers={**headers, "X-pass": "wrong"})
        assert unknown.json() == {"ok": False, "code": 401, "why": "Gagal: X-rs-id atau X-pass tidak sah"}
    messages = (await officer.get("/v1/facilities/rs-a/messages")).json()["messages"]
    assert [(each["channel"], each["outcome"]) for each in messages] == [
        ("fhir", "refused"), ("fhir", "refused"), ("fhir", "accepted"),
    ]  # fmt: skip
    document = (await officer.get("/openapi.json")).json()
    assert "/toy/rooms" in document["paths"]
