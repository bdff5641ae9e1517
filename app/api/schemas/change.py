"""Change a facility: only the fields that are sent change, and null removes a value."""

from typing import Annotated, Any, Self

from pydantic import MISSING, ConfigDict, Field, model_validator

from app.api.schemas.facility import ContactIn, Dated, Identifiers, Switches, days, thresholds
from app.api.schemas.fields import (
    AreaCode,
    BedTypeCode,
    Count,
    Days,
    Hours,
    Latitude,
    Longitude,
    Name,
    OperatorCode,
    Text,
    Wire,
)
from app.domain.channels import Channel
from app.domain.registry.facility import FacilityKind, LineBounds
from app.domain.registry.facility_change import FacilityChange
from app.domain.reports.report import WARD_CODE_LENGTH_MAX

_NOT_IN_CHANGE = {
    "reason", "effective_at", "stale_after_hours", "silent_after_hours", "lapsed_after_days", "line_bounds", "contact",
}  # fmt: skip


LINE_BOUNDS_MAX = 512


class LineBoundsIn(Wire):
    """The largest plausible counts of one line; null or absent: no limit."""

    ward_code: Annotated[Text, Field(max_length=WARD_CODE_LENGTH_MAX)] = ""
    bed_type: BedTypeCode
    beds_total_max: Count | None = None
    beds_occupied_max: Count | None = None


class FacilityChangeIn(Dated):
    """The fields to change. area_code, kind and identifiers need a national key."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"phone": "024 8413476", "reason": "new switchboard"},
                {"contact": {"name": "Posko", "phones": ["024 8413476", "+62 811 0000 000"]}, "reason": "duty desk"},
            ]
        },
    )

    name: Name | MISSING = MISSING
    kind: FacilityKind | MISSING = MISSING
    area_code: AreaCode | MISSING = MISSING
    operated_by: OperatorCode | MISSING | None = MISSING
    lat: Latitude | MISSING | None = MISSING
    lon: Longitude | MISSING | None = MISSING
    phone: Annotated[Text, Field(max_length=40)] | MISSING | None = MISSING
    contact: ContactIn | MISSING | None = Field(
        default=MISSING, description="The complete duty desk; null: it has none."
    )
    address: Annotated[Text, Field(max_length=300)] | MISSING | None = MISSING
    identifiers: Identifiers | MISSING = Field(default=MISSING, description="The complete set; others are removed.")
    beds_stated: Count | MISSING | None = MISSING
    counting_channel: Channel | MISSING | None = Field(
        default=MISSING, description="The channel that counts; null: chosen by the rule."
    )
    switches: Switches | MISSING = Field(default=MISSING, description="The complete set; others are off.")
    stale_after_hours: Hours | MISSING | None = Field(
        default=MISSING, description="Only together with silent_after_hours; both null: the default of its kind."
    )
    silent_after_hours: Hours | MISSING | None = MISSING
    lapsed_after_days: Days | MISSING | None = Field(
        default=MISSING, description="Days after which a line that nobody reports adds nothing; null: the setting."
    )
    line_bounds: Annotated[list[LineBoundsIn], Field(max_length=LINE_BOUNDS_MAX)] | MISSING = Field(
        default=MISSING,
        description="The complete list of largest plausible counts of lines; other lines follow the rules.",
    )

    @model_validator(mode="after")
    def _check_thresholds(self) -> Self:
        if (self.stale_after_hours is MISSING) != (self.silent_after_hours is MISSING):
            raise ValueError("stale_after_hours and silent_after_hours go together")
        thresholds(*self._hours)
        if self.line_bounds is not MISSING:
            keys = [(bounds.ward_code, bounds.bed_type) for bounds in self.line_bounds]
            if len(set(keys)) < len(keys):
                raise ValueError("line_bounds names a ward_code and bed_type twice")
        return self

    @property
    def _hours(self) -> tuple[float | None, float | None]:
        stale, silent = self.stale_after_hours, self.silent_after_hours
        return (None if stale is MISSING else stale), (None if silent is MISSING else silent)

    def to_domain(self) -> FacilityChange:
        """Convert to the action's change."""
        named: dict[str, Any] = {name: getattr(self, name) for name in self.model_fields_set - _NOT_IN_CHANGE}
        if self.stale_after_hours is not MISSING:
            named["thresholds"] = thresholds(*self._hours)
        if self.lapsed_after_days is not MISSING:
            named["lapsed_after"] = days(self.lapsed_after_days)
        if self.contact is not MISSING:
            named["contact"] = None if self.contact is None else self.contact.to_domain()
        if self.line_bounds is not MISSING:
            named["line_bounds"] = {
                (bounds.ward_code, bounds.bed_type): LineBounds(bounds.beds_total_max, bounds.beds_occupied_max)
                for bounds in self.line_bounds
            }
        return FacilityChange(**named)
