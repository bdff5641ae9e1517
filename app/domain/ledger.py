"""Ledger entries: all accepted reports and registry changes, in one order, for ever."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.actor import Credential
from app.domain.area import Area
from app.domain.facility import Facility
from app.domain.report import Report


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


Matter = Report | AreasRegistered | FacilitiesRegistered | KeysChanged


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One thing that was accepted. `seq` is 1, 2, 3, ... in commit order; `by` is the principal who did it."""

    seq: int
    recorded_at: datetime
    by: str
    matter: Matter
