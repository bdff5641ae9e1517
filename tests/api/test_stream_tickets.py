"""Stream tickets: what browsers open a stream with, who gets one, and how often it opens."""

import asyncio
import json
from datetime import datetime, timedelta

import httpx2
import pytest

from app.actions.keys import issue_key, revoke_key
from app.actions.stream_tickets import StreamTickets
from app.api.streaming import fan_out as fan_out_module
from app.api.streaming.connection_limits import StreamLimits
from app.api.streaming.fan_out import FanOut
from app.config import Settings
from app.domain.permissions import OPERATOR, Role, Scope, ScopeKind
from tests.conftest import Clock, Service
from tests.serving import eventually
from tests.sse import listening

CITY = "/v1/areas/33.74/stream"
DISTRICT = "/v1/areas/33.74.01/stream"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A private installation."""
    return settings.model_copy(update={"public_read": False})


async def ticket_of(service: Service, key: str) -> str:
    async with service.client(key) as client:
        answer = await client.post("/v1/stream-tickets")
    assert answer.status_code == 201, answer.text
    return str(answer.json()["ticket"])


async def test_a_ticket_opens_one_stream_within_a_minute(service: Service, officer: httpx2.AsyncClient) -> None:
    answer = await officer.post("/v1/stream-tickets")
    body = answer.json()
    assert (answer.status_code, set(body), answer.headers["cache-control"]) == (
        201,
        {"ticket", "expires_at"},
        "no-store",
    )
    lifetime = datetime.fromisoformat(body["expires_at"]) - service.node.clock()
    assert 59 <= lifetime.total_seconds() <= 60
    async with listening(service, f"{CITY}?ticket={body['ticket']}") as ear:
        assert (ear.status, (await ear.next()).name) == (200, "capacity")
    async with listening(service, f"{CITY}?ticket={body['ticket']}") as ear:
        assert (ear.status, json.loads(ear.body)["code"]) == (401, "unauthenticated")


async def test_it_opens_the_stream_of_several_areas_too(service: Service, national_key: str) -> None:
    ticket = await ticket_of(service, national_key)
    async with listening(service, f"/v1/stream?area=33.74.01&ticket={ticket}") as ear:
        assert ear.status == 200


async def test_it_gives_the_rights_of_its_key(service: Service) -> None:
    key = await service.key(area="33.74.01")
    async with listening(service, f"{DISTRICT}?ticket={await ticket_of(service, key)}") as ear:
        assert ear.status == 200
    async with listening(service, f"{CITY}?ticket={await ticket_of(service, key)}") as ear:
        assert ear.status == 404


async def test_a_refused_stream_does_not_use_it_up(service: Service, national_key: str) -> None:
    ticket = await ticket_of(service, national_key)
    service.state["connection_limits"].limits = StreamLimits(per_process=0)
    async with listening(service, f"{CITY}?ticket={ticket}", accept="text/event-stream") as ear:
        assert (ear.status, (await ear.next()).name) == (200, "busy")
    service.state["connection_limits"].limits = StreamLimits()
    async with listening(service, f"{CITY}?ticket={ticket}") as ear:
        assert (ear.status, (await ear.next()).name) == (200, "capacity")


@pytest.mark.parametrize("accept", ["text/event-stream", "*/*"])
@pytest.mark.parametrize("spoilt", ["", "x", "{}x", "x{}", "0{}", "{}&ticket={}", "a.b.c.d"])
async def test_a_ticket_that_is_none_opens_nothing(
    service: Service, national_key: str, spoilt: str, accept: str
) -> None:
    ticket = await ticket_of(service, national_key)
    parts = ticket.split(".")
    late = ".".join([parts[0], str(int(parts[1]) + 3600), *parts[2:]])
    for bad in (spoilt.replace("{}", ticket), late, ticket[:-1] + ("0" if ticket[-1] != "0" else "1")):
        if bad != f"{ticket}&ticket={ticket}":
            async with listening(service, f"{CITY}?ticket={bad}", accept=accept) as ear:
                assert ear.status == 401


class Passing:
    """The monotonic clock of a machine, with seconds that a test adds."""

    def __init__(self, service: Service) -> None:
        self.seconds = 0.0
        service.state["tickets"] = self.tickets()

    def tickets(self, machine: int = 1) -> StreamTickets:
        """What another worker has, or a node on another machine."""
        return StreamTickets(lambda: 1000 + self.seconds, machine)


@pytest.fixture
def passing(service: Service) -> Passing:
    return Passing(service)


async def status_of(service: Service, ticket: str) -> int:
    async with listening(service, f"{CITY}?ticket={ticket}") as ear:
        return ear.status


@pytest.mark.parametrize("leap", [timedelta(hours=7), timedelta(days=-400)], ids=str)
async def test_its_minute_is_one_of_real_time_whatever_the_wall_clock_does(
    service: Service, national_key: str, clock: Clock, passing: Passing, leap: timedelta
) -> None:
    before = [await ticket_of(service, national_key) for _ in range(2)]
    clock.now += leap
    within = [await ticket_of(service, national_key) for _ in range(3)]
    assert [await status_of(service, each) for each in (before[0], within[0])] == [200, 200]
    service.state["tickets"] = passing.tickets()  # of another worker
    clock.now -= leap
    passing.seconds = 59.5
    assert [await status_of(service, within[1]) for _ in range(2)] == [200, 401]
    passing.seconds = 60
    assert [await status_of(service, each) for each in (before[1], within[2], *within[1:2])] == [401] * 3


async def test_another_machine_goes_by_its_wall_clock(
    service: Service, national_key: str, clock: Clock, passing: Passing
) -> None:
    clock.advance(hours=7)
    ahead = await ticket_of(service, national_key)
    clock.advance(hours=-7)
    tickets = [await ticket_of(service, national_key) for _ in range(2)]
    service.state["tickets"] = passing.tickets(machine=2)
    assert await status_of(service, ahead) == 401
    assert [await status_of(service, tickets[0]) for _ in range(2)] == [200, 401]
    clock.advance(seconds=60)
    assert await status_of(service, tickets[1]) == 401


async def test_it_ends_by_time_and_with_its_key(service: Service, passing: Passing) -> None:
    key = await service.key()
    late, revoked = await ticket_of(service, key), await ticket_of(service, await service.key())
    passing.seconds = 60
    assert await status_of(service, late) == 401
    passing.seconds = 10
    await revoke_key(service.node, revoked.split(".")[0], by=OPERATOR)
    async with listening(service, f"{CITY}?ticket={revoked}") as ear:
        assert ear.status == 401


async def test_an_open_stream_ends_when_its_key_is_revoked(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fan_out_module, "RECHECK_SECONDS", 0.01)
    fan_out, stopping = FanOut(service.node), asyncio.Event()
    service.state["fan_out"] = fan_out
    checking = asyncio.create_task(fan_out.run(stopping))
    ticket = await ticket_of(service, await service.key())
    async with listening(service, f"{CITY}?ticket={ticket}") as ear:
        await ear.next()
        await revoke_key(service.node, ticket.split(".")[0], by=OPERATOR)
        await ear.until_ended()
    stopping.set()
    await checking


async def test_another_process_with_the_same_secret_key_accepts_it(service: Service, national_key: str) -> None:
    ticket = await ticket_of(service, national_key)
    service.state["tickets"] = StreamTickets()  # what one process knows of used tickets
    async with listening(service, f"{CITY}?ticket={ticket}") as ear:
        assert ear.status == 200


async def test_who_may_not_read_gets_none(service: Service, client: httpx2.AsyncClient) -> None:
    assert (await client.post("/v1/stream-tickets")).status_code == 401
    scope = Scope(ScopeKind.facility, "rs-a")
    _, key = await issue_key(service.node, scope=scope, role=Role.subscriber, by=OPERATOR, name="screen")
    assert await ticket_of(service, key)


async def test_used_tickets_are_remembered_only_while_they_would_be_valid(
    service: Service, national_key: str, passing: Passing
) -> None:
    tickets: StreamTickets = service.state["tickets"]
    for _ in range(3):
        tickets.use(service.node, await ticket_of(service, national_key))
    passing.seconds = 61
    tickets.use(service.node, await ticket_of(service, national_key))
    assert len(tickets._used) == 1


async def test_a_ticket_is_in_no_log(
    service: Service, national_key: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    ticket = await ticket_of(service, national_key)
    for path in (CITY, CITY, "/v1/stream", "/v1/nowhere", "/v1/areas/33.74/capacity"):
        async with listening(service, f"{path}?ticket={ticket}") as ear:
            assert ear.status
    told = capsys.readouterr()
    assert ticket not in told.out + told.err + caplog.text
    assert "401" in told.out + told.err + caplog.text  # the log was on


async def test_a_ticket_counts_for_the_limits_of_its_key(service: Service, national_key: str) -> None:
    service.state["connection_limits"].limits = StreamLimits(per_key=1)
    tickets = [await ticket_of(service, national_key) for _ in range(2)]
    async with listening(service, f"{CITY}?ticket={tickets[0]}") as ear:
        assert ear.status == 200
        async with listening(service, f"{CITY}?ticket={tickets[1]}") as other:
            assert other.status == 429
    await eventually(lambda: service.state["connection_limits"].taken == 0)
