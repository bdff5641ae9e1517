"""Rows that a door could not place: an id of elsewhere, and nothing that says what kind of bed it is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.channels import Channel


@dataclass(frozen=True, slots=True)
class HeldRow:
    """What was last said of such a row, and how often it came, until an officer completes it."""

    facility_id: str
    channel: Channel
    row_id: str
    said: dict[str, Any]
    received_at: datetime
    times: int
