"""The message log of a facility: what its software sent, and requests without a valid credential."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from app.domain.channels import Channel
from app.domain.message import Message, MessageOutcome
from app.domain.rejected_requests import RejectedRequests


class MessageOut(BaseModel):
    """A message that the facility's software sent, and its outcome."""

    received_at: datetime
    channel: Channel
    request: str = Field(description="Method and path.")
    outcome: MessageOutcome
    status: int = Field(description="HTTP status of the response.")
    detail: str | None = Field(description="The warnings, or the reason of the refusal.")
    clock_skew_seconds: int | None = Field(description="How far the sender's clock is ahead; null if it sent no time.")
    address: str | None = Field(description="IP address of the sender.")
    request_id: str
    seq: int | None = Field(description="Its position in the ledger.")

    @classmethod
    def of(cls, message: Message) -> Self:
        """Convert from the recorded message."""
        return cls(**{name: getattr(message, name) for name in cls.model_fields})


class RejectedOut(BaseModel):
    """Requests that named the facility without a valid credential, by address and hour."""

    address: str = Field(description="An IPv4 address, an IPv6 /64, or `others` if there were too many.")
    hour: datetime = Field(description="Start of the hour.")
    count: int
    last_at: datetime

    @classmethod
    def of(cls, counted: RejectedRequests) -> Self:
        """Convert from the counter."""
        return cls(**{name: getattr(counted, name) for name in cls.model_fields})


class MessagesOut(BaseModel):
    """The last messages of a facility, newest first."""

    facility_id: str
    messages: list[MessageOut]
    rejected: list[RejectedOut] = Field(
        description="Requests without a valid credential: a wrong password, or unknown senders. Newest hour first."
    )
