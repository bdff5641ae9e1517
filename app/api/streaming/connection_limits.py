"""Limits of responses that stay open: streams and long polls."""

from collections import Counter
from dataclasses import dataclass, field

from app.domain.errors import Overloaded, RateLimited
from app.domain.permissions import Actor
from app.limits.rate_limits import Rates, Source, counted_as

RETRY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """Maximum of open responses: per process, per holder of a key, per address without a key."""

    per_process: int = 500
    per_key: int = 20
    per_address: int = 25


@dataclass(slots=True, eq=False)
class OpenConnection:
    """The slot of one open response. Further calls of `free` have no effect."""

    connection_limits: "ConnectionLimits"
    holder: str | None

    def free(self) -> None:
        """Release the slot."""
        taken, self.connection_limits = self.connection_limits, _RELEASED
        taken.give_back(self.holder)


@dataclass(slots=True)
class ConnectionLimits:
    """Counts the open responses of each holder, in one process."""

    limits: StreamLimits = StreamLimits()
    taken: int = 0
    _of: Counter[str] = field(default_factory=Counter)

    def take(self, actor: Actor | None, source: Source, rates: Rates) -> OpenConnection:
        """Take a slot for this caller. Raises: Overloaded or RateLimited, if there is none."""
        limits = self.limits
        if self.taken >= limits.per_process:
            raise Overloaded("The server has as many open streams as it allows; try again in a moment.")
        holder, most = None, limits.per_process
        if actor is not None:
            holder, most = counted_as(actor, source.host), limits.per_key
        elif not rates.is_exempt(source):
            holder, most = counted_as(actor, source.host), limits.per_address
        if holder is not None:
            if self._of[holder] >= most:
                whose = "address" if actor is None else "key"
                raise RateLimited(
                    f"At most {most} streams at once for one {whose}; close another first.",
                    retry_after_seconds=RETRY_SECONDS,
                )
            self._of[holder] += 1
        self.taken += 1
        return OpenConnection(self, holder)

    def give_back(self, holder: str | None) -> None:
        """Release one slot of this holder."""
        self.taken -= 1
        if holder is not None:
            self._of[holder] -= 1
            if not self._of[holder]:
                del self._of[holder]


class _Released(ConnectionLimits):
    def give_back(self, holder: str | None) -> None:
        """Do nothing: the slot was released before."""


_RELEASED = _Released()
