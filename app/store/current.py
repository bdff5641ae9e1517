"""All that stands, read at one moment: what a board starts from."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.actor import Credential
from app.domain.area import Area
from app.domain.channels import Channel
from app.domain.facility import Facility
from app.domain.lines import ChannelState
from app.store import credentials, ledger, registry, standing


@dataclass(frozen=True, slots=True)
class Current:
    """What stands at ledger position `position`; areas come parents first."""

    position: int
    recorded_at: datetime | None
    areas: list[Area]
    facilities: list[Facility]
    credentials: list[Credential]
    channels: dict[str, dict[Channel, ChannelState]]


async def read_current(connection: AsyncConnection) -> Current:
    """What stands now; `connection` is one snapshot (`Database.reading`)."""
    last = await ledger.head(connection)
    return Current(
        position=last.seq,
        recorded_at=last.recorded_at,
        areas=[placed.area for placed in (await registry.areas(connection)).values()],
        facilities=list((await registry.facilities(connection)).values()),
        credentials=await credentials.load_all(connection),
        channels=await standing.load_all(connection),
    )
