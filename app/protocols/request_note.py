"""What is known of one request while it is answered, for the list of messages that its hospital can look at."""

from dataclasses import dataclass, field

from starlette.types import Scope

from app.message_notes import path_as_sent

_NOTE = "balai.note"


@dataclass(slots=True)
class Note:
    """Whose request it is, what is odd about it, why it was refused, its place in the ledger, its body.

    Shape: `odd` and `refused` are Indonesian sentences; `refused` is None where it was accepted. `method` and `path`
        are as they were sent, the path still percent-encoded and without its query.
    """

    method: str
    path: str
    facility_id: str | None = None
    odd: list[str] = field(default_factory=list)
    refused: str | None = None
    skew_seconds: int | None = None
    seq: int | None = None
    body: bytes = b""


def begin(scope: Scope) -> Note:
    """A new note for this request."""
    note = scope[_NOTE] = Note(scope["method"], path_as_sent(scope))
    return note


def note_of(scope: Scope) -> Note:
    """The note of this request; a new one where no layer began it."""
    note: Note | None = scope.get(_NOTE)
    return begin(scope) if note is None else note
