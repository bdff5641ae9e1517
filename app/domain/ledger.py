"""Ledger entries: all accepted reports and registry changes, permanently and in one order; and positions between them.

After a failover or a restored backup the ledger may lose its end and continue differently. So a position is more than
a number: the chain at an entry is a hash over all entries up to it, and two histories that differ before a position
have different chains there.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from app.domain.permissions import Credential
from app.domain.registry.area import Area
from app.domain.registry.facility import Facility
from app.domain.reports.report import Report


@dataclass(frozen=True, slots=True)
class AreasRegistered:
    """Areas that are new or changed, in their new state."""

    areas: tuple[Area, ...]


@dataclass(frozen=True, slots=True)
class FacilitiesRegistered:
    """Facilities that are new or changed, in their state from `effective_at` on."""

    facilities: tuple[Facility, ...]
    effective_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class KeysChanged:
    """Keys that were issued, changed or revoked, in their new state."""

    credentials: tuple[Credential, ...]


@dataclass(frozen=True, slots=True)
class OfNewerVersion:
    """An entry of a kind that this version does not know: it stays in the ledger and has no effect here."""

    kind: str
    body: str


Matter = Report | AreasRegistered | FacilitiesRegistered | KeysChanged | OfNewerVersion


GENESIS = hashlib.sha256(b"balai ledger").hexdigest()  # the chain before the first entry
POSITION_PATTERN = r"^[0-9]{1,19}(-[0-9a-f]{12})?$"
CHAIN_MARK_LENGTH = 12  # of 64 hex digits: two histories agree by chance once in 10^14
_POSITION = re.compile(POSITION_PATTERN.strip("^$"))


@dataclass(frozen=True, slots=True)
class Position:
    """A position in one history of the ledger: after entry `seq`, where the chain is or begins with `chain`.

    `chain` is empty if a client sent a bare number: that position is assumed to be in our history.
    """

    seq: int
    chain: str = ""

    def __str__(self) -> str:
        """The token that clients store and send back, such as `1842-9f3a21bc04de`."""
        return f"{self.seq}-{self.chain[:CHAIN_MARK_LENGTH]}" if self.chain else str(self.seq)

    def is_at(self, chain: str) -> bool:
        """Whether this position is in the history that has this chain (or chain prefix) at `seq`."""
        length = min(len(self.chain), len(chain))
        return self.chain[:length] == chain[:length]


START = Position(0, GENESIS)


def read_position(token: str) -> Position | None:
    """The position in a token; None if the token is invalid."""
    if not _POSITION.fullmatch(token):
        return None
    seq, _, chain = token.partition("-")
    return Position(int(seq), chain)


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One accepted report or change. `seq` is 1, 2, 3, ... in commit order; `by` is the principal who submitted it.

    `chain` is the ledger's chain after this entry, `follows` the one before it.
    """

    seq: int
    recorded_at: datetime
    by: str
    matter: Matter
    follows: str
    chain: str

    @property
    def position(self) -> Position:
        """The position after this entry."""
        return Position(self.seq, self.chain)
