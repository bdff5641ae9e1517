"""What strangers cost: counted before anything is read, one read for many probes, a counter instead of rows."""

import asyncio
from collections.abc import Callable

import pytest

from app.actions.hospitals import Hospital, add_hospital
from app.domain.errors import Unavailable
from app.domain.permissions import OPERATOR
from app.domain.rejected_requests import OTHER_ADDRESSES
from app.limits.rate_limits import Rates
from app.limits.slots import ANONYMOUS_READS_MAX
from app.runtime.readiness import Readiness
from app.runtime.rejection_counter import ADDRESSES_MAX, REJECTIONS_KEPT
from tests.conftest import Clock, Service
from tests.protocols.conftest import SIRS

BURST = 20  # of the public rate


class Outside(Service):
    """The service as it is seen from another address."""

    host = "203.0.113.1"

    async def __call__(self, scope, receive, send):
        await super().__call__({**scope, "client": (self.host, 4711)}, receive, send)


@pytest.fixture
async def outside(service: Service) -> Outside:
    await add_hospital(service.node, Hospital("rs-a", bpjs="1199R001"), by=OPERATOR)
    return Outside(service.app, {**service.state, "rates": Rates(clock=lambda: 1000.0)})


@pytest.fixture
def reads(service: Service, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How often the ledger was read since."""
    follower, read = service.node.follower, []
    catch_up = follower.catch_up

    async def counted() -> None:
        read.append(1)
        await catch_up()

    monkeypatch.setattr(follower, "catch_up", counted)
    return lambda: len(read)


def shown(service: Service, what: str) -> tuple[str, dict[str, str]]:
    """A path, and headers that no key stands behind."""
    consumer = next(key.prefix for key in service.node.board.credentials() if key.channel == "aplicares")
    signed = {"X-timestamp": "1795399200", "X-signature": "x"}
    return {
        "unknown key": ("/v1/position", {"Authorization": f"Bearer balai_000000000000_{'x' * 43}"}),
        "unknown hospital": (SIRS, {"X-rs-id": "9999999", "X-pass": "x"}),
        "known hospital": (SIRS, {"X-rs-id": "3374001", "X-pass": "x"}),
        "unknown consumer": ("/aplicaresws/rest/ref/kelas", {"X-cons-id": "1000", **signed}),
        "known consumer": ("/aplicaresws/rest/ref/kelas", {"X-cons-id": consumer, **signed}),
    }[what]


@pytest.mark.parametrize(
    "what", ["unknown key", "unknown hospital", "known hospital", "unknown consumer", "known consumer"]
)
async def test_an_unknown_credential_is_counted_before_it_costs_a_read(
    outside: Outside, reads: Callable[[], int], what: str
) -> None:
    path, headers = shown(outside, what)
    async with outside.client() as client:
        statuses = [(await client.get(path, headers=headers)).status_code for _ in range(BURST + 10)]
    assert statuses == [401] * BURST + [429] * 10
    assert reads() == BURST


async def test_a_known_prefix_costs_what_an_unknown_one_costs(outside: Outside, reads: Callable[[], int]) -> None:
    known = (await outside.key(facility="rs-a")).split("_")[1]
    before = reads()
    for prefix in (known, "0" * 12):
        async with outside.client(f"balai_{prefix}_{'x' * 43}") as client:
            assert (await client.get("/v1/position")).status_code == 401
    assert reads() == before + 2


@pytest.mark.parametrize(
    "path",
    ["/v1/areas/33.74/capacity?min_position=", "/v1/changes?wait=0&after="],
)
async def test_places_that_only_the_database_knows_are_looked_up_for_few_strangers_at_once(
    service: Service, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """Ten thousand entries back the board knows no chain: each such question is a read of the database."""
    now, most = 0, 0

    async def goes_through(*_: object) -> bool:
        nonlocal now, most
        now, most = now + 1, max(most, now + 1)
        await asyncio.sleep(0.01)
        now -= 1
        return False

    monkeypatch.setattr("app.store.ledger.goes_through", goes_through)
    monkeypatch.setattr(service.node.board, "chain_at", lambda _: None)
    async with service.client() as client:
        answers = await asyncio.gather(*(client.get(f"{path}1-aaaaaaaaaaaa") for _ in range(12)))
        statuses = {each.status_code for each in answers}
    assert (statuses, most) == ({410}, ANONYMOUS_READS_MAX)


async def test_strangers_are_counted_by_address_and_hour_and_never_listed(
    outside: Outside, clock: Clock, officer
) -> None:
    wrong = {"X-rs-id": "3374001", "X-pass": "salah"}
    async with outside.client() as client:
        for outside.host in ("203.0.113.1", "2001:db8::1", "2001:db8::2"):
            for _ in range(BURST + 5):
                await client.post(SIRS, json={}, headers=wrong)
        clock.advance(hours=1)
        outside.host = "203.0.113.9"
        await client.post(SIRS, json={}, headers=wrong)
        path, headers = shown(outside, "known consumer")
        await client.get(path, headers=headers)
    answer = (await officer.get("/v1/facilities/rs-a/messages")).json()
    assert answer["messages"] == []
    counted = {(each["address"], each["hour"], each["count"]) for each in answer["rejected"]}
    assert counted == {
        ("203.0.113.9", "2026-11-23T04:00:00Z", 2),
        ("203.0.113.1", "2026-11-23T03:00:00Z", BURST),
        ("2001:db8::/64", "2026-11-23T03:00:00Z", BURST),
    }
    assert answer["rejected"][0]["address"] == "203.0.113.9"  # newest hour first
    # A flush adds to what is stored already.
    async with outside.client() as client:
        await client.post(SIRS, json={}, headers=wrong)
    answer = (await officer.get("/v1/facilities/rs-a/messages")).json()
    assert answer["rejected"][0]["count"] == 3


async def test_counters_are_few_however_many_addresses_there_are(service: Service, clock: Clock) -> None:
    rejections = service.node.rejections
    for hour in range(10):
        for number in range(ADDRESSES_MAX + 30):
            rejections.count("rs-a", f"10.0.{hour}.{number}", clock())
        kept = await rejections.last("rs-a")
        assert len(kept) <= REJECTIONS_KEPT
        assert (kept[0].hour, sum(each.count for each in kept if each.hour == kept[0].hour)) == (
            clock().replace(minute=0),
            ADDRESSES_MAX + 30,
        )
        assert OTHER_ADDRESSES in {each.address for each in kept}
        clock.advance(hours=1)
    assert len(kept) == REJECTIONS_KEPT


async def test_probes_that_come_together_share_one_read(service: Service, reads: Callable[[], int]) -> None:
    async with service.client() as client:
        answers = await asyncio.gather(*(client.get("/readyz") for _ in range(50)))
    assert {answer.status_code for answer in answers} == {200}
    assert reads() <= 2  # the second only where the first was older than its result is reused


async def test_a_result_serves_for_a_moment_and_a_read_has_its_time(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds, read = [0.0], []

    async def catch_up() -> None:
        read.append(1)
        if len(read) == 2:
            await asyncio.Event().wait()

    monkeypatch.setattr(service.node.follower, "catch_up", catch_up)
    readiness = Readiness(service.node.database, service.node.follower, clock=lambda: seconds[0])
    await readiness.check()
    await readiness.check()
    assert len(read) == 1
    seconds[0] += 1
    monkeypatch.setattr("app.runtime.readiness.READ_SECONDS_MAX", 0.01)
    leaving = asyncio.create_task(readiness.check())
    await asyncio.sleep(0)
    leaving.cancel()  # its read goes on for the others
    for _ in range(2):
        with pytest.raises(Unavailable, match="does not answer"):
            await readiness.check()
    assert len(read) == 2
    seconds[0] += 1
    monkeypatch.setattr("app.runtime.readiness.READ_SECONDS_MAX", 5.0)
    await readiness.check()
    assert len(read) == 3
