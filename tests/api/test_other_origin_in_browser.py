"""A dashboard on another origin, in a real browser: what it can read, and whether its streams survive."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Error, Page

from app.actions.keys import issue_key
from app.api.http import busy_stream
from app.config import Settings
from app.domain.permissions import NATIONAL, OPERATOR
from app.fastpath.cached_responses import CachedResponses
from app.main import create_app
from app.runtime.node import open_node
from app.server.http_protocol import BoundedProtocol
from tests.browser.chromium import NEEDS_BROWSER, another_origin, fresh_page, served_in_thread
from tests.factories import build_world

pytestmark = NEEDS_BROWSER

READ = """async ([url, headers, method]) => {
    const answer = await fetch(url, {headers, method});
    const [etag, id, wait] = ["etag", "x-request-id", "retry-after"].map(name => answer.headers.get(name));
    return {status: answer.status, body: answer.status === 304 ? null : await answer.json(), etag, id, wait};
}"""

# The events of a stream until `count` came, or until it is closed for good.
LISTEN = """([url, count]) => new Promise(done => {
    const events = [], source = new EventSource(url);
    const end = () => { source.close(); done(events); };
    for (const name of ["capacity", "busy"]) source.addEventListener(name, event => {
        events.push([name, JSON.parse(event.data)]);
        if (events.length >= count) end();
    });
    source.onerror = () => {
        if (source.readyState === EventSource.CLOSED) { events.push(["closed", null]); end(); }
    };
})"""


@pytest.fixture
def key(settings: Settings) -> str:
    """The small world, registered, and a national key."""

    async def prepare() -> str:
        async with open_node(database_url=settings.database) as node:
            await build_world(node)
            return (await issue_key(node, scope=NATIONAL, by=OPERATOR, name="dashboard"))[1]

    return asyncio.run(prepare())


@pytest.fixture
def page(key: str) -> Iterator[Page]:
    """A page of another origin, its address in `page.url`. The key is made first: Playwright has a loop of its own."""
    assert key
    with another_origin() as origin, fresh_page() as opened:
        opened.goto(origin)
        opened.set_default_timeout(15_000)
        yield opened


def serving(settings: Settings, **changed: Any) -> Any:
    app = create_app(settings.model_copy(update=changed))
    return served_in_thread(CachedResponses(app), http=BoundedProtocol)


def test_a_page_of_another_origin_reads_what_is_public(page: Page, settings: Settings, key: str) -> None:
    with serving(settings) as url:
        city = f"{url}/v1/areas/33.74/capacity"
        first = page.evaluate(READ, [city, {}, "GET"])
        assert (first["status"], first["body"]["area"]["code"]) == (200, "33.74")
        assert first["etag"]
        assert first["id"]
        for _ in range(3):  # of the route, of the layer before it, and of the connection
            again = page.evaluate(READ, [city, {"If-None-Match": first["etag"]}, "GET"])
            assert (again["status"], again["etag"]) == (304, first["etag"])
        missing = page.evaluate(READ, [f"{url}/v1/areas/nowhere/capacity", {}, "GET"])
        assert (missing["status"], missing["body"]["code"]) == (404, "not-found")
        assert page.evaluate(LISTEN, [f"{url}/v1/areas/33.74/stream", 1])[0][1]["area"]["code"] == "33.74"
        for headers, method in (({"Authorization": f"Bearer {key}"}, "GET"), ({}, "DELETE")):
            with pytest.raises(Error, match="Failed to fetch"):
                page.evaluate(READ, [city, headers, method])


def test_a_stream_over_the_limit_comes_back_by_itself(
    page: Page, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(busy_stream, "RETRY_MS", 50)
    with serving(settings, streams_max=1) as url:
        stream = f"{url}/v1/areas/33.74/stream"
        page.evaluate("url => { window.first = new EventSource(url); }", stream)
        page.wait_for_function("() => window.first.readyState === EventSource.OPEN")
        page.evaluate("([url]) => { setTimeout(() => window.first.close(), 300); }", [stream])
        events = page.evaluate(LISTEN.replace("events.length >= count", "name === 'capacity'"), [stream, 0])
        names = [name for name, _ in events]
        assert names[-1] == "capacity"
        assert set(names[:-1]) == {"busy"}
        assert events[0][1]["code"] == "overloaded"


def test_over_the_rate_a_page_reads_how_long_to_wait(page: Page, settings: Settings) -> None:
    slow = settings.rate_public._replace(per_second=0.01, burst=1)
    with serving(settings, rate_public=slow, rate_exempt=()) as url:
        answers = [page.evaluate(READ, [f"{url}/v1/position", {}, "GET"]) for _ in range(2)]
        assert [answer["status"] for answer in answers] == [200, 429]
        assert int(answers[1]["wait"]) > 0


def test_a_ticket_opens_one_stream_of_a_private_installation(page: Page, settings: Settings, key: str) -> None:
    origin = page.url.rstrip("/")
    with serving(settings, public_read=False, cors_origins=(origin,)) as url:
        with_key = {"Authorization": f"Bearer {key}"}
        assert page.evaluate(READ, [f"{url}/v1/areas/33.74/capacity", with_key, "GET"])["status"] == 200
        made = page.evaluate(READ, [f"{url}/v1/stream-tickets", with_key, "POST"])
        assert made["status"] == 201
        stream = f"{url}/v1/areas/33.74/stream"
        with_ticket = f"{stream}?ticket={made['body']['ticket']}"
        assert page.evaluate(LISTEN, [with_ticket, 1])[0][0] == "capacity"
        assert page.evaluate(LISTEN, [with_ticket, 1]) == [["closed", None]]
        assert page.evaluate(LISTEN, [stream, 1]) == [["closed", None]]
    with serving(settings, public_read=False) as url, pytest.raises(Error, match="Failed to fetch"):
        page.evaluate(READ, [f"{url}/v1/areas/33.74/capacity", with_key, "GET"])
