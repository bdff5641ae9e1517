"""Which clocks are trusted: those of senders, of several nodes, and of one node before and after it is adjusted.

A time from a client may be slightly ahead of this node. A time that this node sets itself is not compared with
the clock: on a channel it is never before the current lines, and ties are in ledger order. Freshness follows from the
earliest of three times: when it was observed, when it was recorded, and now. An entry cannot have been recorded after
an entry that follows it in the ledger: if the times contradict that, the clock was wrong, and the later entry's time
counts. So a node whose clock is certainly behind must not write: its entries would make all others look old.
"""

from datetime import UTC, datetime, timedelta

# The clock difference that is tolerated. Nodes synchronised by NTP differ by milliseconds.
CLOCK_AHEAD_MAX = timedelta(minutes=5)
# No node ran earlier, except in replays of the pandemic. A machine without a clock battery starts in 1970 or 2000.
CLOCK_EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)
