"""Hospitals with doors, and their software: one client for each door."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from app.actions.hospitals import Hospital, add_hospital
from app.domain.channels import Channel
from app.domain.permissions import OPERATOR
from app.domain.signatures import signature
from tests.conftest import Clock, Service

SIRS = "/fo/index.php/Fasyankes"


class Software:
    """What runs at a hospital: its codes and secrets, and a way to call."""

    def __init__(self, client: httpx2.AsyncClient, clock: Clock, secrets: dict[Channel, tuple[str, str]]) -> None:
        self.client, self.clock, self.secrets = client, clock, secrets

    @property
    def sirs_headers(self) -> dict[str, str]:
        """What SIRS Online wants."""
        code, password = self.secrets[Channel.sirs]
        return {"X-rs-id": code, "X-pass": password, "X-Timestamp": self.timestamp()}

    def timestamp(self, ahead: timedelta = timedelta()) -> str:
        """Unix seconds by this hospital's clock."""
        return str(int((self.clock() + ahead).timestamp()))

    async def sirs(self, method: str, said: Any = None, path: str = SIRS, **more: Any) -> httpx2.Response:
        """One request in SIRS Online."""
        headers = self.sirs_headers | more.pop("headers", {})
        return await self.client.request(method, path, json=said, headers=headers, **more)

    async def sirs_rows(self) -> list[dict[str, str]]:
        """What the door shows of its own rows."""
        answer = await self.sirs("GET")
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, str]] = answer.json()["fasyankes"]
        return rows

    def aplicares_headers(self, timestamp: str | None = None, signed: str | None = None) -> dict[str, str]:
        """What Aplicares wants; `signed` is the time that was signed, where it is not the one that is sent."""
        consumer_id, secret = self.secrets[Channel.aplicares]
        stamp = timestamp or self.timestamp()
        signed = signature(secret, consumer_id, signed or stamp)
        return {"X-cons-id": consumer_id, "X-timestamp": stamp, "X-signature": signed}

    async def aplicares(self, method: str, path: str, said: Any = None, **more: Any) -> httpx2.Response:
        """One request in Aplicares; `path` begins after the base."""
        headers = self.aplicares_headers() | more.pop("headers", {})
        return await self.client.request(method, f"/aplicaresws/rest/{path}", json=said, headers=headers, **more)


@pytest.fixture
async def software(service: Service, clock: Clock) -> AsyncIterator[Software]:
    """The software of rs-a, which has all doors."""
    protocols = await add_hospital(service.node, Hospital("rs-a", bpjs="1199R001"), by=OPERATOR)
    async with service.client() as client:
        yield Software(
            client, clock, {protocol.channel: (protocol.login, protocol.secret) for protocol in protocols.logins}
        )


async def beds_of(service: Service, area: str = "33.74") -> tuple[int | None, int | None, int | None]:
    """Total, occupied and available of an area."""
    totals = service.node.board.roll_up(area, service.node.clock()).totals
    return totals.beds_total, totals.beds_occupied, totals.beds_available
