"""Rows of SIRS Online as officers see them: imported from the ministry's listing, or held because of an unknown id."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field

from app.api.schemas.fields import Flag, Text, Wire
from app.domain.channels import Channel
from app.domain.held_rows import HeldRow
from app.domain.reports.report import Outcome
from app.domain.text import cleaned
from app.protocols.sirs.import_rows import Imported, ImportedRow


class ImportedRowOut(BaseModel):
    """An imported row of the ministry's listing."""

    id_t_tt: str
    id_tt: str
    ruang: str
    observed_at: datetime = Field(
        description="`tglupdate` of the row; if it has none, that of the newest row in the listing."
    )
    age_days: int
    outcome: Outcome = Field(description="`late`: newer figures of this row were known and stay current.")
    warnings: list[str] = Field(description="As `code: detail`.")

    @classmethod
    def of(cls, imported: Imported, row: ImportedRow) -> Self:
        """Convert from the result of the import."""
        return cls(
            id_t_tt=row.sent.id_t_tt,
            id_tt=row.sent.id_tt,
            ruang=cleaned(row.sent.ruang or ""),
            observed_at=row.observed_at,
            age_days=imported.age_days(row),
            outcome=row.receipt.outcome,
            warnings=[f"{warning.code}: {warning.detail}" for warning in row.receipt.warnings],
        )


class UnimportedRowOut(BaseModel):
    """A row with beds but without a usable id."""

    id_tt: str
    ruang: str


class RowsOut(BaseModel):
    """The result of importing the ministry's listing."""

    facility_id: str
    rows: int = Field(description="Number of imported rows.")
    seq: int | None = Field(description="Ledger position of the last one; null if there is none.")
    empty_types: list[str] = Field(description="Bed types (`id_tt`) that the listing contains without a row.")
    without_id: list[UnimportedRowOut] = Field(
        description="Not imported: rows with beds but without a usable `id_t_tt`."
    )
    without_type: list[str] = Field(
        description="`id_t_tt` of rows that were not imported: unknown ids without any indication of their bed type."
    )
    undated: list[str] = Field(description="`id_t_tt` of rows without a readable `tglupdate`.")
    flagged: list[ImportedRowOut] = Field(description="Imported rows with warnings.")
    older_than_30_days: list[ImportedRowOut] = Field(
        description="Rows whose rooms may be gone. Their beds count; drop those that are gone."
    )

    @classmethod
    def of(cls, imported: Imported) -> Self:
        """Convert from the result of the import."""
        return cls(
            facility_id=imported.facility_id,
            rows=len(imported.rows),
            seq=max((row.receipt.seq for row in imported.rows), default=None),
            empty_types=list(imported.empty_types),
            without_id=[
                UnimportedRowOut(id_tt=row.id_tt, ruang=cleaned(row.ruang or "")) for row in imported.without_id
            ],
            without_type=[row.id_t_tt for row in imported.without_type],
            undated=[row.sent.id_t_tt for row in imported.rows if not row.is_dated],
            flagged=[ImportedRowOut.of(imported, row) for row in imported.rows if row.receipt.warnings],
            older_than_30_days=[ImportedRowOut.of(imported, row) for row in imported.older_than_30_days],
        )


class DroppedRowOut(BaseModel):
    """The row that was ended."""

    facility_id: str
    id_t_tt: str
    seq: int


class WaitingOut(BaseModel):
    """A held row: its id is unknown and its bed type was not sent."""

    row_id: str
    channel: Channel
    received_at: datetime
    times: int = Field(description="How often it was sent.")
    said: dict[str, Any] = Field(description="The content of its last message.")

    @classmethod
    def of(cls, waiting: HeldRow) -> Self:
        """Convert from the held row, with its room as printable text."""
        kept = {name: getattr(waiting, name) for name in cls.model_fields}
        room = waiting.said.get("ruang")
        return cls(**kept | {"said": {**waiting.said, "ruang": room and cleaned(room)}})


class WaitingsOut(BaseModel):
    """Held rows of a facility."""

    facility_id: str
    waiting: list[WaitingOut]


class CompleteIn(Wire):
    """The bed type, and optionally room and COVID, of a held row."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"id_tt": "24"}]})

    id_tt: Annotated[str, Field(pattern=r"^[0-9]{1,3}$")] = Field(description="The ministry's bed type.")
    ruang: Annotated[Text, Field(max_length=255)] | None = Field(default=None, description="Default: as sent.")
    covid: Flag | None = Field(default=None, description="Default: as sent, or unknown.")
