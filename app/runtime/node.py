"""A node: one running process with its database, its board, its write queue and its workers."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from app.board.board import Board
from app.domain.beds.freshness import Thresholds
from app.domain.permissions import Actor, Target, Verb, authorise
from app.domain.registry.facility import DEFAULT_THRESHOLDS, FacilityKind
from app.domain.reports.plausibility import DEFAULT_SIZES, PlausibleSizes
from app.runtime.ledger_follower import LedgerFollower
from app.runtime.message_writer import MessageLog
from app.runtime.outlines import Outlines
from app.runtime.planned_changes import PlannedChanges
from app.runtime.readiness import Readiness, clock_warning
from app.runtime.rejection_counter import RejectionCounter
from app.runtime.relay_sender import Relay
from app.runtime.row_ender import RowEnder
from app.runtime.secret_box import SecretBox
from app.runtime.secret_keys import check as check_secret_keys
from app.runtime.sender_clocks import SenderClocks
from app.runtime.upstreams import Upstreams
from app.runtime.worker import Worker, Workers
from app.runtime.write_queue import WriteQueue
from app.store.database import Database
from app.store.maintenance.migrate import check_migrated
from app.store.notices import Notices
from app.store.repositories.snapshot import read_snapshot

log = logging.getLogger(__name__)

NO_UPSTREAMS = Upstreams({})
HISTORIES_AT_ONCE = 2  # all reports of a facility: of a hospital's software they are hundreds of thousands
GC_THRESHOLDS = (10_000, 20, 250)  # with 50,000 each collection of the youngest generation took 11 ms


def utc_now() -> datetime:
    """The current time, aware and in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Node:
    """What every action needs. `clock` returns aware UTC times; with `public_read` anyone may read figures.

    `only_reads`: the database was a replica when the node started. `history_slots` limits reads of whole histories.
    """

    database: Database
    board: Board
    follower: LedgerFollower
    write_queue: WriteQueue
    clock: Callable[[], datetime]
    public_read: bool
    only_reads: bool
    secret_box: SecretBox
    messages: MessageLog
    rejections: RejectionCounter
    clocks: SenderClocks
    readiness: Readiness
    relay: Relay
    workers: Workers
    history_slots: asyncio.Semaphore
    outlines: Outlines

    def authorise(self, actor: Actor | None, verb: Verb, target: Target) -> None:
        """Check a permission. Raises: Unauthenticated, NotPermitted or NotFound, like `permissions.authorise`."""
        authorise(actor, verb, target, public_read=self.public_read)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Disable garbage collection while a country is loaded, and exclude the loaded objects from later collections.

    The collector would scan every area and line repeatedly: a third of the start time, and later pauses of 40 to 77 ms.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLDS)
        gc.enable()


@asynccontextmanager
async def open_node(
    *,
    database_url: str,
    replica_url: str | None = None,
    thresholds: Mapping[FacilityKind, Thresholds] = DEFAULT_THRESHOLDS,
    sizes: PlausibleSizes = DEFAULT_SIZES,
    public_read: bool = True,
    only_reads: bool = False,
    secret_keys: Sequence[str] = (),
    upstreams: Upstreams = NO_UPSTREAMS,
    clock: Callable[[], datetime] = utc_now,
) -> AsyncIterator[Node]:
    """A node that has loaded the current state and follows the ledger until the context ends.

    Without `secret_keys` it cannot store secrets of other systems. With `replica_url`, a streaming replica of the
    database, it reads from the replica and writes to the database.
    Raises: NotMigrated, WeakDurability, OtherSecretKey or Unavailable, when it cannot start.
    """
    database = Database(database_url, replica_url)
    try:
        await database.check_durability()
        board, secret_box = await _load_board(database, thresholds), SecretBox(secret_keys)
        await check_secret_keys(database, secret_box, may_write=not only_reads)
        if warning := clock_warning(board, clock()):
            log.warning(warning)
        follower = LedgerFollower(database, board)
        write_queue = WriteQueue(database, board, follower, clock, sizes)
        node = Node(
            database=database,
            board=board,
            follower=follower,
            write_queue=write_queue,
            clock=clock,
            public_read=public_read,
            only_reads=only_reads,
            secret_box=secret_box,
            messages=MessageLog(database, write_queue),
            rejections=RejectionCounter(database, write_queue),
            clocks=SenderClocks(database, board, write_queue),
            readiness=Readiness(database, follower),
            relay=Relay(upstreams, database, write_queue, secret_box, clock),
            workers=Workers(),
            history_slots=asyncio.Semaphore(HISTORIES_AT_ONCE),
            outlines=Outlines(database),
        )
        _start_workers(node)
        try:
            yield node
        finally:
            await node.readiness.close()
            await node.workers.close()
    finally:
        await database.close()


async def _load_board(database: Database, thresholds: Mapping[FacilityKind, Thresholds]) -> Board:
    board = Board(thresholds)
    with _no_collection():
        async with database.reading() as connection:
            await check_migrated(connection)
            board.load(await read_snapshot(connection))
    return board


def _start_workers(node: Node) -> None:
    database, follower, write_queue = node.database, node.follower, node.write_queue
    # They are closed in this order: the first write through the write queue, whose entries must reach the board.
    node.workers.start(
        *node.relay.workers,
        RowEnder(node.board, write_queue, node.clock).worker,
        PlannedChanges(node.board, write_queue, node.clock).worker,
        node.messages.worker,
        node.rejections.worker,
        node.clocks.worker,
        Worker("write queue", write_queue.run, is_vital=True, stop=write_queue.close, retry_seconds_max=0.5),
        Worker(
            "ledger follower",
            partial(follower.run, node.clock),
            is_vital=True,
            stop=follower.close,
            retry_seconds_max=0.5,
        ),
    )
    if not database.is_sqlite and not database.is_pooled:
        notices = Notices(
            database.url, heard=follower.on_notice, begun=follower.notices_begun, ended=follower.notices_ended
        )
        node.workers.start(Worker("ledger notices", notices.listen, stop=notices.close))
