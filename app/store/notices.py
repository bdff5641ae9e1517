"""Hearing at once that the ledger has grown: LISTEN on a connection of its own, PostgreSQL only.

A notice says how far the ledger reaches, never what is in it. It may get lost; whoever listens also looks by himself.
LISTEN needs the server itself: behind a pooler that shares connections between transactions nothing is heard.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable

import asyncpg
from sqlalchemy import make_url
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

from app.store.database import CHANNEL

APPLICATION_NAME = "balai listen"  # how an operator tells this connection from the others
CONNECT_SECONDS = 2
HEARTBEAT_SECONDS = 2.0  # a connection that was cut without a word is noticed after this and the time to answer
HEARTBEAT_ANSWER_SECONDS = 2
RETRY_SECONDS = (0.05, 0.1, 0.2, 0.4, 1.0)  # the last one again and again
STANDBY_RETRY_SECONDS = 30.0  # it takes no LISTEN until it is promoted

# What SQLAlchemy's dialect takes out of a URL for itself.
_NOT_FOR_THE_DRIVER = ("prepared_statement_cache_size", "prepared_statement_name_func")
# The server lets go of listeners that are gone without a word.
_SERVER_SETTINGS = {
    "application_name": APPLICATION_NAME,
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}

log = logging.getLogger(__name__)


class Notices:
    """Tells `heard` how far the ledger reaches, again and again; a lost connection is made anew.

    `begun` is called when notices begin to arrive and `ended` when they may not: in between nothing was heard.
    """

    def __init__(
        self, url: str, *, heard: Callable[[int], None], begun: Callable[[], None], ended: Callable[[], None]
    ) -> None:
        self._url = url
        self._heard, self._begun, self._ended = heard, begun, ended
        self._is_closing = False
        self._failures = 0  # in a row
        self._over = asyncio.Event()  # the connection is lost, or no longer wanted

    async def listen(self) -> float:
        """Listen over one connection, until it is lost or `close`; gives the seconds to wait before the next one."""
        self._over.clear()
        try:
            async with _connected(self._url) as connection:
                connection.add_termination_listener(lambda _: self._over.set())
                await connection.add_listener(CHANNEL, self._on_notice)
                if self._failures:
                    log.warning("notices of the ledger arrive again")
                self._failures = 0
                self._begun()
                await self._until_over(connection)
        except Exception as error:  # noqa: BLE001 - whatever it is, it may pass, and nothing depends on notices
            self._ended()
            if self._failures == 0:
                log.warning("no notices of the ledger, looking by the clock instead: %s", error)
            self._failures += 1
            if isinstance(error, asyncpg.ReadOnlySQLTransactionError):
                return STANDBY_RETRY_SECONDS
            return RETRY_SECONDS[min(self._failures, len(RETRY_SECONDS)) - 1]
        return 0

    def close(self) -> None:
        """Listen no more. A connection in the making is made first: cut off, the driver would leave a socket behind."""
        self._is_closing = True
        self._over.set()

    def _on_notice(self, _connection: object, _pid: int, _channel: str, said: str) -> None:
        if said.isdecimal():  # anyone who may connect may also notify
            self._heard(int(said))

    async def _until_over(self, connection: asyncpg.Connection) -> None:
        """Ends at `close`. Raises: OSError or what the driver says, when the connection is gone."""
        while not self._is_closing:
            try:
                await asyncio.wait_for(self._over.wait(), HEARTBEAT_SECONDS)
            except TimeoutError:
                await connection.execute("SELECT 1", timeout=HEARTBEAT_ANSWER_SECONDS)
            else:
                if not self._is_closing:
                    raise ConnectionResetError("the connection was closed")


@contextlib.asynccontextmanager
async def _connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    _, options = PGDialect_asyncpg().create_connect_args(make_url(url))  # type: ignore[no-untyped-call]
    for name in _NOT_FOR_THE_DRIVER:
        options.pop(name, None)
    connection = await asyncpg.connect(**{**options, "timeout": CONNECT_SECONDS, "server_settings": _SERVER_SETTINGS})
    try:
        yield connection
    finally:
        # Not `close`: that says goodbye, for which a server that is gone would have to answer.
        connection.terminate()
