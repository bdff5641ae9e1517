"""What tests share: a clock that is set by hand, both databases, a node with a small world, and a client."""

import asyncio
import shutil
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
import structlog
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from app.actions.keys import authenticate, issue_key
from app.config import Settings
from app.domain.ledger import START, LedgerEntry
from app.domain.permissions import NATIONAL, OPERATOR, Actor, Scope, ScopeKind
from app.main import create_app
from app.runtime import ledger_follower
from app.runtime.ledger_follower import LedgerFollower
from app.runtime.node import Node, open_node
from app.store import ledger
from app.store.maintenance.migrate import migrate
from tests.factories import MORNING, build_world
from tests.postgres import Cluster, cluster

# The pretty tracebacks of structlog show all local variables: with a large body in them that takes a minute.
structlog.configure(processors=[structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)])

# How long a busy machine takes to make examples says nothing about the code.
hypothesis_settings.register_profile("gate", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("gate")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first, so that no worker begins one when the others are done."""
    items.sort(key=lambda item: item.path.name not in {"test_crashes.py", "test_fuzz.py"})


class Clock:
    """The time, as a test sets it."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **how: float) -> None:
        """Let so many hours, minutes or seconds pass."""
        self.now += timedelta(**how)


CITY = Scope(ScopeKind.area, "33.74")
RS_A = Scope(ScopeKind.facility, "rs-a")

# For what is decided before the database is asked, or asks nothing of it that the two could answer differently.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
# For what only a server does.
on_postgresql = pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)

SECRET_KEY = "a key for tests, long enough to be one"


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def clock() -> Clock:
    return Clock(MORNING)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file, to be copied."""
    path = tmp_path_factory.mktemp("template") / "balai.db"
    asyncio.run(migrate(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """One server for all tests of this process."""
    with cluster() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres: Cluster) -> str:
    """A migrated database, to be cloned."""
    asyncio.run(migrate(postgres.create("balai_template")))
    return "balai_template"


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """An empty, migrated SQLite database of this test's own."""
    return f"sqlite+aiosqlite:///{shutil.copy(sqlite_template, tmp_path / 'balai.db')}"


@pytest.fixture
def postgres_url(postgres: Cluster, postgres_template: str) -> str:
    """An empty, migrated PostgreSQL database of this test's own."""
    return postgres.create(f"t_{uuid.uuid4().hex}", postgres_template)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """Both databases, one after the other."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def node(database_url: str, clock: Clock) -> AsyncIterator[Node]:
    """A node on either database, with the small world registered."""
    async with open_node(database_url=database_url, secret_keys=[SECRET_KEY], clock=clock) as opened:
        await build_world(opened)
        yield opened


class Service:
    """The real app on a real database, spoken to without a socket."""

    def __init__(self, app: Any, state: dict[str, Any]) -> None:
        self.app, self.state = app, state
        self.node: Node = state["node"]

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """What a server does with the state of the lifespan."""
        await self.app({**scope, "state": dict(self.state)}, receive, send)

    def client(self, key: str | None = None) -> httpx2.AsyncClient:
        """A client, with a key or without."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        transport = httpx2.ASGITransport(app=self, raise_app_exceptions=False)
        return httpx2.AsyncClient(transport=transport, base_url="http://testserver", headers=headers)

    async def key(self, *, area: str | None = None, facility: str | None = None) -> str:
        """A new key for an area or a facility, else for everything."""
        scope = NATIONAL
        if area is not None:
            scope = Scope(ScopeKind.area, area)
        elif facility is not None:
            scope = Scope(ScopeKind.facility, facility)
        return (await issue_key(self.node, scope=scope, by=OPERATOR, name="test"))[1]


@pytest.fixture
def settings(sqlite_url: str, tmp_path: Path) -> Settings:
    """Settings as an operator would leave them, on this test's own SQLite database."""
    return Settings(_env_file=None, database_url=sqlite_url, data_dir=tmp_path)  # type: ignore[call-arg]


@pytest.fixture
async def service(settings: Settings, clock: Clock) -> AsyncIterator[Service]:
    """The app, started, with the small world registered."""
    app = create_app(settings, clock=clock)
    async with app.router.lifespan_context(app) as state:
        found = Service(app, dict(state))
        await build_world(found.node)
        yield found


@pytest.fixture
async def client(service: Service) -> AsyncIterator[httpx2.AsyncClient]:
    """A client without a key."""
    async with service.client() as open_client:
        yield open_client


@pytest.fixture
async def national_key(service: Service) -> str:
    """A key for everything."""
    return await service.key()


@pytest.fixture
async def officer(service: Service, national_key: str) -> AsyncIterator[httpx2.AsyncClient]:
    """A client with a key for everything."""
    async with service.client(national_key) as open_client:
        yield open_client


async def holder_of(node: Node, scope: Scope, *, expires_at: datetime | None = None) -> Actor:
    """Who shows a new key with this scope."""
    _, key = await issue_key(node, scope=scope, by=OPERATOR, expires_at=expires_at)
    return await authenticate(node, key)


async def entries_of(node: Node) -> list[LedgerEntry]:
    """The whole ledger."""
    async with node.database.reading() as connection:
        return await ledger.read_after(connection, START)


@pytest.fixture
async def hospital(node: Node) -> Actor:
    """The system of rs-a."""
    return await holder_of(node, RS_A)


@pytest.fixture
async def district(node: Node) -> Actor:
    """An officer of the city."""
    return await holder_of(node, CITY)


@pytest.fixture
async def command(node: Node) -> Actor:
    """An officer of the nation."""
    return await holder_of(node, NATIONAL)


@pytest.fixture
def no_polling(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nodes hear of each other only when they ask. Named before `node`, so that it holds from the beginning."""
    monkeypatch.setattr(ledger_follower, "POLL_SECONDS", 3600)
    monkeypatch.setattr(ledger_follower, "TICK_SECONDS", 3600)
    monkeypatch.setattr(LedgerFollower, "on_notice", lambda *_: None)
    # PostgreSQL may take a while to begin with its notices, and a node reads when they do.
    monkeypatch.setattr(LedgerFollower, "notices_begun", lambda *_: None)


@pytest.fixture
async def neighbour(no_polling: None, node: Node, database_url: str, clock: Clock) -> AsyncIterator[Node]:
    """Another process on the same database, which does not look at the ledger by itself."""
    async with open_node(database_url=database_url, clock=clock) as found:
        yield found
