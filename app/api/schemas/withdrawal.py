"""Voids and corrections as sent."""

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field, JsonValue

from app.actions.withdraw_reports import Correction
from app.api.schemas.fields import NOTE_LENGTH_MAX, Moment, Name, Wire
from app.api.schemas.report import LINE_EXAMPLE, ReportIn

VOID_EXAMPLE: dict[str, JsonValue] = {"reason": "sent for the wrong hospital"}
_CORRECTED: dict[str, JsonValue] = {"lines": [LINE_EXAMPLE]}
CORRECTION_EXAMPLE: dict[str, JsonValue] = {"reason": "two digits swapped", "report": _CORRECTED}

Reason = Annotated[
    Name,
    Field(max_length=NOTE_LENGTH_MAX, description="Why (*alasan*). It is shown with the report, so name no patient."),
]


class VoidIn(Wire):
    """Why a report no longer counts."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [VOID_EXAMPLE]})

    reason: Reason


class CorrectedReportIn(ReportIn):
    """The report as it should have been."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_CORRECTED]})

    observed_at: Moment | None = Field(  # type: ignore[assignment]
        default=None,
        description="When the figures were true (*waktu pengamatan*), with offset. Default: that of the report.",
    )

    def to_correction(self) -> Correction:
        """Convert to the action's correction."""
        observed_at: datetime | None = self.observed_at
        return Correction(tuple(line.to_domain() for line in self.lines), self.complete, observed_at)


class CorrectionIn(Wire):
    """The report as it should have been, and why."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [CORRECTION_EXAMPLE]})

    reason: Reason
    report: CorrectedReportIn
