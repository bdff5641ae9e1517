"""The relay: what was accepted here goes on to the ministry and the insurer, whatever they are like just then."""

import asyncio
import json
import re
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.actions.hospitals import Hospital, add_hospital
from app.actions.register_facilities import FacilityChange, change_facility
from app.actions.relay_accounts import deposit, relay_states
from app.config import Settings
from app.domain.channels import Channel
from app.domain.permissions import NATIONAL, OPERATOR, Actor, Role
from app.domain.registry.facility import Switch
from app.domain.relay import ANSWER_LENGTH_MAX, Answer, RelayState, judge
from app.domain.signatures import signature
from app.main import create_app
from app.runtime import relay_sender as sending
from app.runtime import upstreams as upstream_module
from app.runtime.node import Node
from app.runtime.upstreams import OUR_FAULT, UNUSABLE_ACCOUNT, _without_secrets
from app.store.repositories import relay as store
from tests.conftest import Clock, Service
from tests.factories import build_world
from tests.protocols.conftest import SIRS, Software
from tests.protocols.test_aplicares import ROOM
from tests.serving import eventually, served
from tests.upstream import Upstream, upstream

ROW = {"id_tt": "3", "ruang": "Melati", "jumlah": "12", "terpakai": "9"}
MINISTRY = {"x_rs_id": "3374001", "x_pass": "sandi-kementerian"}
INSURER = {"cons_id": "77", "secret": "rahasia-bpjs", "user_key": "kunci-bpjs"}
OFFICER = Actor("officer", Role.command, NATIONAL)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(sending, "SEND_SECONDS_MAX", 2.0)
    monkeypatch.setattr(sending, "backoff", lambda failures: timedelta(seconds=failures))


@pytest.fixture
async def ministry(tmp_path: Path) -> AsyncIterator[Upstream]:
    async with upstream(tmp_path) as found:
        yield found


Start = Callable[[], Any]


@pytest.fixture
async def start(database_url: str, tmp_path: Path, clock: Clock, ministry: Upstream) -> Start:
    """Starts a process that sends on to the upstream; may be asked again for a second one."""

    @asynccontextmanager
    async def started(*, trust: bool = True, ahead: timedelta = timedelta()) -> AsyncIterator[Service]:
        settings = Settings(
            _env_file=None,  # type: ignore[call-arg]
            database_url=database_url,
            data_dir=tmp_path,
            relay_sirs_url=ministry.url,
            relay_aplicares_url=ministry.url,
        )
        app = create_app(settings, clock=lambda: clock() + ahead, relay_trust=ministry.trust if trust else None)
        async with app.router.lifespan_context(app) as state:
            yield Service(app, dict(state))

    return started


async def prepared(service: Service, clock: Clock, stack: AsyncExitStack) -> Software:
    """rs-a with its doors, its relay on and its accounts deposited."""
    node = service.node
    await build_world(node)
    protocols = await add_hospital(node, Hospital("rs-a", bpjs="1199R001"), by=OPERATOR)
    on = FacilityChange(switches=frozenset({Switch.relay_sirs, Switch.relay_aplicares}))
    await change_facility(node, "rs-a", on, by=OFFICER, reason="", if_match=protocols.facility.seq)
    await deposit(node, "rs-a", Channel.sirs, MINISTRY, by=OPERATOR)
    await deposit(node, "rs-a", Channel.aplicares, INSURER, by=OPERATOR)
    client = await stack.enter_async_context(service.client())
    return Software(
        client, clock, {protocol.channel: (protocol.login, protocol.secret) for protocol in protocols.logins}
    )


@pytest.fixture
async def relayed(start: Start, clock: Clock) -> AsyncIterator[tuple[Service, Software]]:
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(start())
        yield service, await prepared(service, clock, stack)


async def state_of(node: Node, channel: Channel = Channel.sirs) -> RelayState:
    return next(each for each in await relay_states(node, "rs-a", by=OPERATOR) if each.channel is channel)


async def until(node: Node, what: Callable[[RelayState], bool], channel: Channel = Channel.sirs) -> RelayState:
    """The state, once it is so. Raises: TimeoutError."""
    async with asyncio.timeout(60):  # twice the lease: a process that had no time to give it back
        while not what(state := await state_of(node, channel)):  # noqa: ASYNC110 - it is asked of the database
            await asyncio.sleep(0.02)
        return state


