"""Who may ask how often."""

from ipaddress import ip_network

import pytest

from app.domain.errors import RateLimited
from app.limits.rate_limits import CALLERS_MAX, LocalAllowances, Rate, Rates, Source
from tests.conftest import Clock, Service


class Seconds:
    """A clock that never runs by itself."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def allowed(rates: Rates, caller: str, rate: Rate, tries: int) -> int:
    found = 0
    for _ in range(tries):
        try:
            rates.spend(caller, rate)
        except RateLimited:
            continue
        found += 1
    return found


def test_a_burst_is_taken_then_so_many_a_second():
    seconds = Seconds()
    rates = Rates(clock=seconds)
    assert allowed(rates, "a", Rate(10, 50), 80) == 50
    seconds.now += 1
    assert allowed(rates, "a", Rate(10, 50), 80) == 10
    seconds.now += 60
    assert allowed(rates, "a", Rate(10, 50), 80) == 50


def test_who_keeps_asking_is_not_kept_out_for_ever():
    seconds = Seconds()
    rates = Rates(clock=seconds)
    total = 0
    for _ in range(1000):
        seconds.now += 0.01
        total += allowed(rates, "a", Rate(10, 50), 5)
    assert 149 <= total <= 151


def test_each_caller_has_an_allowance_of_its_own():
    rates = Rates(clock=Seconds())
    assert [allowed(rates, caller, Rate(1, 3), 9) for caller in "ab"] == [3, 3]


def test_the_refusal_says_how_long_to_wait():
    rates = Rates(clock=Seconds())
    rates.spend("a", Rate(0.1, 1))
    with pytest.raises(RateLimited) as refused:
        rates.spend("a", Rate(0.1, 1))
    assert refused.value.retry_after_seconds == 10


def test_only_so_many_callers_are_remembered():
    allowances = LocalAllowances()
    rates = Rates(clock=Seconds(), allowances=allowances)
    for number in range(CALLERS_MAX + 10):
        rates.spend(str(number), Rate(1, 1))
    assert len(allowances.free_at) == CALLERS_MAX


@pytest.mark.parametrize(
    ("host", "exempt"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("10.0.0.1", False),
        ("2001:db8::1", False),
        ("nonsense", False),
        (None, False),
    ],
)
def test_the_machine_itself_is_not_counted(host, exempt):
    assert Rates().is_exempt(Source(host)) is exempt


def test_an_own_network_may_be_left_out():
    rates = Rates(exempt=(ip_network("10.0.0.0/8"), ip_network("fd00::/8")))
    assert rates.is_exempt(Source("10.1.2.3"))
    assert rates.is_exempt(Source("fd12::1"))
    assert not rates.is_exempt(Source("127.0.0.1"))


class Outside(Service):
    """The service as it is seen from other addresses."""

    host = "203.0.113.1"

    async def __call__(self, scope, receive, send):
        await super().__call__({**scope, "client": (self.host, 4711)}, receive, send)


@pytest.fixture
def outside(service: Service) -> Outside:
    rates = Rates(clock=Seconds())
    return Outside(service.app, {**service.state, "rates": rates})


async def statuses(client, times: int, path: str = "/v1/position") -> list[int]:
    return [(await client.get(path)).status_code for _ in range(times)]


async def test_the_public_is_counted_by_address(outside: Outside):
    async with outside.client() as client:
        assert await statuses(client, 22) == [200] * 20 + [429] * 2
        answer = await client.get("/v1/position")
        assert (answer.json()["code"], int(answer.headers["retry-after"]) >= 1) == ("rate-limited", True)
        outside.host = "203.0.113.2"
        assert await statuses(client, 1) == [200]


async def test_an_ipv6_caller_owns_its_whole_64(outside: Outside):
    async with outside.client() as client:
        outside.host = "2001:db8::1"
        await statuses(client, 20)
        outside.host = "2001:db8::2"
        assert await statuses(client, 1) == [429]
        outside.host = "2001:db8:0:1::1"
        assert await statuses(client, 1) == [200]


async def test_a_key_is_counted_by_its_holder_and_an_officers_gets_more(outside: Outside):
    async with outside.client(await outside.key(facility="rs-a")) as client:
        assert (await statuses(client, 51)).count(200) == 50
    async with outside.client(await outside.key(area="33.74")) as client:
        assert (await statuses(client, 60)).count(200) == 60


async def test_guessing_keys_is_counted_by_address(outside: Outside):
    async with outside.client("wrong") as client:
        assert await statuses(client, 22) == [401] * 20 + [429] * 2


async def test_health_is_never_counted(outside: Outside):
    async with outside.client() as client:
        assert set(await statuses(client, 30, "/healthz")) == {200}


async def test_a_revoked_key_is_refused_on_the_next_request(service: Service, officer, clock: Clock):
    key = await service.key(facility="rs-a")
    async with service.client(key) as client:
        assert await statuses(client, 1) == [200]
        await officer.delete(f"/v1/keys/{key.split('_')[1]}")
        assert await statuses(client, 1) == [401]


async def test_an_expired_key_is_refused(service: Service, officer, clock: Clock):
    body = {"scope": "national", "name": "x", "expires_at": "2026-11-23T11:00:00+07:00"}
    key = (await officer.post("/v1/keys", json=body)).json()["key"]
    async with service.client(key) as client:
        assert await statuses(client, 1) == [200]
        clock.advance(hours=1)
        assert await statuses(client, 1) == [401]


async def test_a_bulk_and_a_large_body_count_as_the_requests_that_they_stand_for(service: Service):
    """A rate is for work: a thousand reports in one request are a thousand."""
    seconds = Seconds()
    rates = service.state["rates"] = Rates(Rate(10, 50), Rate(10, 50), exempt=(), clock=seconds)
    async with service.client(await service.key()) as command:
        line = {"bed_type": "icu", "beds_total": 1}
        said = {"facility_id": "rs-a", "observed_at": "2026-11-23T03:00:00Z", "lines": [line]}
        assert (await command.post("/v1/reports", json=[said] * 100)).json()["accepted"] == 100
        refused = await command.get("/v1/keys")
        assert (refused.status_code, refused.headers["retry-after"]) != (200, "0")
        assert refused.status_code == 429
        seconds.now += 5.1
        assert (await command.get("/v1/keys")).status_code == 200
        seconds.now += 60
        padding = {"x": "y" * 200_000}
        assert (await command.post("/v1/facilities/rs-a/reports", json=padding)).status_code == 422
        caller = next(iter(rates.allowances.free_at))
        assert round(rates.allowances.get(caller) - seconds.now, 3) == 0.4
        seconds.now += 60
        wards = [{**line, "ward_code": f"{number}"} for number in range(200)]
        report = {"observed_at": "2026-11-23T03:00:00Z", "lines": wards}
        assert (await command.post("/v1/facilities/rs-a/reports", json=report)).status_code == 201
        assert round(rates.allowances.get(caller) - seconds.now, 3) == 0.5
