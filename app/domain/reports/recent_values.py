"""The last values of a line, to notice that it alternates between two: two senders may report under one name.

A line returns when it states the value that it had before its current one. It alternates with its third return within
an hour. Values further apart than an hour are not compared, so a line that is reported less often keeps nothing.
"""

from datetime import datetime, timedelta
from typing import Any

from app.domain.beds.counts import BedCount

WITHIN = timedelta(hours=1)
RETURNS_MAX = 2

# Total, occupied and available of the value before the current one, then the times of the last returns, at most three.
# A plain tuple: one is created for every line that changes.
Recent = tuple[Any, ...]


def remember(recent: Recent | None, before: BedCount, after: BedCount, at: datetime) -> Recent | None:
    """The recent values of a line that stated `before` (with `recent`) within the last hour and states `after` now."""
    total, occupied, available = after[0], after[1], after[3]
    if before[0] == total and before[1] == occupied and before[3] == available:
        return recent
    if recent is None or recent[0] != total or recent[1] != occupied or recent[2] != available:
        return before[0], before[1], before[3]
    returns = [one for one in recent[3:][-RETURNS_MAX:] if at - one <= WITHIN]
    return before[0], before[1], before[3], *returns, at


def may_alternate(recent: Recent | None) -> bool:
    """Whether one more return within the hour makes it too many."""
    return recent is not None and len(recent) >= 3 + RETURNS_MAX


def alternates(recent: Recent | None, at: datetime) -> bool:
    """Whether a line with these recent values has just returned, at `at`, and more often than is usual."""
    return recent is not None and len(recent) > 3 + RETURNS_MAX and recent[-1] == at
