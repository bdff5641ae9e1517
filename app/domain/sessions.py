"""Sessions of browsers: how long one lasts, and which have ended.

A session belongs to one key and has its rights. Everything about an open session is in its signed cookie; only what
ended early is stored, with the key, so every node knows it (docs/reliability.md, sessions).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

IDLE = timedelta(minutes=30)
LASTS_MAX = timedelta(hours=12)
# The cookie is renewed by use, at most this often.
RENEWED_AFTER = timedelta(minutes=1)
CLOCK_AHEAD_MAX = timedelta(minutes=5)  # of another node
# Beyond it, signing out of one session signs out of all of them.
ENDED_MAX = 20


def milliseconds(at: datetime) -> int:
    """A moment as cookies and the ledger have it."""
    return int(at.timestamp() * 1000)


@dataclass(frozen=True, slots=True)
class Session:
    """A session as its cookie states it. Units: milliseconds since 1970."""

    prefix: str
    session_id: str
    started: int
    active: int

    def has_time_left(self, now: datetime) -> bool:
        """Whether it is neither idle for too long nor too old."""
        at = milliseconds(now)
        latest = at + CLOCK_AHEAD_MAX / timedelta(milliseconds=1)
        return at < self.ends_at and at < self.active + IDLE / timedelta(milliseconds=1) and self.active <= latest

    def is_due(self, now: datetime) -> bool:
        """Whether its cookie should be renewed."""
        return milliseconds(now) - self.active >= RENEWED_AFTER / timedelta(milliseconds=1)

    def used(self, now: datetime) -> "Session":
        """The session after a request at this time."""
        return replace(self, active=max(self.active, milliseconds(now)))

    @property
    def ends_at(self) -> int:
        """When it ends, however much it is used."""
        return self.started + int(LASTS_MAX / timedelta(milliseconds=1))


@dataclass(frozen=True, slots=True)
class EndedSessions:
    """The sessions of one key that ended before their time.

    Shape: all that started at `until` or before, and those in `ids`, sorted, each with the time at which it would end
        anyway.
    Units: milliseconds since 1970.
    """

    until: int = 0
    ids: tuple[tuple[str, int], ...] = ()

    def has(self, session: Session) -> bool:
        """Whether this session has ended."""
        return session.started <= self.until or any(session.session_id == ended for ended, _ in self.ids)

    def with_one(self, session: Session, now: datetime) -> "EndedSessions":
        """These and one more; with too many, all sessions end."""
        ids = tuple((ended, until) for ended, until in self.ids if until > milliseconds(now))
        if len(ids) >= ENDED_MAX:
            return self.with_all(now)
        return replace(self, ids=tuple(sorted({*ids, (session.session_id, session.ends_at)})))

    def with_all(self, now: datetime) -> "EndedSessions":
        """All sessions that started until now."""
        return EndedSessions(max(self.until, milliseconds(now)))


NONE_ENDED = EndedSessions()
