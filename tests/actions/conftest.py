"""Holders of keys, and a second node beside the first."""

from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from app.actions import follow_ledger
from app.actions.follow_ledger import Follower
from app.actions.keys import authenticate, issue_key
from app.actions.node import Node, open_node
from app.domain.actor import NATIONAL, OPERATOR, Actor, Scope, ScopeKind
from app.domain.ledger import START, LedgerEntry
from app.store import ledger
from tests.conftest import Clock

CITY = Scope(ScopeKind.area, "33.74")
RS_A = Scope(ScopeKind.facility, "rs-a")

# For what is decided before the database is asked, or asks nothing of it that the two could answer differently.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
# For what only a server does.
on_postgresql = pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


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
    monkeypatch.setattr(follow_ledger, "POLL_SECONDS", 3600)
    monkeypatch.setattr(follow_ledger, "TICK_SECONDS", 3600)
    monkeypatch.setattr(Follower, "hear", lambda *_: None)


@pytest.fixture
async def neighbour(no_polling: None, node: Node, database_url: str, clock: Clock) -> AsyncIterator[Node]:
    """Another process on the same database, which does not look at the ledger by itself."""
    async with open_node(database_url=database_url, clock=clock) as found:
        yield found
