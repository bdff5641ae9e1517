"""A node: one running process with its database, its board and its writing lane."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from app.actions.follow_ledger import Follower
from app.actions.lane import Lane
from app.board.board import Board
from app.domain.actor import Actor, Target, Verb, authorise
from app.domain.facility import DEFAULT_THRESHOLDS, FacilityKind
from app.domain.freshness import Thresholds
from app.store.current import read_current
from app.store.database import Database
from app.store.migrate import check_migrated


def utc_now() -> datetime:
    """The time, aware and in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Node:
    """What every action needs. `clock` gives aware UTC times; `public_read` lets anyone read figures."""

    database: Database
    board: Board
    follower: Follower
    lane: Lane
    clock: Callable[[], datetime]
    public_read: bool

    def authorise(self, actor: Actor | None, verb: Verb, target: Target) -> None:
        """Raises: Unauthenticated, NotPermitted or NotFound, as `app.domain.actor.authorise` says."""
        authorise(actor, verb, target, public_read=self.public_read)


@asynccontextmanager
async def open_node(
    *,
    database_url: str,
    thresholds: Mapping[FacilityKind, Thresholds] = DEFAULT_THRESHOLDS,
    public_read: bool = True,
    clock: Callable[[], datetime] = utc_now,
) -> AsyncIterator[Node]:
    """A node that has read all that stands and follows the ledger until it is closed.

    Raises: NotMigrated, WeakDurability or Unavailable, when it cannot start.
    """
    database = Database(database_url)
    try:
        await database.check_durability()
        board = Board(thresholds)
        async with database.reading() as connection:
            await check_migrated(connection)
            current = await read_current(connection)
        board.load(
            position=current.position,
            recorded_at=current.recorded_at,
            areas=current.areas,
            facilities=current.facilities,
            credentials=current.credentials,
            channels=current.channels,
        )
        del current
        follower = Follower(database, board)
        lane = Lane(database, follower, clock)
        writing, following = asyncio.create_task(lane.run()), asyncio.create_task(follower.run(clock))
        try:
            yield Node(database, board, follower, lane, clock, public_read)
        finally:
            lane.close()
            await writing
            following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await following
    finally:
        await database.close()