async def test_a_message_goes_on_as_it_came_with_the_hospitals_own_account(
    relayed: tuple[Service, Software], ministry: Upstream, clock: Clock
) -> None:
    service, software = relayed
    assert (await software.sirs("POST", ROW)).json()["fasyankes"][0]["message"] == "Data tempat tidur telah disimpan"
    assert (await software.aplicares("POST", "bed/update/1199R001/", ROOM)).json()["metadata"]["code"] == 1
    state = await until(service.node, lambda state: state.sent == 1)
    await until(service.node, lambda state: state.sent == 1, Channel.aplicares)
    assert (state.is_on, state.has_account, state.waiting, state.last_status) == (True, True, 0, 200)
    assert "ok" in (state.last_answer or "")
    by_path = {each.path: each for each in ministry.asked}
    row, room = by_path[SIRS], by_path["/aplicaresws/rest/bed/update/1199R001"]
    assert (row.method, row.said) == ("POST", ROW)
    assert (row.headers["x-rs-id"], row.headers["x-pass"]) == ("3374001", "sandi-kementerian")
    assert room.said == ROOM
    stamp = str(int(clock().timestamp()))
    assert room.headers["x-signature"] == signature("rahasia-bpjs", "77", stamp)
    assert room.headers["user_key"] == "kunci-bpjs"
    sent = repr(ministry.asked)
    assert not [channel for channel, (_, secret) in software.secrets.items() if secret in sent]


@pytest.mark.parametrize(
    "mood", ["slow", "hangs_up", "down", "error", "busy", "garbage", "empty", "half", "huge", "elsewhere"]
)
async def test_whatever_the_upstream_does_the_hospital_hears_the_same_at_once_and_the_queue_drains_later(
    mood: str, relayed: tuple[Service, Software], ministry: Upstream, clock: Clock
) -> None:
    service, software = relayed
    if mood == "down":
        await ministry.stop()
    ministry.mood = mood
    begun = time.monotonic()
    for occupied in range(3):
        said = {**ROW, "terpakai": occupied}
        answer = await software.sirs("PUT", said)
        assert answer.json() == {
            "fasyankes": [{"status": "200", "message": "Data tempat tidur telah diupdate", "id_t_tt": "900000001"}],
            "id_t_tt": "900000001",
        }
    assert time.monotonic() - begun < 2
    state = await until(service.node, lambda state: state.failures > 0)
    assert state.waiting == 1
    assert state.last_failure
    assert state.next_attempt_at is not None
    wait = (state.next_attempt_at - clock()).total_seconds()
    assert wait >= (7 if mood == "busy" else 1)
    ministry.mood = "ok"
    if mood == "down":
        await ministry.start()
    clock.advance(seconds=60)
    state = await until(service.node, lambda state: state.waiting == 0)
    assert (state.sent, state.dropped, state.failures) == (1, 0, 0)
    assert [each.said["terpakai"] for each in ministry.taken] == [2]
    assert not [each for each in ministry.asked if each.path == "/elsewhere"]


async def test_rows_are_sent_in_their_order_and_only_what_is_still_news(
    relayed: tuple[Service, Software], ministry: Upstream, clock: Clock
) -> None:
    service, software = relayed
    await ministry.stop()
    for number in range(4):
        for room in ("A", "B", "C"):
            await software.sirs("PUT", {**ROW, "ruang": room, "terpakai": number})
    await software.sirs("DELETE", {"id_tt": "3", "ruang": "A"})
    await software.sirs("POST", {**ROW, "ruang": "A", "terpakai": 7})
    await software.sirs("PUT", {"id_tt": "3", "ruang": "B", "antrian": 1})
    await software.sirs("PUT", {"id_tt": "3", "ruang": "B", "terpakai": 8})
    assert (await state_of(service.node)).waiting == 7
    await ministry.start()
    clock.advance(minutes=5)
    await until(service.node, lambda state: state.waiting == 0)
    sent: dict[str, list[tuple[str, Any]]] = {}
    for each in ministry.taken:
        sent.setdefault(each.said["ruang"], []).append((each.method, each.said.get("terpakai", "-")))
    assert sent == {
        "A": [("PUT", 3), ("DELETE", "-"), ("POST", 7)], "B": [("PUT", 3), ("PUT", "-"), ("PUT", 8)], "C": [("PUT", 3)],
    }  # fmt: skip


