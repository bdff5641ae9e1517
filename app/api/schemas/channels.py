"""The channels of a facility compared: what each reports, and where that differs from the one that counts."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from app.api.schemas.capacity import TotalsOut, totals_fields
from app.api.schemas.figures import ChannelOut
from app.board.facility.differences import Difference, differences
from app.board.facility.figures import FacilityFigures
from app.domain.beds.bed_types import BedGroup
from app.domain.channels import Channel


class DifferenceOut(BaseModel):
    """A difference between a channel and the one that counts."""

    group: BedGroup | None = Field(description="Null: all beds of the facility.")
    said: TotalsOut
    counting: TotalsOut

    @classmethod
    def of(cls, found: Difference) -> Self:
        """Convert from the board's figures."""
        return cls(
            group=found.group,
            said=TotalsOut(**totals_fields(found.said)),
            counting=TotalsOut(**totals_fields(found.counting)),
        )


class ComparedChannelOut(ChannelOut):
    """What one channel reports, and where it differs from the one that counts."""

    age_seconds: int = Field(description="Seconds since its newest observation.")
    differences: list[DifferenceOut]


class ChannelsOut(BaseModel):
    """All channels by which a facility ever reported, side by side (*perbandingan kanal*)."""

    facility_id: str
    counting_channel: Channel | None
    pinned_channel: Channel | None = Field(description="The channel that an officer chose, if any.")
    position: int
    as_of: datetime
    channels: list[ComparedChannelOut]

    @classmethod
    def of(cls, figures: FacilityFigures, *, position: int, as_of: datetime) -> Self:
        """Convert from the board's figures."""
        found = differences(figures)
        return cls(
            facility_id=figures.facility.facility_id,
            counting_channel=figures.counting_channel.channel,
            pinned_channel=figures.facility.counting_channel,
            position=position,
            as_of=as_of,
            channels=[
                ComparedChannelOut(
                    **dict(ChannelOut.of(channel, channel.lines, as_of)),
                    age_seconds=max(0, int((as_of - channel.observed_at).total_seconds())),
                    differences=[DifferenceOut.of(each) for each in found[channel.channel]],
                )
                for channel in figures.channels
            ],
        )
