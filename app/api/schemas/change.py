"""Change a facility: only the fields that are sent change, and null removes a value."""

from typing import Annotated, Any, Self

from pydantic import MISSING, ConfigDict, Field, model_validator

from app.api.schemas.facility import Dated, Identifiers, Switches, thresholds
from app.api.schemas.fields import AreaCode, Count, Hours, Latitude, Longitude, Name, OperatorCode, Text
from app.domain.channels import Channel
from app.domain.registry.facility import FacilityKind
from app.domain.registry.facility_change import FacilityChange

_NOT_IN_CHANGE = {"reason", "effective_at", "stale_after_hours", "silent_after_hours"}


class FacilityChangeIn(Dated):
    """The fields to change. area_code, kind and identifiers need a national key."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"phone": "024 8413476", "reason": "new switchboard"}]},
    )

    name: Name | MISSING = MISSING
    kind: FacilityKind | MISSING = MISSING
    area_code: AreaCode | MISSING = MISSING
    operated_by: OperatorCode | MISSING | None = MISSING
    lat: Latitude | MISSING | None = MISSING
    lon: Longitude | MISSING | None = MISSING
    phone: Annotated[Text, Field(max_length=40)] | MISSING | None = MISSING
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

    @model_validator(mode="after")
    def _check_thresholds(self) -> Self:
        if (self.stale_after_hours is MISSING) != (self.silent_after_hours is MISSING):
            raise ValueError("stale_after_hours and silent_after_hours go together")
        thresholds(*self._hours)
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
        return FacilityChange(**named)
