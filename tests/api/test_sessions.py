"""Sessions: signing in with a key, what the cookie opens, and when it ends."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from ipaddress import ip_network
from typing import Any

import httpx2
import pytest

from app.actions import sessions
from app.actions.keys import issue_key, revoke_key
from app.actions.maintenance.verify import examine
from app.config import Settings
from app.domain.permissions import NATIONAL, OPERATOR, Credential
from app.fastpath.cached_responses import CachedResponses
from app.main import create_app
from app.runtime.node import Node, open_node
from app.runtime.secret_box import SecretBox
from tests.conftest import SECRET_KEY, Clock, Service, entries_of
from tests.factories import build_world
from tests.sse import listening

ORIGIN = "https://beds.example.go.id"
CITY = "/v1/areas/33.74/capacity"
OURS = {"Sec-Fetch-Site": "same-origin"}
REPORT = {"observed_at": "2026-11-23T10:00:00+07:00", "lines": [{"bed_type": "icu", "beds_total": 10}]}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A private installation."""
    return settings.model_copy(update={"public_read": False})


@asynccontextmanager
async def browser(service: Service, origin: str = ORIGIN, **headers: str) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser that shows pages of this service; it keeps cookies."""
    said = {"Sec-Fetch-Site": "same-origin", **{name.replace("_", "-"): value for name, value in headers.items()}}
    transport = httpx2.ASGITransport(app=service, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url=origin, headers=said) as client:
        yield client


async def sign_in(client: httpx2.AsyncClient, key: str) -> httpx2.Response:
    answer = await client.post("/v1/session", json={"key": key})
    assert answer.status_code == 201, answer.text
    return answer


def cookie_of(client: httpx2.AsyncClient) -> str:
    value = client.cookies.get("__Host-balai")
    assert value is not None
    return value


async def status_with(service: Service, cookie: str, path: str = CITY) -> int:
    async with browser(service, Cookie=f"__Host-balai={cookie}") as client:
        return (await client.get(path)).status_code


async def test_a_session_has_the_rights_of_its_key(service: Service) -> None:
    key = await service.key(area="33.74.01")
    async with browser(service) as client:
        assert (await client.get("/v1/areas/33.74.01/capacity")).status_code == 401
        answer = await sign_in(client, key)
        assert re.fullmatch(
            r"__Host-balai=[0-9a-zA-Z._-]+; Path=/; Max-Age=1800; HttpOnly; SameSite=Strict; Secure",
            answer.headers["set-cookie"],
        )
        assert answer.headers["cache-control"] == "no-store"
        assert key not in answer.text + answer.headers["set-cookie"]
        assert (await client.get("/v1/areas/33.74.01/capacity")).status_code == 200
        assert (await client.get(CITY)).status_code == 404
        assert (await client.post("/v1/facilities/rs-a/reports", json=REPORT)).status_code == 201
        assert (await client.post("/v1/keys", json={"scope": "national", "name": "x"})).status_code in {403, 404}
    async with service.client(key) as program:
        senders = (await program.get("/v1/facilities/rs-a/reports")).json()
    assert "session" not in str(senders)


@pytest.mark.parametrize(
    "path",
    [
        *("/v1/areas", "/v1/areas/33.74", CITY, f"{CITY}/children", f"{CITY}/children?format=csv", "/v1/position"),
        *("/v1/areas/33.74/facilities", "/v1/facilities/rs-a", "/v1/facilities/rs-a/reports", "/v1/changes?wait=0"),
        *("/v1/keys", "/metrics"),
    ],
)
async def test_all_that_a_key_reads_is_read_with_the_cookie(service: Service, national_key: str, path: str) -> None:
    async with browser(service) as client:
        assert (await client.get(path)).status_code == 401
        await sign_in(client, national_key)
        assert (await client.get(path)).status_code == 200


@pytest.mark.parametrize(
    "path", ["/v1/areas/33.74/stream", "/v1/stream?area=33.74", "/v1/areas/33.74/stream?events=changes"]
)
async def test_streams_open_with_the_cookie_and_end_with_the_session(
    service: Service, national_key: str, path: str
) -> None:
    async with browser(service) as client:
        await sign_in(client, national_key)
        cookie = cookie_of(client)
        async with listening(service, path, host="203.0.113.1") as stranger:
            assert stranger.status == 401
    secure = _secure(service)
    async with listening(secure, path, cookie=f"__Host-balai={cookie}") as ear:
        assert ear.status == 200
        async with browser(service, Cookie=f"__Host-balai={cookie}") as client:
            assert (await client.delete("/v1/session")).status_code == 204
        await ear.until_ended()


def _secure(service: Service) -> Any:
    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await service({**scope, "scheme": "https"}, receive, send)

    return app


async def test_a_session_ends_when_nobody_uses_it(service: Service, national_key: str, clock: Clock) -> None:
    async with browser(service) as client:
        await sign_in(client, national_key)
        clock.advance(minutes=29)
        assert (await client.get(CITY)).status_code == 200
        clock.advance(minutes=29)
        assert (await client.get(CITY)).status_code == 200  # the use before has renewed it
        clock.advance(minutes=31)
        assert (await client.get(CITY)).status_code == 401


async def test_a_session_ends_after_twelve_hours_of_use(service: Service, national_key: str, clock: Clock) -> None:
    async with browser(service) as client:
        ends_at = datetime.fromisoformat((await sign_in(client, national_key)).json()["session"]["ends_at"])
        while clock.now < ends_at:
            assert (await client.get(CITY)).status_code == 200
            clock.advance(minutes=20)
        assert (await client.get(CITY)).status_code == 401


async def test_use_renews_the_cookie_once_a_minute_and_no_shared_cache_keeps_it(
    service: Service, national_key: str, clock: Clock
) -> None:
    async with browser(service) as client:
        first = cookie_of(client) if await sign_in(client, national_key) else ""
        assert "set-cookie" not in (await client.get(CITY)).headers
        clock.advance(seconds=61)
        for path in (CITY, "/v1/bed-types"):
            answer = await client.get(path)
            assert ("set-cookie" in answer.headers) is (path == CITY)
            assert "public" not in answer.headers.get("cache-control", "") or path != CITY
        assert cookie_of(client) != first
        clock.advance(seconds=61)
        renewed = await client.get("/v1/bed-types")
        assert renewed.headers["cache-control"] == "private, no-cache"
        clock.advance(seconds=61)
        assert "set-cookie" not in (await client.get("/v1/areas/nowhere")).headers


@pytest.mark.parametrize("public_read", [True, False])
async def test_a_page_that_only_asks_for_cached_figures_keeps_its_session(
    settings: Settings, clock: Clock, public_read: bool
) -> None:
    app = create_app(settings.model_copy(update={"public_read": public_read}), clock=clock)
    async with app.router.lifespan_context(app) as state:
        service = Service(CachedResponses(app), dict(state))
        await build_world(service.node)
        key = await service.key()
        async with browser(service) as client:
            await sign_in(client, key)
            for _ in range(4):
                clock.advance(minutes=20)
                assert (await client.get(CITY)).status_code == 200
            assert (await client.get("/v1/me")).json()["scope"] == "national"


async def test_signing_out_ends_this_session_for_copies_too_and_no_other(service: Service, national_key: str) -> None:
    async with browser(service) as one, browser(service) as other:
        await sign_in(one, national_key)
        await sign_in(other, national_key)
        stolen = cookie_of(one)
        answer = await one.delete("/v1/session")
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers["set-cookie"].startswith("__Host-balai=; Path=/; Max-Age=0;")
        assert "__Host-balai" not in one.cookies
        assert await status_with(service, stolen) == 401
        assert (await other.get(CITY)).status_code == 200
        assert (await one.delete("/v1/session")).status_code == 204


@pytest.mark.parametrize("is_program", [True, False])
async def test_signing_out_everywhere_ends_all_sessions_of_the_key_and_not_the_key(
    service: Service, national_key: str, is_program: bool
) -> None:
    foreign = await service.key()
    async with browser(service) as one, browser(service) as other, browser(service) as stranger:
        for client, key in ((one, national_key), (other, national_key), (stranger, foreign)):
            await sign_in(client, key)
        stolen = cookie_of(one)
        async with service.client(national_key) as program:
            ender = program if is_program else one
            assert (await ender.delete("/v1/session?all=true")).status_code == 204
            assert (await program.get(CITY)).status_code == 200
        assert await status_with(service, stolen) == 401
        assert (await other.get(CITY)).status_code == 401
        assert (await stranger.get(CITY)).status_code == 200
        await sign_in(other, national_key)  # at the very same moment
        assert (await other.get(CITY)).status_code == 200


async def test_who_is_not_signed_in_cannot_end_all_sessions(service: Service) -> None:
    async with browser(service) as client:
        assert (await client.delete("/v1/session")).status_code == 204
        assert (await client.delete("/v1/session?all=true")).status_code == 401
        assert (await client.delete("/v1/session?all=perhaps")).status_code == 422


async def test_a_revoked_key_ends_its_sessions_with_the_next_request(service: Service, national_key: str) -> None:
    async with browser(service) as client:
        await sign_in(client, national_key)
        await revoke_key(service.node, national_key.split("_")[1], by=OPERATOR)
        assert (await client.get(CITY)).status_code == 401
        assert (await client.post("/v1/session", json={"key": national_key})).status_code == 401


async def test_an_expired_key_ends_its_sessions(service: Service, clock: Clock) -> None:
    expires_at = clock.now.replace(minute=10)
    _, key = await issue_key(service.node, scope=NATIONAL, by=OPERATOR, expires_at=expires_at)
    async with browser(service) as client:
        await sign_in(client, key)
        clock.advance(minutes=9)
        assert (await client.get(CITY)).status_code == 200
        clock.advance(minutes=1)
        assert (await client.get(CITY)).status_code == 401


async def test_a_changed_cookie_is_none(service: Service, national_key: str) -> None:
    async with browser(service) as client:
        await sign_in(client, national_key)
        cookie = cookie_of(client)
    prefix, session_id, started, active, signature = cookie.split(".")
    other = (await service.key()).split("_")[1]
    later = str(int(active) + 60_000)
    for changed in (
        f"{other}.{session_id}.{started}.{active}.{signature}",
        f"{prefix}.{session_id[::-1]}.{started}.{active}.{signature}",
        f"{prefix}.{session_id}.{later}.{active}.{signature}",
        f"{prefix}.{session_id}.{started}.{later}.{signature}",
        f"{prefix}.{session_id}.{started}.{active}.{'0' * 64}",
        f"{prefix}.{session_id}.{started}.{active}",
        *(national_key, "", "x" * 4000, cookie[:-1]),
    ):
        assert await status_with(service, changed) == 401
    assert await status_with(service, cookie) == 200


async def test_a_cookie_of_another_installation_or_of_another_key_with_this_prefix_is_none(
    service: Service, national_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, session = await sessions.begin_session(service.node, national_key)
    cookie = sessions.write_cookie(service.node, session)
    assert sessions.recognise_session(service.node, cookie) is not None
    elsewhere = replace(service.node, secret_box=SecretBox(["the secret key of another installation"]))
    assert sessions.recognise_session(elsewhere, cookie) is None
    known = service.node.board.credential(session.prefix)
    assert known is not None
    again = Credential(known.prefix, "0" * 64, known.actor, known.created_at, "operator")
    monkeypatch.setitem(service.node.board._credentials, session.prefix, again)
    assert sessions.recognise_session(service.node, cookie) is None


async def test_the_cookie_is_no_ticket_and_a_ticket_no_cookie(service: Service, officer: httpx2.AsyncClient) -> None:
    ticket = (await officer.post("/v1/stream-tickets")).json()["ticket"]
    assert await status_with(service, ticket) == 401


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
async def test_another_site_changes_nothing_with_the_cookie(service: Service, national_key: str, site: str) -> None:
    async with browser(service) as client:
        await sign_in(client, national_key)
        cookie = cookie_of(client)
    position = service.node.board.position
    async with browser(service, Cookie=f"__Host-balai={cookie}", Sec_Fetch_Site=site) as evil:
        for method, path in (
            ("POST", "/v1/facilities/rs-a/reports"),
            ("POST", "/v1/reports"),
            ("PATCH", "/v1/facilities/rs-a"),
            ("POST", "/v1/keys"),
            ("DELETE", "/v1/session"),
            ("DELETE", "/v1/session?all=true"),
        ):
            refused = await evil.request(method, path, json=REPORT)
            assert (refused.status_code, refused.json()["code"]) == (403, "forbidden"), path
    assert service.node.board.position == position
    assert await status_with(service, cookie) == 200


async def test_another_site_signs_nobody_in(service: Service, national_key: str) -> None:
    for said in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example", "Sec-Fetch-Site": ""}):
        async with browser(service, **{name.replace("-", "_"): value for name, value in said.items()}) as evil:
            refused = await evil.post("/v1/session", json={"key": national_key})
            assert (refused.status_code, "set-cookie" in refused.headers) == (403, False)


async def test_a_header_goes_before_the_cookie(service: Service, national_key: str) -> None:
    hospital = await service.key(facility="rs-a")
    async with browser(service) as client:
        await sign_in(client, national_key)
        with_key = {"Authorization": f"Bearer {hospital}", "Sec-Fetch-Site": "cross-site"}
        assert (await client.get("/v1/me", headers=with_key)).json()["scope"] == "facility:rs-a"
        assert (await client.get(CITY, headers=with_key)).status_code == 404
        # A program's key is no cookie that a browser adds: it may come from anywhere.
        sent = await client.post("/v1/facilities/rs-a/reports", json=REPORT, headers=with_key)
        assert sent.status_code == 201
        assert (await client.get(CITY, headers={"Authorization": "Bearer nonsense"})).status_code == 401


async def test_signing_in_takes_no_session_that_somebody_else_chose(service: Service, national_key: str) -> None:
    planted = await service.key(facility="rs-a")
    async with browser(service) as attacker, browser(service) as victim:
        await sign_in(attacker, planted)
        before = cookie_of(attacker)
        victim.headers["Cookie"] = f"__Host-balai={before}"
        await sign_in(victim, national_key)
        del victim.headers["Cookie"]
        assert cookie_of(victim).split(".")[1] != before.split(".")[1]
        assert (await victim.get("/v1/me")).json()["scope"] == "national"
        assert (await attacker.get("/v1/me")).json()["scope"] == "facility:rs-a"


@pytest.mark.parametrize(("origin", "status"), [("http://beds.example.go.id", 403), ("http://localhost:8000", 201)])
async def test_without_tls_nobody_signs_in_over_a_network(
    service: Service, national_key: str, origin: str, status: int
) -> None:
    async with browser(service, origin) as client:
        answer = await client.post("/v1/session", json={"key": national_key})
        assert answer.status_code == status
        if status == 201:
            assert answer.headers["set-cookie"].startswith("balai=")
            assert "Secure" not in answer.headers["set-cookie"]
            assert (await client.get(CITY)).status_code == 200
        else:
            assert "HTTPS" in answer.json()["detail"]
            assert "set-cookie" not in answer.headers


async def test_a_cookie_is_not_read_over_plain_http(service: Service, national_key: str) -> None:
    async with browser(service) as client:
        await sign_in(client, national_key)
        cookie = cookie_of(client)
    async with browser(service, "http://beds.example.go.id", Cookie=f"balai={cookie}; __Host-balai={cookie}") as plain:
        assert (await plain.get(CITY)).status_code == 401


async def test_no_page_of_another_site_may_frame_or_read_it(service: Service, national_key: str) -> None:
    async with browser(service, Origin="https://evil.example") as client:
        client.headers["Sec-Fetch-Site"] = "same-origin"
        answer = await sign_in(client, national_key)
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "access-control-allow-credentials" not in (await client.get(CITY)).headers


async def test_who_am_i(service: Service, clock: Clock) -> None:
    key = await service.key(area="33.74")
    async with browser(service) as client:
        assert (await client.get("/v1/me")).json() == {"actor": None, "scope": None, "may": [], "session": None}
        me = (await sign_in(client, key)).json()
        assert me == (await client.get("/v1/me")).json()
    assert (me["actor"]["role"], me["actor"]["name"], me["scope"]) == ("district", "test", "area:33.74")
    assert {"read", "report", "manage_keys"} <= set(me["may"])
    assert "register" not in me["may"]
    idle, end = (datetime.fromisoformat(me["session"][name]) for name in ("idle_until", "ends_at"))
    assert ((idle - clock.now).total_seconds(), (end - clock.now).total_seconds()) == (1800, 43_200)


async def test_wrong_keys_are_limited_and_right_ones_are_not(settings: Settings, clock: Clock) -> None:
    app = create_app(settings.model_copy(update={"rate_exempt": (ip_network("10.9.9.9/32"),)}), clock=clock)
    async with app.router.lifespan_context(app) as state:
        service = Service(app, dict(state))
        key = await service.key()
        async with browser(service) as client:
            for _ in range(8):
                await sign_in(client, key)
            client.cookies.clear()
            wrong = [await client.post("/v1/session", json={"key": f"balai_{n:012x}_{'x' * 43}"}) for n in range(6)]
            assert [answer.status_code for answer in wrong] == [401] * 5 + [429]
            assert int(wrong[-1].headers["retry-after"]) > 1
            assert (await client.post("/v1/session", json={"key": key})).status_code == 429


@pytest.mark.parametrize("body", [{}, {"key": ""}, {"key": "x" * 201}, {"key": 1}, {"key": "x", "more": 1}])
async def test_a_body_that_is_no_key_is_refused_without_repeating_it(service: Service, body: dict[str, Any]) -> None:
    async with browser(service) as client:
        refused = await client.post("/v1/session", json=body)
    assert refused.status_code == 422
    assert "xxx" not in refused.text


async def test_no_log_ledger_or_problem_has_the_cookie_or_the_key(
    service: Service, national_key: str, capfd: pytest.CaptureFixture[str]
) -> None:
    async with browser(service) as client:
        await sign_in(client, national_key)
        cookie = cookie_of(client)
        await client.get("/v1/areas/nowhere")
        await client.delete("/v1/session")
    secret, signature = national_key.split("_", 2)[2], cookie.split(".")[-1]
    written = "".join(map(str, await entries_of(service.node))) + "".join(capfd.readouterr())
    assert secret not in written
    assert signature not in written


async def test_a_session_is_known_on_every_node_and_ends_on_every_node(
    node: Node, database_url: str, clock: Clock
) -> None:
    _, key = await issue_key(node, scope=NATIONAL, by=OPERATOR)
    async with open_node(database_url=database_url, secret_keys=[SECRET_KEY], clock=clock) as other:
        await other.follower.catch_up()
        actor, session = await sessions.begin_session(node, key)
        cookie = sessions.write_cookie(node, session)
        assert sessions.recognise_session(other, cookie) == (actor, session)
        await sessions.end_session(node, session, by=actor)
        await other.follower.catch_up()
        assert sessions.recognise_session(other, cookie) is None
    assert not (await examine(database_url)).differences
    async with open_node(database_url=database_url, secret_keys=[SECRET_KEY], clock=clock) as restarted:
        assert sessions.recognise_session(restarted, cookie) is None
        _, again = await sessions.begin_session(restarted, key)
        assert sessions.recognise_session(restarted, sessions.write_cookie(restarted, again)) is not None


async def test_a_session_of_a_key_that_this_node_has_not_heard_of_yet_is_looked_up(
    no_polling: None, settings: Settings, clock: Clock
) -> None:
    secret_key = SECRET_KEY.replace(",", "")  # a setting has several, with commas between
    app = create_app(settings.model_copy(update={"secret_key": secret_key}), clock=clock)
    async with app.router.lifespan_context(app) as state:
        service = Service(app, dict(state))
        async with open_node(database_url=settings.database, secret_keys=[secret_key], clock=clock) as other:
            _, key = await issue_key(other, scope=NATIONAL, by=OPERATOR)
            _, session = await sessions.begin_session(other, key)
            cookie = sessions.write_cookie(other, session)
        assert service.node.board.credential(session.prefix) is None
        assert await status_with(service, cookie, "/v1/position") == 200


async def test_without_a_secret_key_nobody_signs_in(database_url: str, clock: Clock, node: Node) -> None:
    _, key = await issue_key(node, scope=NATIONAL, by=OPERATOR)
    async with open_node(database_url=database_url, clock=clock) as keyless:
        await keyless.follower.catch_up()
        _, session = await sessions.begin_session(keyless, key)
        with pytest.raises(Exception, match="BALAI_SECRET_KEY"):
            sessions.write_cookie(keyless, session)
        assert sessions.recognise_session(keyless, sessions.write_cookie(node, session)) is None
