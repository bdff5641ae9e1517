"""The server: uvicorn with our connection class, as one process or several under its supervisor.

Streams end when the server stops. uvicorn calls `shutdown` on each open connection, in every worker, and ours set the
event `stopping` in the application's state, for which streams wait. (The other hook, `Server.handle_exit`, would need
a supervisor of our own: uvicorn's creates plain servers in its workers.)
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
    """Open a listening socket; connections wait until the server runs.

    Raises: OSError, if the address is not available.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=2048)


def run(listener: socket.socket, *, workers: int, stop_seconds: int, trusted_proxies: str) -> int:
    """Serve until SIGTERM or SIGINT. Returns the exit status: 0, or 1 if the application could not start."""
    config = Config(
        "app.main:for_server",
        factory=True,
        http=BoundedProtocol,
        ws="none",
        lifespan="on",
        workers=workers,
        # The application configures logging itself, in each worker.
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=trusted_proxies,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=stop_seconds,
        # A worker that loads a whole country responds late to its supervisor.
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
        # Our exit at SIGTERM has status 0; uvicorn's own means that the application did not start.
        return int(bool(exit_.code))
    return 0


class Supervisor(Multiprocess):
    """uvicorn's supervisor, which replaces dead workers at once and logs how each one died."""

    def init_processes(self) -> None:
        """Start the workers."""
        super().init_processes()
        self._close_child_pipes()

    def keep_subprocess_alive(self) -> None:
        """Replace workers that died and log why."""
        before = list(self.processes)
        super().keep_subprocess_alive()
        self._close_child_pipes()
        for process in before:
            if process not in self.processes and process.exitcode is not None:
                log.error("a worker died and is replaced", worker=process.pid, how=how_it_ended(process.exitcode))

    def _close_child_pipes(self) -> None:
        """Close this end of the workers' pipes, so that a worker that dies during a health check ends its pipe.

        If it stayed open here, the supervisor would wait for the response until the health check times out.
        """
        if os.name != "nt":  # on Windows a worker fetches its end after the start
            for process in self.processes:
                process.child_conn.close()


def how_it_ended(exitcode: int) -> str:
    """Describe an exit code of `multiprocessing`."""
    if exitcode >= 0:
        return f"exit code {exitcode}"
    try:
        name = signal.Signals(-exitcode).name
    except ValueError:
        name = str(-exitcode)
    return f"signal {name}"


def end_with_supervisor() -> None:
    """Stop a worker when its supervisor is gone, for whatever reason.

    Otherwise orphaned processes would keep the port.
    """
    supervisor = multiprocessing.parent_process()
    if supervisor is not None:
        loop = asyncio.get_running_loop()
        loop.add_reader(supervisor.sentinel, _on_orphaned, loop, supervisor.sentinel)


def _on_orphaned(loop: asyncio.AbstractEventLoop, sentinel: int) -> None:
    loop.remove_reader(sentinel)
    signal.raise_signal(signal.SIGTERM)
