"""What a sender sends."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from app.cli.demo.rhythm import Counts
from app.cli.demo.wards import Ward


class Stated(NamedTuple):
    """One ward and its counts now."""

    ward: Ward
    counts: Counts


class Sender(Protocol):
    """The software of one hospital, or its people."""

    async def send(self, wards: Sequence[Stated]) -> None:
        """Send the counts of these wards."""
