"""Ports to listen on."""

import secrets
import socket

# Below the ports that a connection going out gets on Linux, macOS and Windows (from 32768): a port that was free
# when we looked is otherwise taken by any other test's client before our server listens.
_PORTS = range(20_000, 32_000)


def free_port() -> int:
    """A port of this machine that nobody uses now, and that no connection going out will be given."""
    while True:
        port = secrets.choice(_PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