async def test_messages_of_one_row_are_one_row_in_the_queue_however_its_id_is_written(
    relayed: tuple[Service, Software], ministry: Upstream, clock: Clock
) -> None:
    service, software = relayed
    await ministry.stop()
    for occupied, row_id in enumerate(("0034450009", "34450009", 34450009, " 0034450009 ")):
        await software.sirs("PUT", {**ROW, "id_t_tt": row_id, "terpakai": occupied})
    assert (await state_of(service.node)).waiting == 1
    await ministry.start()
    clock.advance(minutes=5)
    await until(service.node, lambda state: state.waiting == 0)
    assert [each.said["terpakai"] for each in ministry.taken] == [3]


async def test_an_id_that_only_we_know_goes_on_as_bed_type_and_room(
    relayed: tuple[Service, Software], ministry: Upstream
) -> None:
    service, software = relayed
    row_id = (await software.sirs("POST", ROW)).json()["id_t_tt"]
    await until(service.node, lambda state: state.sent == 1)
    await software.sirs("PUT", {"id_t_tt": f"00{row_id}", "ruang": "-", "terpakai": 4})
    await until(service.node, lambda state: state.sent == 2)
    await software.sirs("DELETE", {"id_t_tt": row_id})
    await software.sirs("DELETE", {"id_t_tt": "34450009"})
    await until(service.node, lambda state: state.sent == 4)
    told = [(each.method, each.said) for each in ministry.taken[1:]]
    assert told == [
        ("PUT", {"id_tt": "3", "ruang": "Melati", "terpakai": 4}),
        ("DELETE", {"id_tt": "3", "ruang": "Melati"}),
        ("DELETE", {"id_t_tt": "34450009"}),
    ]


async def test_a_refusal_is_kept_and_not_repeated(relayed: tuple[Service, Software], ministry: Upstream) -> None:
    service, software = relayed
    ministry.mood = "refuses"
    await software.sirs("POST", ROW)
    state = await until(service.node, lambda state: state.refused == 1)
    assert (state.waiting, state.sent, state.last_status, state.failures) == (0, 0, 401, 0)
    await asyncio.sleep(0.2)
    assert len(ministry.asked) == 1


