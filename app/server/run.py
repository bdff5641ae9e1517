"""The server: uvicorn with our connections, as one process or as several under its supervisor.

Streams end when the server does. uvicorn tells each open connection to `shutdown`, in every worker alike, and
ours pass it on by the event `stopping` in the application's state, for which streams wait. (The other hook,
`Server.handle_exit`, would need a supervisor of our own: uvicorn's makes plain servers in its workers.)
"""

import asyncio
import multiprocessing
import os
import signal
import socket

import structlog
from uvicorn import Config, Server
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from app.server.http_protocol import BoundedProtocol

log = structlog.get_logger("balai.server")


def listen(host: str, port: int) -> socket.socket:
    """A socket that takes connections from now on; they wait until the server runs.

    Raises: OSError, when the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=2048)


def run(listener: socket.socket, *, workers: int, stop_seconds: int, trusted_proxies: str) -> int:
    """Serve until told to end (SIGTERM, SIGINT). Gives the exit status: 0, or 1 if it could not begin."""
    config = Config(
        "app.main:for_server",
        factory=True,
        http=BoundedProtocol,
        ws="none",
        lifespan="on",
        workers=workers,
        # The application configures its own, in each worker.
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=trusted_proxies,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=stop_seconds,
        # A worker that is reading a whole country in answers its supervisor late.
        timeout_worker_healthcheck=60,
    )
    if workers > 1:
        supervisor = Supervisor(config, sockets=[listener])
        supervisor.run()
        return int(any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes))
    try:
        Server(config).run(sockets=[listener])
    except KeyboardInterrupt:
        return 0
    except SystemExit as exit_:
        # Ours at SIGTERM has the status 0; uvicorn's own says that the application did not start.
        return int(bool(exit_.code))
    return 0


class Supervisor(Multiprocess):
    """uvicorn's, which replaces workers that died: at once, and with a word on how each of them died."""

    def init_processes(self) -> None:
        super().init_processes()
        self._let_go()

    def keep_subprocess_alive(self) -> None:
        before = list(self.processes)
        super().keep_subprocess_alive()
        self._let_go()
        for process in before:
            if process not in self.processes and process.exitcode is not None:
                log.error("a worker died and is replaced", worker=process.pid, how=how_it_ended(process.exitcode))

    def _let_go(self) -> None:
        """Give up this end of the workers' pipes: a worker that dies while it is asked whether it lives ends its pipe.

        As long as it is open here too, the supervisor would wait for the answer until the health check is over.
        """
        if os.name != "nt":  # there a worker fetches its end when it has started
            for process in self.processes:
                process.child_conn.close()


def how_it_ended(exitcode: int) -> str:
    """An exit code of `multiprocessing` in words."""
    if exitcode >= 0:
        return f"exit code {exitcode}"
    try:
        name = signal.Signals(-exitcode).name
    except ValueError:
        name = str(-exitcode)
    return f"signal {name}"


def end_with_supervisor() -> None:
    """In a worker: end when the supervisor is gone, however it went.

    Otherwise the port stays taken by processes that nobody looks after.
    """
    supervisor = multiprocessing.parent_process()
    if supervisor is not None:
        loop = asyncio.get_running_loop()
        loop.add_reader(supervisor.sentinel, _on_orphaned, loop, supervisor.sentinel)


def _on_orphaned(loop: asyncio.AbstractEventLoop, sentinel: int) -> None:
    loop.remove_reader(sentinel)
    signal.raise_signal(signal.SIGTERM)
