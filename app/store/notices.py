"""Notices of new ledger entries: LISTEN on a separate connection, PostgreSQL only.

A notice contains the ledger's end, never its content. Notices may get lost, so the ledger is also polled. LISTEN needs
a direct connection: it does not work behind a pooler that shares connections between transactions.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable

import asyncpg
from sqlalchemy import make_url
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

from app.store.database import CHANNEL

APPLICATION_NAME = "balai listen"  # identifies this connection for operators
CONNECT_SECONDS = 2
HEARTBEAT_SECONDS = 2.0  # a silently lost connection is detected after this time plus the time to answer
HEARTBEAT_ANSWER_SECONDS = 2
RETRY_SECONDS = (0.05, 0.1, 0.2, 0.4, 1.0)  # the last one repeatedly
STANDBY_RETRY_SECONDS = 30.0  # a standby does not accept LISTEN until it is promoted

# Options in a URL that are only for SQLAlchemy's dialect.
_NOT_FOR_THE_DRIVER = ("prepared_statement_cache_size", "prepared_statement_name_func")
# With these the server drops listeners that disappeared silently.
_SERVER_SETTINGS = {
    "application_name": APPLICATION_NAME,
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}

log = logging.getLogger(__name__)


class Notices:
    """Calls `heard` with the ledger's end for each notice; a lost connection is opened again.

    `begun` is called when notices start to arrive, and `ended` when they may no longer arrive.
    """

    def __init__(
        self, url: str, *, heard: Callable[[int], None], begun: Callable[[], None], ended: Callable[[], None]
    ) -> None:
        self._url = url
        self._heard, self._begun, self._ended = heard, begun, ended
        self._is_closing = False
        self._failures = 0  # consecutive
        self._over = asyncio.Event()  # the connection is lost, or no longer needed

    async def listen(self) -> float:
        """Listen on one connection until it is lost or `close`. Returns the seconds to wait before the next one."""
        self._over.clear()
        try:
            async with _connected(self._url) as connection:
                connection.add_termination_listener(lambda _: self._over.set())
                await connection.add_listener(CHANNEL, self._on_notice)
                if self._failures:
                    log.warning("ledger notices arrive again")
                self._failures = 0
                self._begun()
                await self._until_over(connection)
        except Exception as error:  # noqa: BLE001 - any error may pass, and nothing depends on notices
            self._ended()
            if self._failures == 0:
                log.warning("no ledger notices, polling instead: %s", error)
            self._failures += 1
            if isinstance(error, asyncpg.ReadOnlySQLTransactionError):
                return STANDBY_RETRY_SECONDS
            return RETRY_SECONDS[min(self._failures, len(RETRY_SECONDS)) - 1]
        return 0

    def close(self) -> None:
        """Stop listening. A connection that is being opened is opened first: if cancelled, it would leak a socket."""
        self._is_closing = True
        self._over.set()

    def _on_notice(self, _connection: object, _pid: int, _channel: str, payload: str) -> None:
        if payload.isdecimal():  # any role that can connect can also notify
            self._heard(int(payload))

    async def _until_over(self, connection: asyncpg.Connection) -> None:
        """Wait until `close`. Raises: OSError or an error of the driver, when the connection is lost."""
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
        # Not `close`: it waits for an answer of the server, which may be unreachable.
        connection.terminate()
