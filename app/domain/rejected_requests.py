"""Requests that name a facility without a valid credential: counted by address and hour, never listed individually.

Anyone who knows a facility's code can send them, so they must neither displace real messages from its list nor cost
a row each.
"""

from dataclasses import dataclass
from datetime import datetime

OTHER_ADDRESSES = "others"  # one counter for the rest, if there are too many addresses


@dataclass(frozen=True, slots=True)
class RejectedRequests:
    """The number of such requests from one address in one hour.

    Shape: `hour` is the start of the hour (UTC); `address` is an IPv4 address, an IPv6 /64, or `OTHER_ADDRESSES`.
    """

    facility_id: str
    hour: datetime
    address: str
    count: int
    last_at: datetime
