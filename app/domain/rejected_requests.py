"""Requests that name a facility and show no valid credential: counted by address and hour, never listed one by one.

Anyone who knows a facility's code can send them, so they must neither push real messages out of its list nor cost a
row each.
"""

from dataclasses import dataclass
from datetime import datetime

OTHER_ADDRESSES = "others"  # together, where there are too many to tell apart


@dataclass(frozen=True, slots=True)
class RejectedRequests:
    """How many such requests came from one address in one hour, which begins at `hour` (UTC).

    Shape: `address` is an IPv4 address, an IPv6 /64, or `OTHER_ADDRESSES`.
    """

    facility_id: str
    hour: datetime
    address: str
    count: int
    last_at: datetime
