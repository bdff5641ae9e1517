"""The complete state at one ledger position, from which a board starts instead of replaying the whole ledger."""

from dataclasses import dataclass, field
from datetime import datetime

from app.domain.channels import Channel, CountingRecord
from app.domain.ledger import Position
from app.domain.permissions import Credential
from app.domain.registry.area import Area
from app.domain.registry.facility import Facility
from app.domain.reports.lines import ChannelState


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state at one ledger position; areas are listed parents first.

    `rebuilds` is the number of times that the tables had been rebuilt from the ledger when this was read.
    """

    position: Position
    recorded_at: datetime | None
    areas: list[Area]
    facilities: list[Facility]
    credentials: list[Credential]
    channels: dict[str, dict[Channel, ChannelState]]
    changed: "RecentEntries"
    counting: dict[str, CountingRecord] = field(default_factory=dict)
    rebuilds: int = 0


@dataclass(frozen=True, slots=True)
class RecentEntries:
    """The subjects of the last entries: those after position `after`, recorded `at` (None: the start of the ledger).

    Shape: `entries` are (seq, facility_id, recorded_at) in order; the id is None if an entry is not about one
        facility. Entries about keys, which change no figures, are omitted. `chains` are the chain prefixes at every
        one of the last entries, the newest last.
    """

    after: int
    at: datetime | None
    entries: list[tuple[int, str | None, datetime]]
    chains: list[str]
