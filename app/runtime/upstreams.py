"""One request to an upstream, with the hospital's own account there, and its result.

An error is stored and shown as a fixed sentence: the text of an exception may contain a credential.
"""

import asyncio
import json
import logging
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import httpx2

from app.domain.channels import Channel
from app.domain.errors import Refusal
from app.domain.header_values import header_value_fault
from app.domain.relay import ANSWER_LENGTH_MAX, Answer, Queued, Verdict, judge
from app.domain.signatures import signature
from app.domain.text import cleaned
from app.runtime.secret_box import SecretBox

ANSWER_BYTES_MAX = 64 * 1024
# The fields of an account that may be shown: only those that identify its holder.
PUBLIC_FIELDS = frozenset({"x_rs_id", "cons_id"})

NO_ACCOUNT = "no account with the upstream: deposit its credentials"
UNUSABLE_ACCOUNT = "the deposited credentials cannot be sent in HTTP headers: deposit them again"
UNTRUSTED = "the upstream's certificate is not trusted"
TOO_SLOW = "the upstream did not answer in time"
NO_CONNECTION = "no connection to the upstream"
CONNECTION_LOST = "the connection was lost before the answer was complete"
UNSENDABLE = "this message cannot be sent as it is"
OUR_FAULT = "an error in this service; its log has the details"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Upstreams:
    """The upstream of each channel: https addresses without a path. Without any, the relay does nothing.

    `age_max`: older messages are dropped instead of sent.
    """

    addresses: Mapping[Channel, str]
    age_max: timedelta = timedelta(hours=24)
    trust: ssl.SSLContext | None = None  # tests use their own certificate


class UpstreamClient:
    """Sends to the upstream of one channel."""

    def __init__(
        self,
        address: str,
        secret_box: SecretBox,
        clock: Callable[[], datetime],
        *,
        trust: ssl.SSLContext | None,
        seconds_max: float,
        connections_max: int,
    ) -> None:
        self._address, self._secret_box, self._clock = address, secret_box, clock
        self._seconds_max = seconds_max
        self._http = httpx2.AsyncClient(
            verify=trust or True,
            follow_redirects=False,
            trust_env=False,
            timeout=seconds_max,
            limits=httpx2.Limits(max_connections=2 * connections_max, max_keepalive_connections=connections_max),
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def send(self, queued: Queued) -> Answer:
        """Send one message. Every error is returned as an `Answer`, so that it cannot affect other messages."""
        try:
            account = self._account(queued)
            if account is None:
                return Answer(Verdict.refused, None, NO_ACCOUNT)
            if any(header_value_fault(value) for value in account.values()):
                return Answer(Verdict.failed, None, UNUSABLE_ACCOUNT)
            async with asyncio.timeout(self._seconds_max):
                status, body, retry_after = await self._exchange(queued, self._headers(queued, account))
            return _without_secrets(judge(queued.request.channel, status, body, retry_after), account)
        except Exception as error:  # noqa: BLE001 - `_describe_failure` logs unexpected errors
            return _describe_failure(error)

    def _account(self, queued: Queued) -> dict[str, str] | None:
        """The hospital's credentials for the upstream; None without an account. Raises: OtherKey."""
        if queued.account is None:
            return None
        account: dict[str, str] = json.loads(self._secret_box.unseal(queued.account))
        return account

    def _headers(self, queued: Queued, account: Mapping[str, str]) -> dict[str, str]:
        """The headers that the upstream requires."""
        stamp = str(int(self._clock().timestamp()))
        headers = {"Content-Type": "application/json"}
        if queued.request.channel is Channel.sirs:
            return headers | {"X-rs-id": account["x_rs_id"], "X-pass": account["x_pass"], "X-Timestamp": stamp}
        signed = signature(account["secret"], account["cons_id"], stamp)
        user_key = {"user_key": account["user_key"]} if account.get("user_key") else {}
        return headers | {"X-cons-id": account["cons_id"], "X-timestamp": stamp, "X-signature": signed} | user_key

    async def _exchange(self, queued: Queued, headers: Mapping[str, str]) -> tuple[int, bytes, str]:
        """Send the request. Returns the status, the start of the body, and Retry-After."""
        message = queued.request
        url = self._address + message.path
        request = self._http.build_request(message.method, url, content=message.body, headers=headers)
        response = await self._http.send(request, stream=True)
        try:
            return response.status_code, await _read_start(response), response.headers.get("retry-after", "")
        finally:
            await response.aclose()


async def _read_start(response: httpx2.Response) -> bytes:
    body = b""
    async for part in response.aiter_bytes():
        body += part
        if len(body) > ANSWER_BYTES_MAX:
            break
    return body[:ANSWER_BYTES_MAX]


def _without_secrets(answer: Answer, account: Mapping[str, str]) -> Answer:
    """The answer as clean text, without the secrets of the account in case the upstream repeats them, also in JSON.

    It is truncated last, or the start of a secret could remain.
    """
    text = answer.text
    for name, value in account.items():
        if name not in PUBLIC_FIELDS:
            in_json = json.dumps(value)[1:-1]
            for form in (in_json.replace("/", "\\/"), in_json, value):  # PHP escapes slashes like this
                text = text.replace(form, "***")
    return replace(answer, text=cleaned(text)[:ANSWER_LENGTH_MAX])


def _describe_failure(error: Exception) -> Answer:
    match error:
        case Refusal():
            return Answer(Verdict.failed, None, error.detail)  # our own text, such as that of OtherKey
        case httpx2.TimeoutException() | TimeoutError():
            return Answer(Verdict.failed, None, TOO_SLOW)
        case httpx2.InvalidURL() | httpx2.LocalProtocolError():
            return Answer(Verdict.failed, None, UNSENDABLE, is_of_message=True)
        case httpx2.ConnectError():
            return Answer(Verdict.failed, None, UNTRUSTED if _is_certificate_error(error) else NO_CONNECTION)
        case httpx2.HTTPError() | OSError():
            return Answer(Verdict.failed, None, CONNECTION_LOST)
    # Log only the location: the text of the error may contain a credential.
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    place = f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}" if frame else "unknown"
    log.error("a message could not be relayed: %s at %s", type(error).__name__, place)
    return Answer(Verdict.failed, None, OUR_FAULT, is_of_message=True)


def _is_certificate_error(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
