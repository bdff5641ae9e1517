"""Signatures made by clocks in local time: let in, and good for one time only."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest

from app.actions.hospitals import rotate_logins
from app.actions.maintenance.verify import verify
from app.domain.channels import Channel
from app.domain.permissions import OPERATOR
from tests.conftest import Clock, Service
from tests.protocols.conftest import Software

PATH = "bed/update/1199R001"
ROOM: dict[str, Any] = {"kodekelas": "ISO", "koderuang": "A", "kapasitas": 8, "tersedia": 3}


async def send(software: Software, headers: dict[str, str]) -> httpx2.Response:
    return await software.aplicares("POST", PATH, ROOM, headers=headers)


def ahead(software: Software, hours: float) -> dict[str, str]:
    """A signature by a clock so far ahead."""
    return software.aplicares_headers(software.timestamp(timedelta(hours=hours)))


def clock_hours(service: Service, software: Software) -> int:
    key = service.node.board.credential(software.secrets[Channel.aplicares][0])
    assert key is not None
    return key.clock_hours


@pytest.mark.parametrize(("hours", "later"), [(7, 7), (8, 8), (8, 1), (9, 9), (9, 2), (9, 1)])
async def test_a_captured_signature_of_a_local_clock_is_not_good_again_hours_later(
    hours: int, later: int, software: Software, clock: Clock
) -> None:
    captured = ahead(software, hours)
    stamp = int(captured["X-timestamp"])
    assert (await send(software, captured)).status_code == 200
    assert (await send(software, captured)).status_code == 200  # one signature serves many requests, at its time
    for minutes in (0, -10, 10):
        clock.now += timedelta(hours=later, minutes=minutes)
        again = await send(software, captured)
        assert again.status_code == 401
        assert "sudah dipakai" in again.json()["metadata"]["message"]
        # The time may be a second beside what was signed; that makes no other signature of it.
        for beside in (-1, 1):
            shifted = {**captured, "X-timestamp": str(stamp + beside)}
            assert (await send(software, shifted)).status_code == 401
        clock.now -= timedelta(hours=later, minutes=minutes)


async def test_a_hospital_in_any_zone_goes_on_reporting_for_days(
    software: Software, service: Service, clock: Clock
) -> None:
    for hours in (7, 8, 9):
        position = service.node.board.position
        for _ in range(5):
            clock.advance(hours=7, minutes=3)
            assert (await send(software, ahead(software, hours))).status_code == 200
        assert clock_hours(service, software) == hours
        assert service.node.board.position == position + 6  # five reports, and what was learned once


async def test_a_clock_that_is_set_right_is_taken_at_once_and_learned_within_the_hour(
    software: Software, service: Service, clock: Clock
) -> None:
    for minutes in (0, 20, 40):
        assert (await send(software, ahead(software, 7))).status_code == 200
        clock.advance(minutes=20, seconds=minutes)
    assert (await send(software, ahead(software, 0))).status_code == 200
    assert clock_hours(service, software) == 7  # another machine of that hospital may still be ahead
    clock.advance(minutes=70)
    assert (await send(software, ahead(software, 0))).status_code == 200
    assert clock_hours(service, software) == 0
    clock.advance(hours=6)
    assert (await send(software, ahead(software, 0))).status_code == 200
    assert (await send(software, ahead(software, 8))).status_code == 200
    assert clock_hours(service, software) == 8
    assert await verify(service.node.database.url) == []


async def test_two_machines_of_one_hospital_with_different_clocks_do_not_fill_the_ledger(
    software: Software, service: Service, clock: Clock
) -> None:
    await send(software, ahead(software, 7))
    before = service.node.board.position
    for _ in range(10):
        clock.advance(minutes=5, seconds=7)
        for hours in (7, 0):
            assert (await send(software, ahead(software, hours))).status_code == 200
    assert service.node.board.position == before + 20


async def test_a_clock_in_utc_costs_nothing_and_a_new_key_starts_anew(
    software: Software, service: Service, clock: Clock
) -> None:
    await send(software, ahead(software, 0))
    assert not service.node.clocks._waiting
    await send(software, ahead(software, 7))
    protocols = await rotate_logins(service.node, "rs-a", [Channel.aplicares], by=OPERATOR)
    software.secrets[Channel.aplicares] = (protocols.logins[0].login, protocols.logins[0].secret)
    assert clock_hours(service, software) == 0
    assert (await send(software, ahead(software, 0))).status_code == 200
