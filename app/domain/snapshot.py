"""All that stands at one ledger position: what a board starts from instead of from the first entry."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.channels import Channel
from app.domain.ledger import Position
from app.domain.permissions import Credential
from app.domain.registry.area import Area
from app.domain.registry.facility import Facility
from app.domain.reports.lines import ChannelState


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What stands at one place in the ledger; areas come parents first.

    `rebuilds` is how often the tables had been made anew from the ledger when this was read from them.
    """

    position: Position
    recorded_at: datetime | None
    areas: list[Area]
    facilities: list[Facility]
    credentials: list[Credential]
    channels: dict[str, dict[Channel, ChannelState]]
    changed: "RecentEntries"
    rebuilds: int = 0


@dataclass(frozen=True, slots=True)
class RecentEntries:
    """What the last entries were about: those after a position that was recorded `at` (None: at the very beginning).

    Shape: `entries` are (seq, facility_id, recorded_at) in order, with None for the id where an entry was not about
    one facility; entries about keys, which change no figures, are left out. `chains` are the beginnings of the chain
    at every one of the last entries, the newest last.
    """

    after: int
    at: datetime | None
    entries: list[tuple[int, str | None, datetime]]
    chains: list[str]
