"""Relaying: a hospital's messages are also sent to the ministry and the insurer, unchanged.

Pure rules: which messages are relayed, which ones a newer message supersedes, and what an upstream's response means.
"""

import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.domain.channels import Channel
from app.domain.registry.facility import Facility, Switch
from app.domain.vocabulary import StoredEnum

SWITCH_OF_RELAY = {Channel.sirs: Switch.relay_sirs, Channel.aplicares: Switch.relay_aplicares}
ANSWER_LENGTH_MAX = 500  # of a response that is stored
RETRY_AFTER_SECONDS_MAX = 3600

_SECONDS = re.compile(r"[0-9]{1,9}")


def is_relayed(facility: Facility, channel: Channel) -> bool:
    """Whether messages of this facility on this channel are relayed."""
    switch = SWITCH_OF_RELAY.get(channel)
    return switch is not None and switch in facility.switches


@dataclass(frozen=True, slots=True)
class RelayedRequest:
    """A message to relay: same method, path and body. `row` identifies the row that it is about, for ordering.

    It contains no credentials: the facility's account with the upstream is added when it is sent.
    """

    facility_id: str
    channel: Channel
    row: str
    method: str
    path: str
    body: bytes
    received_at: datetime

    def supersedes(self, older: "RelayedRequest") -> bool:
        """Whether this message contains newer values for every field of `older`, so that `older` need not be sent."""
        same = (self.facility_id, self.channel, self.row, self.method, self.path)
        if same != (older.facility_id, older.channel, older.row, older.method, older.path):
            return False
        mine, theirs = _members(self.body), _members(older.body)
        return mine is not None and theirs is not None and theirs <= mine


def _members(body: bytes) -> set[str] | None:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return set(document) if isinstance(document, dict) else None


class Verdict(StoredEnum):
    """What an upstream's response means for the message."""

    taken = "taken"
    refused = "refused"  # it was processed and will never be accepted, however often it is sent
    failed = "failed"  # it may not have been processed: retry later


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of sending one message. Shape: `status` is None if there was no response.

    `text` is the whole response if it is a receipt, else a fixed sentence that describes the failure. `is_of_message`:
    the failure may be specific to this message, so it must not hold up other messages for ever.
    """

    verdict: Verdict
    status: int | None
    text: str
    retry_after: timedelta | None = None
    is_of_message: bool = False


def judge(channel: Channel, status: int, body: bytes, retry_after: str = "") -> Answer:
    """What an HTTP response means. Without the envelope of its protocol it is not a receipt: a proxy's page, say."""
    text = body.decode(errors="replace").replace("\x00", "\ufffd")
    code = _read_code(channel, body)
    if status < 300 and code is not None:
        return Answer(Verdict.taken if code in _SUCCESS_CODES[channel] else Verdict.refused, status, text)
    if 400 <= status < 500 and status not in {408, 425, 429} and code is not None:
        return Answer(Verdict.refused, status, text)
    failure = f"HTTP {status}: {'the upstream cannot take it now' if status >= 400 else 'the answer is no receipt'}"
    return Answer(Verdict.failed, status, failure, _read_retry_after(retry_after), is_of_message=True)


def _read_retry_after(retry_after: str) -> timedelta | None:
    seconds = int(retry_after) if _SECONDS.fullmatch(retry_after) else None
    return None if seconds is None else timedelta(seconds=min(seconds, RETRY_AFTER_SECONDS_MAX))


_SUCCESS_CODES = {Channel.sirs: {"200"}, Channel.aplicares: {"1"}}


def _read_code(channel: Channel, body: bytes) -> str | None:
    """The code in the protocol's envelope; None if the body is not such an envelope."""
    try:
        document: Any = json.loads(body)
        if channel is Channel.sirs:
            return str(document["fasyankes"][0]["status"])
        return str((document.get("metadata") or document["metaData"])["code"])
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        return None


@dataclass(frozen=True, slots=True)
class RelayState:
    """The state of the relay for one facility and channel. Shape: times are None for events that never happened."""

    channel: Channel
    is_on: bool = False
    has_upstream: bool = False
    has_account: bool = False
    waiting: int = 0
    oldest_waiting_at: datetime | None = None
    sent: int = 0
    refused: int = 0
    dropped: int = 0
    last_sent_at: datetime | None = None
    last_status: int | None = None
    last_answer: str | None = None
    failures: int = 0
    last_failure_at: datetime | None = None
    last_failure: str | None = None
    next_attempt_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Queued:
    """A message in the queue, with its number there and the number of attempts so far. `account` is sealed."""

    number: int
    request: RelayedRequest
    attempts: int
    account: str | None = field(repr=False)