async def test_what_is_too_old_is_dropped_and_counted(
    relayed: tuple[Service, Software], ministry: Upstream, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, software = relayed
    ministry.mood = "error"
    await software.sirs("POST", ROW)
    await until(service.node, lambda state: state.failures > 0)
    monotonic, passed = sending._clock, timedelta(hours=25).total_seconds()
    monkeypatch.setattr(sending, "_clock", lambda: monotonic() + passed)
    clock.advance(seconds=passed)
    ministry.mood = "ok"
    state = await until(service.node, lambda state: state.waiting == 0)
    assert (state.dropped, state.sent) == (1, 0)


async def test_a_clock_that_leaps_ahead_drops_nothing(
    relayed: tuple[Service, Software], ministry: Upstream, clock: Clock
) -> None:
    service, software = relayed
    ministry.mood = "error"
    await software.sirs("POST", ROW)
    failures = (await until(service.node, lambda state: state.failures > 0)).failures
    clock.advance(days=400)
    await until(service.node, lambda state: state.failures > failures)
    clock.advance(hours=1)
    ministry.mood = "ok"
    state = await until(service.node, lambda state: state.waiting == 0)
    assert (state.dropped, state.sent) == (0, 1)


def test_age_counts_once_the_clock_was_even_for_as_long_as_a_message_waits() -> None:
    begun, hour = datetime(2026, 11, 1, tzinfo=UTC), timedelta(hours=1)
    limit = sending.AgeLimit(24 * hour)
    leap = timedelta()

    def oldest(hours: int) -> datetime | None:
        return limit.oldest(begun + leap + hours * hour, hours * 3600.0)

    assert [oldest(hours) for hours in (0, 23, 24, 25)] == [None, None, begun, begun + hour]
    leap = 7 * hour
    assert [oldest(hours) for hours in (26, 49, 50)] == [None, None, begun + 33 * hour]
    leap = timedelta()  # set right again: messages are younger by it, not older
    assert oldest(51) == begun + 27 * hour


async def test_what_waits_outlives_the_process_and_keeps_its_order(
    start: Start, ministry: Upstream, clock: Clock
) -> None:
    async with AsyncExitStack() as stack:
        ministry.mood = "error"
        service = await stack.enter_async_context(start())
        software = await prepared(service, clock, stack)
        for room in ("A", "B"):
            await software.sirs("POST", {**ROW, "ruang": room})
        await software.sirs("DELETE", {"id_tt": "3", "ruang": "A"})
        assert (await state_of(service.node)).waiting == 3
    ministry.mood = "ok"
    clock.advance(minutes=5)
    async with start() as again:
        await until(again.node, lambda state: state.waiting == 0)
    assert [(each.method, each.said["ruang"]) for each in ministry.taken] == [
        ("POST", "A"), ("POST", "B"), ("DELETE", "A"),
    ]  # fmt: skip


async def test_two_processes_send_each_message_once(start: Start, ministry: Upstream, clock: Clock) -> None:
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(start())
        software = await prepared(service, clock, stack)
        other = await stack.enter_async_context(start())
        for room in range(30):
            service.app = (service, other)[room % 2].app
            await software.sirs("POST", {**ROW, "ruang": f"R{room}"})
        await until(service.node, lambda state: state.waiting == 0)
        assert [each.said["ruang"] for each in ministry.asked] == [f"R{room}" for room in range(30)]


async def test_a_newer_message_that_comes_while_the_older_is_sent_is_sent_too(
    relayed: tuple[Service, Software], ministry: Upstream
) -> None:
    service, software = relayed
    ministry.may_answer.clear()
    await software.sirs("PUT", {**ROW, "terpakai": 1})
    await eventually(lambda: len(ministry.asked) == 1)
    await software.sirs("PUT", {**ROW, "terpakai": 2})
    ministry.may_answer.set()
    await until(service.node, lambda state: state.waiting == 0)
    assert [each.said["terpakai"] for each in ministry.taken] == [1, 2]


async def test_one_process_sends_though_the_clocks_of_two_are_a_minute_apart(
    start: Start, ministry: Upstream, clock: Clock
) -> None:
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(start())
        software = await prepared(service, clock, stack)
        ministry.may_answer.clear()
        await software.sirs("POST", ROW)
        await eventually(lambda: len(ministry.asked) == 1)
        await stack.enter_async_context(start(ahead=timedelta(seconds=60)))
        await asyncio.sleep(0.3)  # fifteen looks
        assert len(ministry.asked) == 1
        ministry.may_answer.set()
        await until(service.node, lambda state: state.waiting == 0)


async def with_relay(service: Service, facility_id: str, code: str, account: dict[str, str]) -> dict[str, str]:
    """One more hospital whose account is as given, as an older version may have kept it; gives its headers."""
    node = service.node
    protocols = await add_hospital(node, Hospital(facility_id, sirs=code), by=OPERATOR)
    on = FacilityChange(switches=frozenset({Switch.relay_sirs}))
    await change_facility(node, facility_id, on, by=OFFICER, reason="", if_match=protocols.facility.seq)
    async with node.database.transaction() as transaction:
        sealed = {"sealed": node.secret_box.seal(json.dumps(account))}
        await store.change_account(transaction.connection, (facility_id, Channel.sirs), sealed)
    [secret] = [protocol.secret for protocol in protocols.logins if protocol.channel is Channel.sirs]
    return {"X-rs-id": code, "X-pass": secret}


@pytest.mark.parametrize("password", ["sandi-é", "sandi-x ", "sandi\n-x", ""])
async def test_a_password_that_cannot_be_sent_fails_alone_and_is_not_shown(
    password: str, relayed: tuple[Service, Software], ministry: Upstream, caplog: pytest.LogCaptureFixture
) -> None:
    service, software = relayed
    bad = await with_relay(service, "rs-b", "3374002", {"x_rs_id": "3374002", "x_pass": password})
    await software.client.post(SIRS, json=ROW, headers=bad)
    await software.sirs("POST", ROW)
    await until(service.node, lambda state: state.sent == 1)
    [failed, _] = await relay_states(service.node, "rs-b", by=OPERATOR)
    assert (failed.waiting, failed.failures, failed.last_failure) == (1, 1, UNUSABLE_ACCOUNT)
    assert failed.next_attempt_at is not None
    assert len(ministry.asked) == 1
    assert "sandi" not in caplog.text


async def test_an_error_that_nobody_foresaw_fails_one_message_and_its_text_is_not_shown(
    relayed: tuple[Service, Software], ministry: Upstream, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    service, software = relayed
    other = await with_relay(service, "rs-b", "3374002", {"x_rs_id": "3374002", "x_pass": "x"})
    judged = upstream_module.judge

    def unforeseen(channel: Channel, status: int, body: bytes, retry_after: str = "") -> Answer:
        if len(ministry.asked) == 1:
            raise ZeroDivisionError("sandi-kementerian")
        return judged(channel, status, body, retry_after)

    monkeypatch.setattr(upstream_module, "judge", unforeseen)
    await software.sirs("POST", ROW)
    state = await until(service.node, lambda state: state.failures == 1)
    assert state.last_failure == OUR_FAULT
    assert (await software.client.post(SIRS, json=ROW, headers=other)).status_code == 200
    await eventually(lambda: len(ministry.taken) == 2)
    assert "ZeroDivisionError" in caplog.text
    assert "sandi" not in caplog.text
    assert not [worker for worker in service.node.workers.failing() if "relay" in worker.name]


async def test_an_answer_that_cannot_be_written_down_loses_and_repeats_no_other(
    relayed: tuple[Service, Software], ministry: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, software = relayed
    other = await with_relay(service, "rs-b", "3374002", {"x_rs_id": "3374002", "x_pass": "x"})
    monkeypatch.setattr(sending, "ASIDE_SECONDS", 0.05)
    broken, change = True, store.change_account

    async def changed(connection: Any, place: tuple[str, Channel], *values: Any, **counts: int) -> None:
        if broken and place[0] == "rs-b":
            raise ZeroDivisionError
        await change(connection, place, *values, **counts)

    monkeypatch.setattr(store, "change_account", changed)
    ministry.may_answer.clear()
    await software.client.post(SIRS, json=ROW, headers=other)
    await software.sirs("POST", ROW)
    ministry.may_answer.set()
    await until(service.node, lambda state: state.sent == 1)
    await software.sirs("PUT", {**ROW, "terpakai": 1})
    await until(service.node, lambda state: state.sent == 2)
    assert [each.headers["x-rs-id"] for each in ministry.asked].count("3374002") == 1
    broken = False
    async with asyncio.timeout(10):
        while (await relay_states(service.node, "rs-b", by=OPERATOR))[0].sent != 1:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    assert [each.headers["x-rs-id"] for each in ministry.asked].count("3374002") == 1


async def test_an_answer_that_repeats_the_password_is_kept_without_it(
    relayed: tuple[Service, Software], ministry: Upstream
) -> None:
    service, software = relayed
    ministry.mood = "repeats"
    await software.sirs("POST", ROW)
    state = await until(service.node, lambda state: state.sent == 1)
    assert state.last_answer is not None
    assert "3374001" in state.last_answer
    assert "sandi-kementerian" not in state.last_answer


@pytest.mark.parametrize("escaped", [False, True])
@pytest.mark.parametrize("before", [0, 425, 440])
def test_no_part_of_a_password_that_is_repeated_is_kept(before: int, escaped: bool) -> None:
    password = 'sandi/"  kementerian"'
    body = json.dumps({"fasyankes": [{"status": "200", "message": "x" * before + password}]})
    answer = judge(Channel.sirs, 200, (body.replace("/", "\\/") if escaped else body).encode())
    told = _without_secrets(answer, {"x_rs_id": "3374001", "x_pass": password}).text
    assert not {"sandi", "kementerian"} & set(re.findall("[a-z]+", told))
    assert len(told) <= ANSWER_LENGTH_MAX


@pytest.mark.parametrize("password", ["sandi-é", " sandi", "sandi ", "x" * 201, "a\tb", ""])
async def test_a_value_that_cannot_be_a_header_is_refused_where_it_is_deposited(
    password: str, relayed: tuple[Service, Software]
) -> None:
    service, _ = relayed
    keys = len(service.node.board.credentials())
    async with service.client(await service.key()) as officer:
        put = await officer.put("/v1/facilities/rs-a/relay/sirs", json={**MINISTRY, "x_pass": password})
        assert put.status_code == 422
        assert [fault["pointer"] for fault in put.json()["errors"]] == ["#/x_pass"]
        for name in ("sirs_password", "aplicares_secret"):
            given = {"aplicares_cons_id": "88", name: password}
            said = {"facility_id": "rs-b", "sirs": "3374002", "bpjs": "1199R002", "given": given}
            posted = await officer.post("/v1/hospitals", json=said)
            assert posted.status_code == 422
            assert [fault["pointer"] for fault in posted.json()["errors"]] == [f"#/given/{name}"]
            assert "sandi" not in posted.text
    assert len(service.node.board.credentials()) == keys + 1  # the officer's own


async def test_nothing_is_sent_on_unless_it_was_asked_for(start: Start, ministry: Upstream, clock: Clock) -> None:
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(start())
        software = await prepared(service, clock, stack)
        seq = service.node.board.facility("rs-a").seq
        off = FacilityChange(switches=frozenset())
        await change_facility(service.node, "rs-a", off, by=OFFICER, reason="", if_match=seq)
        await software.sirs("POST", ROW)
        await software.sirs("POST", {**ROW, "jumlah": "x"})
        state = await state_of(service.node)
        assert (state.is_on, state.waiting, ministry.asked) == (False, 0, [])


async def test_an_upstream_that_nobody_vouches_for_gets_nothing(start: Start, ministry: Upstream, clock: Clock) -> None:
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(start(trust=False))
        software = await prepared(service, clock, stack)
        await software.sirs("POST", ROW)
        state = await until(service.node, lambda state: state.failures > 0)
        assert "CERTIFICATE" in (state.last_failure or "").upper()
        assert ministry.asked == []


async def test_no_secret_is_on_disk_or_in_the_log(
    relayed: tuple[Service, Software], ministry: Upstream, tmp_path: Path, capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    service, software = relayed
    ministry.mood = "error"
    await software.sirs("POST", ROW)
    await software.aplicares("POST", "bed/create/1199R001", ROOM)
    await until(service.node, lambda state: state.failures > 0)
    async with service.node.database.reading() as connection:
        from sqlalchemy import text

        tables = ("ledger", "credentials", "relay_accounts", "relay_queue", "messages")
        kept = "".join([repr((await connection.execute(text(f"SELECT * FROM {name}"))).all()) for name in tables])
    told = capfd.readouterr()
    files = b"".join(file.read_bytes() for file in tmp_path.glob("balai.db*"))  # noqa: ASYNC240 - a few pages
    secrets = ["sandi-kementerian", "rahasia-bpjs", "kunci-bpjs", *(secret for _, secret in software.secrets.values())]
    for secret in secrets:
        assert secret not in kept + told.out + told.err + caplog.text
        assert secret.encode() not in files
    assert "Melati" in kept


async def test_accounts_are_deposited_by_the_hospital_or_an_officer_and_not_shown(
    relayed: tuple[Service, Software],
) -> None:
    service, _ = relayed
    path = "/v1/facilities/rs-a/relay"
    async with service.client(await service.key(area="33.74")) as officer:
        put = await officer.put(f"{path}/sirs", json=MINISTRY)
        assert put.status_code == 200, put.text
        assert "sandi" not in put.text
        missing = await officer.put(f"{path}/aplicares", json={"cons_id": "1"})
        assert [fault["pointer"] for fault in missing.json()["errors"]] == ["#/secret"]
        assert (await officer.put(f"{path}/fhir", json=MINISTRY)).status_code == 422
        gone = await officer.delete(f"{path}/sirs")
        assert [(each["channel"], each["has_account"]) for each in gone.json()["relay"]] == [
            ("sirs", False), ("aplicares", True),
        ]  # fmt: skip
    async with service.client(await service.key(facility="rs-a")) as own:
        assert (await own.get(path)).status_code == 200
        assert (await own.put(f"{path}/sirs", json=MINISTRY)).status_code == 200  # its own to deposit
    async with service.client(await service.key(facility="rs-b")) as other:
        assert (await other.put(f"{path}/sirs", json=MINISTRY)).status_code == 403
        assert (await other.get(path)).status_code == 403


async def test_a_hospital_that_keeps_its_national_secrets_here_needs_no_other_deposit(
    relayed: tuple[Service, Software], ministry: Upstream
) -> None:
    service, software = relayed
    async with service.client(await service.key()) as officer:
        given = {"sirs_password": "sandi-nasional", "aplicares_cons_id": "88", "aplicares_secret": "rahasia-nasional"}
        said = {"facility_id": "rs-b", "sirs": "3374002", "bpjs": "1199R002", "given": given}
        assert (await officer.post("/v1/hospitals", json=said)).status_code == 201
        switches = {"switches": ["relay_sirs"]}
        await officer.patch("/v1/facilities/rs-b", json=switches, headers={"If-Match": "*"})
        headers = {"X-rs-id": "3374002", "X-pass": "sandi-nasional"}
        assert "disimpan" in (await software.client.post(SIRS, json=ROW, headers=headers)).text
        await eventually(lambda: bool(ministry.taken))
        assert ministry.taken[0].headers["x-pass"] == "sandi-nasional"
        [sirs, _] = (await officer.get("/v1/facilities/rs-b/relay")).json()["relay"]
        assert sirs["has_account"]


async def test_what_was_acknowledged_before_a_kill_is_sent_on_after_it(
    tmp_path: Path, ministry: Upstream, quick: None
) -> None:
    await ministry.stop()
    with served(tmp_path, "--seed", "semarang", BALAI_RELAY_SIRS_URL=ministry.url) as server:
        key = server.key()
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx2.AsyncClient(base_url=server.url, headers=headers, trust_env=False) as officer:
            said = {"name": "RS Baru", "sirs": "3374999", "area_code": "33.74", "facility_id": "rs-a"}
            typed = (await officer.post("/v1/hospitals", json=said)).json()["sirs"]
            await officer.put("/v1/facilities/rs-a/relay/sirs", json=MINISTRY)
            on = {"switches": ["relay_sirs"]}
            await officer.patch("/v1/facilities/rs-a", json=on, headers={"If-Match": "*"})
        acknowledged: list[str] = []

        async def send(number: int) -> None:
            own = {"X-rs-id": typed["x_rs_id"], "X-pass": typed["x_pass"]}
            async with httpx2.AsyncClient(base_url=server.url, headers=own, trust_env=False) as client:
                for each in range(100):
                    row = {**ROW, "ruang": f"{number}-{each}"}
                    if "telah disimpan" in (await client.post(SIRS, json=row)).text:
                        acknowledged.append(row["ruang"])

        sending_all = asyncio.gather(*(send(number) for number in range(4)), return_exceptions=True)
        await eventually(lambda: len(acknowledged) >= 60, 20)
        server.kill()
        await sending_all
    await ministry.start()
    settings = Settings(_env_file=None, data_dir=tmp_path, relay_sirs_url=ministry.url)  # type: ignore[call-arg]
    # As it is half a minute later, when nobody waits any more for the one that was killed.
    with sqlite3.connect(tmp_path / "balai.db") as connection:
        connection.execute("UPDATE relay_leases SET until = '2026-01-01 00:00:00.000000'")
    connection.close()
    app = create_app(settings, relay_trust=ministry.trust)
    async with app.router.lifespan_context(app) as state:
        node: Node = state["node"]
        await deposit(node, "rs-a", Channel.sirs, MINISTRY, by=OPERATOR)  # and with it, no more waiting for a next try
        await until(node, lambda state: state.waiting == 0)
    taken = [each.said["ruang"] for each in ministry.taken]
    assert set(acknowledged) <= set(taken)
    assert len(taken) == len(set(taken))
    for number in range(4):
        mine = [room for room in taken if room.startswith(f"{number}-")]
        assert mine == sorted(mine, key=lambda room: int(room.partition("-")[2]))
