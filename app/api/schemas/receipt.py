"""Receipts of reports, and reports of the past."""

from datetime import UTC, datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from app.api.http.problems import Problem
from app.api.schemas.report import LineIn
from app.domain.channels import Channel
from app.domain.reports.report import Outcome, Receipt, line_fields
from app.store.ledger_rows import Recorded


class WarningOut(BaseModel):
    """Something unusual in an accepted report."""

    code: str = Field(description="`over_capacity`, `capacity_jump`, `count_dropped`, `clock_ahead`, `late`, ...")
    line: int | None = Field(description="Index of the line, from 0; null for the report as a whole.")
    detail: str


class ReceiptOut(BaseModel):
    """Proof that a report is stored on disk (*tanda terima*)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "seq": 1842,
                    "report_id": "0197f0c2-5b0e-7e55-9d9c-1b8f8f3d2a11",
                    "facility_id": "rs-3374010",
                    "observed_at": "2026-11-23T03:00:00Z",
                    "recorded_at": "2026-11-23T03:00:04.512Z",
                    "repeated": False,
                    "outcome": "applied",
                    "warnings": [],
                    "position_token": "1842-9f3a21bc04de",
                }
            ]
        }
    )

    seq: int = Field(description="Its position in the ledger.")
    report_id: str
    facility_id: str
    observed_at: datetime
    recorded_at: datetime
    repeated: bool = Field(description="True: it was stored before; this is the first receipt again.")
    outcome: Outcome = Field(
        description="`late`: stored in the history; newer figures stay current. `void` and `correction` withdraw `of`."
    )
    warnings: list[WarningOut]
    position_token: str = Field(description="Send it as `min_position` to read at least this from any node.")
    of: int | None = Field(
        default=None, description="The report that this voids or corrects.", exclude_if=lambda of: of is None
    )

    @classmethod
    def from_receipt(cls, receipt: Receipt) -> Self:
        """Convert from the domain's receipt."""
        return cls.model_validate(receipt, from_attributes=True)


class BulkReceiptOut(ReceiptOut):
    """A receipt in a bulk response; `status` is the status that the report would get on its own."""

    status: int = Field(description="201, or 200 if repeated.")


class BulkOut(BaseModel):
    """One receipt or one problem per report, in the same order; `accepted` + `refused` is the number sent."""

    accepted: int = Field(description="Reports that are in the ledger, including late and repeated ones.")
    late: int
    repeated: int
    refused: int
    results: list[BulkReceiptOut | Problem]


class RecordedLineOut(LineIn):
    """A line as reported."""

    model_config = ConfigDict(extra="ignore")


class ConfirmedOut(BaseModel):
    """Implausible figures of one line that an officer confirmed: those that entry `seq` stated."""

    ward_code: str
    bed_type: str
    seq: int


class RecordedReportOut(BaseModel):
    """One report of the past: its content, sender and channel."""

    seq: int
    report_id: str
    channel: Channel = Field(description="The channel by which it was sent (*kanal*).")
    by: str = Field(description="The sender: the holder of the key.")
    observed_at: datetime
    recorded_at: datetime
    complete: bool
    outcome: Outcome
    warnings: list[WarningOut]
    lines: list[RecordedLineOut]
    withdrawn_by: int | None = Field(description="The entry that voids or corrects it; null: it counts.")
    of: int | None = Field(
        default=None, description="The report that it voids or corrects.", exclude_if=lambda of: of is None
    )
    reason: str | None = Field(
        default=None,
        description="Why it voids or corrects `of`, or confirms figures.",
        exclude_if=lambda reason: reason is None,
    )
    confirms: list[ConfirmedOut] = Field(
        default=[],
        description="The implausible figures that it confirms; it has no lines.",
        exclude_if=lambda confirms: not confirms,
    )

    @classmethod
    def from_entry(cls, recorded: Recorded, withdrawn_by: int | None) -> Self:
        """Convert from the ledger entry; `withdrawn_by` is the one that withdraws it, if any."""
        report, withdrawal = recorded.report, recorded.report.withdraws
        return cls(
            seq=recorded.seq,
            report_id=report.report_id,
            channel=report.channel,
            by=recorded.by,
            observed_at=report.observed_at.astimezone(UTC),
            recorded_at=recorded.recorded_at,
            complete=report.complete,
            outcome=recorded.verdict.outcome,
            warnings=[WarningOut.model_validate(each, from_attributes=True) for each in recorded.verdict.warnings],
            lines=[RecordedLineOut.model_validate(line_fields(line)) for line in report.lines],
            withdrawn_by=withdrawn_by,
            of=withdrawal.of if withdrawal else None,
            reason=withdrawal.reason if withdrawal else report.reason or None,
            confirms=[
                ConfirmedOut(ward_code=key.ward_code, bed_type=key.bed_type, seq=seq)
                for key, seq in sorted(report.confirms)
            ],
        )


class ReportsOut(BaseModel):
    """A page of reports, newest first."""

    facility_id: str
    reports: list[RecordedReportOut]
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null at the end.")
