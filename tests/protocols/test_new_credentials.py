"""A credential that another node issued a moment ago is noted wherever it is first used, and strangers cost no more."""

import pytest

from app.actions.hospitals import Hospital, add_hospital
from app.config import Settings
from app.domain.channels import Channel
from app.domain.permissions import OPERATOR
from app.limits.rate_limits import Rate, Rates
from app.runtime.node import open_node
from tests.conftest import Clock, Service
from tests.protocols.conftest import SIRS


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("PUT /fo/index.php/Fasyanke", 404),
        (f"PATCH {SIRS}", 405),
        (f"PUT {SIRS}", 400),
        ("PUT /Fasyankes", 404),
        ("PUT /v1/reports", 404),
        ("POST /v1/reports", 401),
    ],
)
async def test_it_is_noted_where_it_is_first_used(
    service: Service, settings: Settings, clock: Clock, line: str, status: int
) -> None:
    keys = settings.secret_keys()
    async with (
        open_node(database_url=settings.database, secret_keys=keys, clock=clock) as other,
        service.client() as client,
    ):
        async with service.node.follower._reading:  # what is heard of the new entry waits
            protocols = await add_hospital(other, Hospital("rs-a", sirs="3374001"), by=OPERATOR)
            assert not service.node.board.keys_of_channel("rs-a", Channel.sirs)
        password = protocols.settings_for("http://testserver")["sirs"]["x_pass"]
        headers = {"X-rs-id": "3374001", "X-pass": password}
        answer = await client.request(*line.split(), headers=headers, content=b"")
    assert answer.status_code == status, answer.text
    [noted] = await service.node.messages.last("rs-a", limit=10)
    assert (noted.request, noted.channel, noted.status) == (line, Channel.sirs, status)


@pytest.mark.parametrize("path", ["/fo/index.php/Fasyanke", "/Fasyankes", "/healthz"])
async def test_unknown_ones_are_counted_before_they_are_looked_up(
    service: Service, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    read, catch_up = [], service.node.follower.catch_up

    async def counted() -> None:
        read.append(1)
        await catch_up()

    monkeypatch.setattr(service.node.follower, "catch_up", counted)
    service.state["rates"] = Rates(public=Rate(1, 3), exempt=(), clock=lambda: 0.0)
    async with service.client() as client:
        for headers in ({"X-rs-id": "3374001", "X-pass": "salah"}, {}):
            for _ in range(5):
                await client.put(path, headers=headers)
    assert len(read) == (0 if path == "/healthz" else 3)
