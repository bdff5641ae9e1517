"""The note of one request, filled while it is processed, for the message log of its hospital."""

from dataclasses import dataclass, field

from starlette.types import Scope

from app.message_notes import path_as_sent

_NOTE = "balai.note"


@dataclass(slots=True)
class Note:
    """The sender of a request, its warnings, the reason of a refusal, its ledger position and its body.

    Shape: `warnings` and `refused` are Indonesian sentences; `refused` is None if it was accepted. `method` and `path`
        are as sent, the path percent-encoded and without the query.
    """

    method: str
    path: str
    facility_id: str | None = None
    warnings: list[str] = field(default_factory=list)
    refused: str | None = None
    skew_seconds: int | None = None
    seq: int | None = None
    body: bytes = b""


def begin(scope: Scope) -> Note:
    """Attach a new note to this request and return it."""
    note = scope[_NOTE] = Note(scope["method"], path_as_sent(scope))
    return note


def note_of(scope: Scope) -> Note:
    """Return the note of this request; attach a new one if there is none."""
    note: Note | None = scope.get(_NOTE)
    return begin(scope) if note is None else note
