"""All that stands at one ledger position: what a board starts from instead of from the first entry."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.actor import Credential
from app.domain.area import Area
from app.domain.channels import Channel
from app.domain.facility import Facility
from app.domain.lines import ChannelState


@dataclass(frozen=True, slots=True)
class Current:
    """What stands at ledger position `position`; areas come parents first.

    `changed` is a position and what the entries after it were about, in order: (seq, facility_id), None for the id
    where an entry was about facilities in general.
    """

    position: int
    recorded_at: datetime | None
    areas: list[Area]
    facilities: list[Facility]
    credentials: list[Credential]
    channels: dict[str, dict[Channel, ChannelState]]
    changed: tuple[int, list[tuple[int, str | None]]]
