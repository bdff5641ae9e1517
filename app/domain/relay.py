"""Sending on: what a hospital told us goes to the ministry and the insurer too, in the same words.

Pure rules: what is sent, what a newer message makes needless, and what an answer of theirs means.
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
ANSWER_LENGTH_MAX = 500  # of an answer that is kept
RETRY_AFTER_SECONDS_MAX = 3600

_SECONDS = re.compile(r"[0-9]{1,9}")


def is_relayed(facility: Facility, channel: Channel) -> bool:
    """Whether what this facility says by this channel is to be sent on."""
    switch = SWITCH_OF_RELAY.get(channel)
    return switch is not None and switch in facility.switches


@dataclass(frozen=True, slots=True)
class RelayedRequest:
    """A message to be sent on: same method, path and body. `row` names what it speaks of, for the order of sending.

    It carries no credentials: those are the facility's account with the upstream.
    """

    facility_id: str
    channel: Channel
    row: str
    method: str
    path: str
    body: bytes
    received_at: datetime

    def supersedes(self, older: "RelayedRequest") -> bool:
        """Whether all that `older` says of their row is said by this one too, and newer."""
        same = (self.facility_id, self.channel, self.row, self.method, self.path)
        if same != (older.facility_id, older.channel, older.row, older.method, older.path):
            return False
        mine, theirs = _members(self.body), _members(older.body)
        return mine is not None and theirs is not None and theirs <= mine


def _members(body: bytes) -> set[str] | None:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return set(said) if isinstance(said, dict) else None


class Verdict(StoredEnum):
    """What an answer of an upstream means for the message."""

    taken = "taken"
    refused = "refused"  # it was read and will not be taken, however often it is sent
    failed = "failed"  # nobody knows that it was read: again later


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Shape: `status` is None where nothing did.

    `told` is the whole of it where it is a receipt, else a fixed sentence on what went wrong. `is_of_message`: another
    message may have more luck, so this one does not hold up the others for ever.
    """

    verdict: Verdict
    status: int | None
    told: str
    retry_after: timedelta | None = None
    is_of_message: bool = False


def judge(channel: Channel, status: int, body: bytes, retry_after: str = "") -> Answer:
    """What an HTTP answer means. One that is not in the envelope of its protocol is no receipt: a proxy's page, say."""
    told = body.decode(errors="replace").replace("\x00", "\ufffd")
    code = _code(channel, body)
    if status < 300 and code is not None:
        return Answer(Verdict.taken if code in _GOOD[channel] else Verdict.refused, status, told)
    if 400 <= status < 500 and status not in {408, 425, 429} and code is not None:
        return Answer(Verdict.refused, status, told)
    failure = f"HTTP {status}: {'the upstream cannot take it now' if status >= 400 else 'the answer is no receipt'}"
    return Answer(Verdict.failed, status, failure, _wait(retry_after), is_of_message=True)


def _wait(retry_after: str) -> timedelta | None:
    seconds = int(retry_after) if _SECONDS.fullmatch(retry_after) else None
    return None if seconds is None else timedelta(seconds=min(seconds, RETRY_AFTER_SECONDS_MAX))


_GOOD = {Channel.sirs: {"200"}, Channel.aplicares: {"1"}}


def _code(channel: Channel, body: bytes) -> str | None:
    """The code inside the protocol's envelope; None where it is not one."""
    try:
        said: Any = json.loads(body)
        if channel is Channel.sirs:
            return str(said["fasyankes"][0]["status"])
        return str((said.get("metadata") or said["metaData"])["code"])
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        return None


@dataclass(frozen=True, slots=True)
class RelayState:
    """How far sending on has come for one facility and channel. Shape: times are None where it never happened."""

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
    """A message in the queue: its place there, and how often it was tried."""

    number: int
    onward: RelayedRequest
    attempts: int
    account: str | None = field(repr=False)  # sealed
