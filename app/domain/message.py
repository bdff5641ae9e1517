"""Messages: what a facility's software sent, by any door, and what became of it; for its own people to look at."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.channels import Channel
from app.domain.vocabulary import StoredEnum

REQUEST_LENGTH_MAX = 200
DETAIL_LENGTH_MAX = 500
MESSAGES_KEPT = 200  # of each facility: some days of a small hospital, an hour of a large one


class MessageOutcome(StoredEnum):
    """`flagged`: accepted, and something about it is odd."""

    accepted = "accepted"
    flagged = "flagged"
    refused = "refused"


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `clock_skew_seconds`: how far the sender's clock is ahead of ours, where the message says its time.

    Shape: `request` is method and path; `detail` says what is odd or why it was refused; `address` is the client's;
        `seq` is its place in the ledger, None where it has none.
    """

    facility_id: str
    channel: Channel
    received_at: datetime
    request: str
    outcome: MessageOutcome
    status: int
    detail: str | None
    clock_skew_seconds: int | None
    address: str | None
    request_id: str
    seq: int | None
