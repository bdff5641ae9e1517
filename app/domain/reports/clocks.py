"""What is believed of clocks: those of senders, of several nodes, and of one node before and after it was set.

A time that a client states may lie a little ahead of ours, no more. A time that we stamp ourselves is never compared
with the clock: on a channel it is not before what stands there, and ties are in the order of the ledger. How fresh
something is follows from the earliest of what is known: when it was observed, when it was recorded, and now. An entry
cannot have been recorded after one that follows it in the ledger: where its time says so, the clock was wrong, and the
later entry's counts. So a node whose clock is certainly behind must not write: its entries would make all others old.
"""

from datetime import UTC, datetime, timedelta

# How far clocks may differ without a word. Nodes that keep their time by NTP differ by milliseconds.
CLOCK_AHEAD_MAX = timedelta(minutes=5)
# No node ran earlier, but for replays of the pandemic. A machine without a battery begins in 1970 or 2000.
CLOCK_EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)
