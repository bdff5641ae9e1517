"""Stream tickets: a browser's EventSource sends no key, so its URL carries a ticket that a key asked for.

A ticket reads `<prefix of the key>.<expiry>.<nonce>.<signature>`. It is signed under the installation's secret key, so
every node and worker with that key accepts it, and none has to be told. It gives the rights of its key, as long as
that is valid. URLs end up in logs and histories: therefore 60 seconds and one use.

On the machine that issued it the 60 seconds are counted by the monotonic clock, which all processes of a machine share
from one boot to the next, whatever is done to the wall clock. The nonce says which machine and until when; it looks
like any other, so nodes of earlier versions accept it too. Other machines have only the expiry and their wall clock.

One use is enforced in each process: within its 60 seconds a ticket could be used once in each worker and node.
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
# The id of this boot is the same in all containers of a machine, as the monotonic clock is.
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_TICKET = re.compile(r"(([0-9a-f]{12})\.([0-9]{1,12})\.([A-Za-z0-9_-]{22}))\.([0-9a-f]{64})")
_NONCE = struct.Struct(">IIQ")  # the machine, until when by its monotonic clock in seconds, and chance


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
    """Issues tickets, and knows which were used in this process."""

    monotonic: Callable[[], float] = time.monotonic
    machine: int = field(default_factory=_this_machine)
    _used: dict[str, float] = field(default_factory=dict)  # until when each would be valid, by the monotonic clock

    def issue(self, node: Node, *, by: Actor) -> tuple[str, datetime]:
        """A ticket for one stream with the rights of this actor's key, and when it expires.

        Raises: NotPermitted, for a key that may not read; Unavailable, on a node without a secret key.
        """
        if by.key is None or not has_verb(by, Verb.read):
            raise NotPermitted("This key may not read, so there is no stream for it.")
        expires_at = (node.clock() + VALID_FOR).replace(microsecond=0)
        until = int(self.monotonic() + VALID_FOR.total_seconds())
        nonce = base64.urlsafe_b64encode(_NONCE.pack(self.machine, until, secrets.randbits(64))).decode().rstrip("=")
        signed = f"{by.key}.{int(expires_at.timestamp())}.{nonce}"
        return f"{signed}.{node.secret_box.sign_ticket(signed)}", expires_at

    async def holder(self, node: Node, ticket: str) -> Actor:
        """Whose key asked for this ticket. Raises: Unauthenticated, with one text for every way of being wrong."""
        read = self._read(node, ticket)
        credential = node.board.credential(read.prefix)
        if credential is None:
            await node.follower.catch_up()  # a new key, and another node issued the ticket
            credential = node.board.credential(read.prefix)
        if credential is None or not credential.is_valid(node.clock()):
            raise _not_valid()
        return credential.actor

    def use(self, node: Node, ticket: str) -> None:
        """The ticket opens a stream now, and none after it. Raises: Unauthenticated, when it opens none."""
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
        "This ticket is not valid: each opens one stream, within 60 seconds. Ask for a new one at /v1/stream-tickets."
    )
