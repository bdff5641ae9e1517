"""The relay of a facility: accounts and state."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field

from app.api.schemas.fields import Text, Wire
from app.domain.channels import Channel
from app.domain.relay import RelayState

ACCOUNT_EXAMPLES: dict[str, Any] = {
    "sirs": {"summary": "The ministry", "value": {"x_rs_id": "3374999", "x_pass": "contoh-sandi"}},
    "aplicares": {"summary": "The insurer", "value": {"cons_id": "1000", "secret": "contoh-rahasia", "user_key": "x"}},
}

Secret = Annotated[Text, Field(min_length=1, max_length=200)]


class AccountIn(Wire):
    """Credentials with an upstream: `x_rs_id` and `x_pass` for sirs; `cons_id`, `secret`, `user_key` for aplicares."""

    x_rs_id: Secret | None = None
    x_pass: Secret | None = None
    cons_id: Secret | None = None
    secret: Secret | None = None
    user_key: Secret | None = None

    def given(self) -> dict[str, str]:
        """Return the members that were sent."""
        return {name: value for name, value in self.model_dump().items() if value is not None}


class RelayStateOut(BaseModel):
    """State of the relay to one upstream."""

    channel: Channel
    is_on: bool = Field(description="Whether the facility's switch is on.")
    has_upstream: bool = Field(description="Whether this installation configures the upstream.")
    has_account: bool = Field(description="Whether the facility's credentials there are deposited.")
    waiting: int
    oldest_waiting_at: datetime | None
    sent: int = Field(description="Accepted by the upstream.")
    refused: int = Field(description="Refused by the upstream; not sent again.")
    dropped: int = Field(description="Discarded: too old, too many, or tried too often.")
    last_sent_at: datetime | None
    last_status: int | None
    last_answer: str | None
    failures: int = Field(description="Consecutive failures since the last response.")
    last_failure_at: datetime | None
    last_failure: str | None
    next_attempt_at: datetime | None

    @classmethod
    def of(cls, state: RelayState) -> Self:
        """Convert from the current state."""
        return cls(**{name: getattr(state, name) for name in cls.model_fields})


class RelayOut(BaseModel):
    """State of the relay of a facility."""

    facility_id: str
    relay: list[RelayStateOut]

    @classmethod
    def of(cls, facility_id: str, states: Iterable[RelayState]) -> Self:
        """Convert from the current state."""
        return cls(facility_id=facility_id, relay=[RelayStateOut.of(state) for state in states])
