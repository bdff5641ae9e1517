"""Fields of keys that have no column of their own, as JSON: in ledger entries, and as text in the table of keys."""

import json
from typing import Any

from app.domain.permissions import Credential
from app.domain.reports.report import canonical
from app.domain.sessions import NONE_ENDED, EndedSessions
from app.store.json_fields import Json, drop_none, unknown_fields


def ended_sessions(ended: EndedSessions) -> Json | None:
    """Ended sessions as JSON; None without any."""
    return None if ended == NONE_ENDED else {"until": ended.until, "ids": dict(ended.ids)}


def read_ended_sessions(document: Any) -> EndedSessions:
    """The ended sessions in a document of `ended_sessions`."""
    return NONE_ENDED if document is None else EndedSessions(document["until"], tuple(document["ids"].items()))


def write_more(credential: Credential) -> str | None:
    """The fields that have no column of their own, as canonical JSON, and what a newer version added.

    An older version keeps them as unknown fields, in its board and in the same column, and so it may go on writing.
    """
    fields = drop_none({"ended_sessions": ended_sessions(credential.ended_sessions)}, credential.more)
    return canonical(fields) if fields else None


def read_more(text: str | None) -> tuple[EndedSessions, str | None]:
    """The ended sessions in a text of `write_more`, and the fields that only a newer version knows."""
    if text is None:
        return NONE_ENDED, None
    document = json.loads(text)
    return (
        read_ended_sessions(document.get("ended_sessions")),
        unknown_fields(document, frozenset({"ended_sessions"})),
    )
