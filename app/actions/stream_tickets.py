"""Stream tickets: a browser's EventSource sends no key, so its URL carries a ticket that a key asked for.

A ticket reads `<prefix of the key>.<expiry>.<nonce>.<signature>`. It is signed under the installation's secret key, so
every node and worker with that key accepts it, and none has to be told. It gives the rights of its key, as long as
that is valid. URLs end up in logs and histories: therefore 60 seconds and one use.

One use is enforced in each process: within its 60 seconds a ticket could be used once in each worker and node.
"""

import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from app.actions.node import Node
from app.domain.actor import Actor, Verb, has_verb
from app.domain.errors import NotPermitted, Unauthenticated

VALID_FOR = timedelta(seconds=60)
_TICKET = re.compile(r"(([0-9a-f]{12})\.([0-9]{1,12})\.[A-Za-z0-9_-]{22})\.([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class _Ticket:
    signed: str
    prefix: str
    expires_at: datetime


@dataclass(slots=True)
class StreamTickets:
    """Issues tickets, and knows which were used in this process."""

    _used: dict[str, datetime] = field(default_factory=dict)  # until when each would be valid

    def issue(self, node: Node, *, by: Actor) -> tuple[str, datetime]:
        """A ticket for one stream with the rights of this actor's key, and when it expires.

        Raises: NotPermitted, for a key that may not read; Unavailable, on a node without a secret key.
        """
        if by.key is None or not has_verb(by, Verb.read):
            raise NotPermitted("This key may not read, so there is no stream for it.")
        expires_at = (node.clock() + VALID_FOR).replace(microsecond=0)
        signed = f"{by.key}.{int(expires_at.timestamp())}.{secrets.token_urlsafe(16)}"
        return f"{signed}.{node.vault.sign_ticket(signed)}", expires_at

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
        now = node.clock()
        for signed in [signed for signed, expires_at in self._used.items() if expires_at <= now]:
            del self._used[signed]
        self._used[read.signed] = read.expires_at

    def _read(self, node: Node, ticket: str) -> _Ticket:
        match = _TICKET.fullmatch(ticket)
        if match is None or not node.vault.is_ticket(match[4], match[1]):
            raise _not_valid()
        read = _Ticket(match[1], match[2], datetime.fromtimestamp(int(match[3]), UTC))
        if read.expires_at <= node.clock() or read.signed in self._used:
            raise _not_valid()
        return read


def _not_valid() -> Unauthenticated:
    return Unauthenticated(
        "This ticket is not valid: each opens one stream, within 60 seconds. Ask for a new one at /v1/stream-tickets."
    )
