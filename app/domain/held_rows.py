"""Held rows: rows with an id issued elsewhere and no bed type, which a protocol cannot store as a line."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.channels import Channel


@dataclass(frozen=True, slots=True)
class HeldRow:
    """The last message about such a row (`said`) and how often it arrived, until an officer assigns a bed type."""

    facility_id: str
    channel: Channel
    row_id: str
    said: dict[str, Any]
    received_at: datetime
    times: int
