"""Query of a stream, and its events about a facility."""

from datetime import datetime
from typing import Any, ClassVar, Literal, Self

from pydantic import BaseModel, Field

from app.api.schemas.capacity import CapacityQuery, TotalsOut, totals_fields
from app.api.schemas.fields import AreaCode, Many, PositionToken
from app.board.facility.figures import FacilityFigures
from app.domain.beds.freshness import Freshness
from app.domain.channels import Channel, CountingReason
from app.domain.registry.facility import FacilityKind


class StreamQuery(CapacityQuery):
    """Kind of events, filters as for capacity, and the position to start after."""

    events: Literal["capacity", "changes", "children"] = Field(
        default="capacity",
        description="`capacity`: the totals of the area, whenever they change. `changes`: one small event per facility "
        "that changed, with its own totals. `children`: the rows of `/capacity/children` that changed, for one area.",
    )
    after: PositionToken | None = Field(
        default=None,
        description="Start after this event `id`, like `Last-Event-ID`; for clients that cannot send a header.",
    )
    ticket: str | None = Field(
        default=None,
        max_length=200,
        description="Instead of a key, for browsers: the ticket from `POST /v1/stream-tickets`. It opens one stream.",
    )


class StreamOfAreasQuery(StreamQuery):
    """Query of a stream of several areas."""

    area: Many[AreaCode] = Field(min_length=1, description="Area codes (*kode wilayah*), at most 50.")


class ChangeOut(BaseModel):
    """A facility that changed, with its state when the event is sent."""

    event: ClassVar = "change"
    position: int | None = Field(
        description="The ledger entry that changed it; null if time did: its figures became less fresh."
    )
    facility_id: str
    name: str
    kind: FacilityKind
    area_code: str
    operated_by: str | None
    is_open: bool
    counting_channel: Channel | None
    counting_since: datetime | None = Field(description="Since when that channel counts.")
    counting_reason: CountingReason | None = Field(description="Why it began to: see the facility.")
    freshness: Freshness
    observed_at: datetime | None
    recorded_at: datetime | None
    totals: TotalsOut

    @classmethod
    def of(cls, figures: FacilityFigures, position: int | None) -> Self:
        """Convert from the board's figures."""
        facility = figures.facility
        fields: dict[str, Any] = {
            name: getattr(facility, name)
            for name in ("facility_id", "name", "kind", "area_code", "operated_by", "is_open")
        }
        return cls(
            position=position,
            **fields,
            counting_channel=figures.counting_channel.channel,
            counting_since=figures.counting_since and figures.counting_since.since,
            counting_reason=figures.counting_since and figures.counting_since.reason,
            freshness=figures.freshness,
            observed_at=figures.observed_at,
            recorded_at=figures.recorded_at,
            totals=TotalsOut(**totals_fields(figures.totals)),
        )


class LeftOut(BaseModel):
    """A facility that was moved or changed and no longer matches the stream."""

    event: ClassVar = "left"
    position: int
    facility_id: str


class ResetOut(BaseModel):
    """The stream cannot continue from the client's position; it restarts with current data."""

    position: int
    detail: str = (
        "What happened since your last event cannot be replayed: it is too old, or the ledger was restored. "
        "Reload the data; this stream continues from here."
    )
