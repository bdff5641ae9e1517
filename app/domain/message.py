"""Messages: what a facility's software sent over any protocol and the result, for the facility's staff to inspect."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.channels import Channel
from app.domain.vocabulary import StoredEnum

REQUEST_LENGTH_MAX = 200
DETAIL_LENGTH_MAX = 500
MESSAGES_KEPT = 200  # per facility: some days of a small hospital, an hour of a large one


class MessageOutcome(StoredEnum):
    """What became of a message. `flagged`: accepted with a warning."""

    accepted = "accepted"
    flagged = "flagged"
    refused = "refused"


@dataclass(frozen=True, slots=True)
class Message:
    """One message.

    Shape: `request` is method and path; `detail` is the warning or the reason of the refusal; `address` is the
        client's; `seq` is its ledger position, None if it has none.
    Units: `clock_skew_seconds` is the sender's clock minus this node's; None for a message without a time.
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
