"""What a page reads before it shows figures: home area, clock, scales of colour, thresholds of freshness."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from app.api.schemas.figures import ThresholdsOut
from app.domain.beds.freshness import Thresholds
from app.domain.display import Display
from app.domain.registry.facility import FacilityKind

LANGUAGES = ("id", "en")


class OccupancyScaleOut(BaseModel):
    """Shares of fresh beds in use at which the colour changes; each belongs to the class that begins there."""

    steps: list[float] = Field(description="Between the greys.")
    tight: float
    full: float
    small_beds: int = Field(description="Figures about fewer beds have no colour: one patient would change it.")


class FreshShareScaleOut(BaseModel):
    """Shares of fresh facilities from which a figure is well or fairly known."""

    good: float
    fair: float


class DutyDeskOut(BaseModel):
    """Whom a reader of the page may call."""

    name: str
    phones: list[str]


class DisplayOut(BaseModel):
    """The settings of screens."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "area": "33.74",
                    "time_zone": "Asia/Jakarta",
                    "languages": ["id", "en"],
                    "public_read": True,
                    "simulated": False,
                    "occupancy": {"steps": [0.6, 0.75], "tight": 0.85, "full": 0.95, "small_beds": 5},
                    "fresh_share": {"good": 0.9, "fair": 0.7},
                    "thresholds": {
                        "hospital": {"stale_hours": 6.0, "silent_hours": 24.0, "lapsed_days": 30.0},
                        "clinic": {"stale_hours": 24.0, "silent_hours": 72.0, "lapsed_days": 30.0},
                    },
                    "duty_desk": {"name": "Pusat kendali Dinas Kesehatan", "phones": ["024 3549446"]},
                    "as_of": "2026-11-23T03:00:04Z",
                }
            ]
        }
    )

    area: str | None = Field(
        description="The area that the start page shows: BALAI_HOME_AREA, else the first one from the root down that "
        "does not have exactly one child. Null while no area is registered."
    )
    time_zone: str = Field(description="Name in the IANA time zone database.")
    languages: list[str]
    public_read: bool = Field(description="Whether figures can be read without a key.")
    simulated: bool = Field(description="Whether all figures come from a simulation.")
    occupancy: OccupancyScaleOut
    fresh_share: FreshShareScaleOut
    thresholds: dict[FacilityKind, ThresholdsOut] = Field(
        description="Defaults by kind of facility; a facility may have its own."
    )
    duty_desk: DutyDeskOut | None
    as_of: datetime = Field(description="The time of the server: compare your clock before you count ages.")

    @classmethod
    def of(
        cls,
        display: Display,
        thresholds: Mapping[FacilityKind, Thresholds],
        *,
        area: str | None,
        public_read: bool,
        as_of: datetime,
    ) -> Self:
        """Convert from the settings and what is in force."""
        *steps, tight, full = display.occupancy
        good, fair = display.fresh_share
        desk = display.duty_desk
        return cls(
            area=area,
            time_zone=display.time_zone,
            languages=list(LANGUAGES),
            public_read=public_read,
            simulated=display.simulated,
            occupancy=OccupancyScaleOut(steps=steps, tight=tight, full=full, small_beds=display.small_beds),
            fresh_share=FreshShareScaleOut(good=good, fair=fair),
            thresholds={kind: _thresholds(limits) for kind, limits in thresholds.items()},
            duty_desk=desk and DutyDeskOut(name=desk.name, phones=list(desk.phones)),
            as_of=as_of,
        )


def _thresholds(limits: Thresholds) -> ThresholdsOut:
    hour, day = timedelta(hours=1), timedelta(days=1)
    return ThresholdsOut(
        stale_hours=limits.stale_after / hour,
        silent_hours=limits.silent_after / hour,
        lapsed_days=limits.lapsed_after / day,
    )
