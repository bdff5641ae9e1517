"""Fields of ledger JSON that all kinds of entries share: left out where they are empty, kept where they are unknown."""

import json
from datetime import datetime
from typing import Any

from app.domain.reports.report import canonical

Json = dict[str, Any]


def drop_none(stated: Json, more: str | None = None) -> Json:
    """The fields that are not None, with those that only a newer version knows (`more`)."""
    document = {name: value for name, value in stated.items() if value is not None}
    return document if more is None else json.loads(more) | document


def unknown_fields(document: Json, known: frozenset[str]) -> str | None:
    """The fields that only a newer version knows, as canonical JSON; None without any."""
    if document.keys() <= known:
        return None
    return canonical({name: value for name, value in document.items() if name not in known})


def write_time(value: datetime | None) -> str | None:
    """A time as text; None without one."""
    return None if value is None else value.isoformat()


def read_time(text: str | None) -> datetime | None:
    """The time in a text; None without one."""
    return None if text is None else datetime.fromisoformat(text)
