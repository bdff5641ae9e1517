"""What a stream is asked for, and what it tells of a changed facility."""

from datetime import datetime
from typing import Any, ClassVar, Literal, Self

from pydantic import BaseModel, Field

from app.api.schemas.capacity import CapacityQuery, TotalsOut, said
from app.api.schemas.fields import AreaCode, Many, PositionToken
from app.board.facilities import FacilityFigures
from app.domain.beds.freshness import Freshness
from app.domain.channels import Channel
from app.domain.registry.facility import FacilityKind


class StreamQuery(CapacityQuery):
    """What to tell: filters as for capacity, and from where on."""

    events: Literal["capacity", "changes"] = Field(
        default="capacity",
        description="`capacity`: the area added up, whenever it moves. `changes`: one small event for each facility "
        "that changed, with its own sums.",
    )
    after: PositionToken | None = Field(
        default=None,
        description="Begin after this event `id`, as `Last-Event-ID` does; for clients that cannot send a header.",
    )
    ticket: str | None = Field(
        default=None,
        max_length=200,
        description="Instead of a key, for browsers: what `POST /v1/stream-tickets` returned. It opens one stream.",
    )


class StreamOfAreasQuery(StreamQuery):
    """The same for several areas in one stream."""

    area: Many[AreaCode] = Field(min_length=1, description="Which areas (*kode wilayah*), at most 50.")


class ChangeOut(BaseModel):
    """A facility that changed, as it stands when this is sent."""

    event: ClassVar = "change"
    position: int | None = Field(
        description="The ledger entry that changed it; null where time did: its figures turned stale or silent."
    )
    facility_id: str
    name: str
    kind: FacilityKind
    area_code: str
    operated_by: str | None
    is_open: bool
    counting_channel: Channel | None
    freshness: Freshness
    observed_at: datetime | None
    recorded_at: datetime | None
    totals: TotalsOut

    @classmethod
    def of(cls, figures: FacilityFigures, position: int | None) -> Self:
        """The board's figures."""
        facility = figures.facility
        fields: dict[str, Any] = {
            name: getattr(facility, name)
            for name in ("facility_id", "name", "kind", "area_code", "operated_by", "is_open")
        }
        return cls(
            position=position,
            **fields,
            counting_channel=figures.counting_channel.channel,
            freshness=figures.counting_channel.freshness,
            observed_at=figures.observed_at,
            recorded_at=figures.recorded_at,
            totals=TotalsOut(**said(figures.totals)),
        )


class LeftOut(BaseModel):
    """A facility that was moved or changed, and is none of those that are listened to any more."""

    event: ClassVar = "left"
    position: int
    facility_id: str


class ResetOut(BaseModel):
    """Why a stream cannot go on from where its client was; what it tells from here on is all new."""

    position: int
    detail: str = (
        "What happened since your last event cannot be replayed: it is too old, or the ledger was restored. "
        "Reload the data; this stream continues from here."
    )
