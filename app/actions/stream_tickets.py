"""Stream tickets: a browser's EventSource cannot send a key, so its URL contains a ticket issued for a key.

A ticket has the form `<prefix of the key>.<expiry>.<nonce>.<signature>`. It is signed under the installation's secret
key, so every node and worker with that key accepts it without coordination. It gives the rights of its key while that
key is valid. URLs end up in logs and browser histories, so a ticket is valid for 60 seconds and one use.

On the machine that issued it the 60 seconds are measured by the monotonic clock, which all processes of a machine share
until the next boot, even if the wall clock is changed. The nonce contains the machine and the expiry by that clock; it
looks like any other nonce, so nodes of earlier versions accept it too. Other machines use the expiry and their own
wall clock.

Single use is enforced per process: within its 60 seconds a ticket can be used once in each worker and node.
"""

import base64
import re
import secrets
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path

from app.domain.errors import NotPermitted, Unauthenticated
from app.domain.permissions import Actor, Verb, has_verb
from app.domain.reports.clocks import CLOCK_AHEAD_MAX
from app.runtime.node import Node

VALID_FOR = timedelta(seconds=60)
# The boot id is the same in all containers of a machine, like the monotonic clock.
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_TICKET = re.compile(r"(([0-9a-f]{12})\.([0-9]{1,12})\.([A-Za-z0-9_-]{22}))\.([0-9a-f]{64})")
_NONCE = struct.Struct(">IIQ")  # the machine, the expiry by its monotonic clock in seconds, and random bits


def _this_machine() -> int:
    try:
        boot = BOOT_ID.read_bytes()
    except OSError:
        boot = secrets.token_bytes(16)  # not Linux: this process alone
    return int.from_bytes(blake2b(boot, digest_size=4).digest())


@dataclass(frozen=True, slots=True)
class _Ticket:
    signed: str
    prefix: str
    seconds_left: float


@dataclass(slots=True)
class StreamTickets:
    """Issues and verifies tickets, and remembers which were used in this process."""

    monotonic: Callable[[], float] = time.monotonic
    machine: int = field(default_factory=_this_machine)
    _used: dict[str, float] = field(default_factory=dict)  # expiry of each used ticket, by the monotonic clock

    def issue(self, node: Node, *, by: Actor) -> tuple[str, datetime]:
        """A ticket for one stream with the rights of this actor's key, and its expiry.

        Raises: NotPermitted, for a key that may not read; Unavailable, on a node without a secret key.
        """
        if by.key is None or not has_verb(by, Verb.read):
            raise NotPermitted("This key may not read, so it cannot open a stream.")
        expires_at = (node.clock() + VALID_FOR).replace(microsecond=0)
        until = int(self.monotonic() + VALID_FOR.total_seconds())
        nonce = base64.urlsafe_b64encode(_NONCE.pack(self.machine, until, secrets.randbits(64))).decode().rstrip("=")
        signed = f"{by.key}.{int(expires_at.timestamp())}.{nonce}"
        return f"{signed}.{node.secret_box.sign_ticket(signed)}", expires_at

    async def holder(self, node: Node, ticket: str) -> Actor:
        """The actor whose key this ticket was issued for. Raises: Unauthenticated, with one text for every fault."""
        read = self._read(node, ticket)
        credential = node.board.credential(read.prefix)
        if credential is None:
            await node.follower.catch_up()  # a new key, and another node issued the ticket
            credential = node.board.credential(read.prefix)
        if credential is None or not credential.is_valid(node.clock()):
            raise _not_valid()
        return credential.actor

    def use(self, node: Node, ticket: str) -> None:
        """Use the ticket up: it opens one stream and no other. Raises: Unauthenticated, when it is not valid."""
        read = self._read(node, ticket)
        now = self.monotonic()
        for signed in [signed for signed, until in self._used.items() if until <= now]:
            del self._used[signed]
        self._used[read.signed] = now + read.seconds_left

    def _read(self, node: Node, ticket: str) -> _Ticket:
        match = _TICKET.fullmatch(ticket)
        if match is None or not node.secret_box.is_ticket(match[5], match[1]):
            raise _not_valid()
        machine, until, _ = _NONCE.unpack(base64.urlsafe_b64decode(match[4] + "=="))
        seconds_max = VALID_FOR.total_seconds()
        if machine == self.machine:
            seconds_left = until - self.monotonic()
        else:
            seconds_left = int(match[3]) - node.clock().timestamp()
            seconds_max += CLOCK_AHEAD_MAX.total_seconds()
        if not 0 < seconds_left <= seconds_max or match[1] in self._used:
            raise _not_valid()
        return _Ticket(match[1], match[2], seconds_left)


def _not_valid() -> Unauthenticated:
    return Unauthenticated(
        "This ticket is not valid: each opens one stream within 60 seconds. Request a new one at /v1/stream-tickets."
    )
