"""Ledger entries: all accepted reports and registry changes, in one order, for ever; and places between them.

A failover or a restored backup may cut the ledger off and continue it differently. So a place in it is not a number
alone: the chain at an entry covers all entries up to it, and two histories that differ before it differ in it.
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
    """Areas that are new or have changed, as they are from now on."""

    areas: tuple[Area, ...]


@dataclass(frozen=True, slots=True)
class FacilitiesRegistered:
    """Facilities that are new or have changed, as they are from `effective_at` on."""

    facilities: tuple[Facility, ...]
    effective_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class KeysChanged:
    """Keys that were issued or revoked, as they are from now on."""

    credentials: tuple[Credential, ...]


@dataclass(frozen=True, slots=True)
class OfNewerVersion:
    """Something that this version does not know: it stays in the ledger and changes nothing here."""

    kind: str
    body: str


Matter = Report | AreasRegistered | FacilitiesRegistered | KeysChanged | OfNewerVersion


GENESIS = hashlib.sha256(b"balai ledger").hexdigest()  # the chain before the first entry
POSITION_PATTERN = r"^[0-9]{1,19}(-[0-9a-f]{12})?$"
CHAIN_MARK_LENGTH = 12  # of 64 hex digits: two histories agree by chance once in 10^14
_POSITION = re.compile(POSITION_PATTERN.strip("^$"))


@dataclass(frozen=True, slots=True)
class Position:
    """A place in one history of the ledger: after entry `seq`, where the chain is `chain` or begins with it.

    `chain` is empty where a client sent a bare number: that place is taken to be in our history.
    """

    seq: int
    chain: str = ""

    def __str__(self) -> str:
        """The token that clients keep and send back, such as `1842-9f3a21bc04de`."""
        return f"{self.seq}-{self.chain[:CHAIN_MARK_LENGTH]}" if self.chain else str(self.seq)

    def is_at(self, chain: str) -> bool:
        """Whether this place is in the history that has this chain, or beginning of one, at `seq`."""
        length = min(len(self.chain), len(chain))
        return self.chain[:length] == chain[:length]


START = Position(0, GENESIS)


def read_position(token: str) -> Position | None:
    """The place that a token names; None for what is not one."""
    if not _POSITION.fullmatch(token):
        return None
    seq, _, chain = token.partition("-")
    return Position(int(seq), chain)


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One thing that was accepted. `seq` is 1, 2, 3, ... in commit order; `by` is the principal who did it.

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
        """The place after it."""
        return Position(self.seq, self.chain)
