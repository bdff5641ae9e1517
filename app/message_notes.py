"""Record a request among the messages of its facility: the one place that makes a `Message`, for every channel."""

from typing import Any

from starlette.types import Scope

from app.domain.channels import Channel
from app.domain.message import DETAIL_LENGTH_MAX, REQUEST_LENGTH_MAX, Message, MessageOutcome
from app.domain.redaction import path_without_secrets, without_secrets
from app.domain.text import cleaned
from app.runtime.node import Node

SENT_METHOD = "balai.sent_method"  # in the scope of a HEAD request that is answered like a GET
SHED = frozenset({429, 503})  # the statuses of "try later": nothing is wrong with such a request
_RECORDED = "noted"


def path_as_sent(scope: Scope) -> str:
    """The path of a request, still percent-encoded and without its query."""
    raw_path: bytes = scope.get("raw_path") or scope["path"].encode(errors="replace")
    return raw_path.decode("latin-1")


def is_recorded(scope: Scope) -> bool:
    """Whether this request was recorded already."""
    return _RECORDED in scope["state"]


def note_request(
    scope: Scope,
    facility_id: str,
    channel: Channel,
    outcome: MessageOutcome,
    status: int,
    *,
    detail: str,
    path: str | None = None,
    skew_seconds: int | None = None,
    seq: int | None = None,
) -> None:
    """Record the outcome of a request, or of one report of several in it.

    `detail` is the text that the sender got, without secrets; `path` where the scope no longer has the path as sent.
    Secrets in the path are removed here, as in the log.
    """
    state: dict[str, Any] = scope["state"]
    node: Node = state["node"]
    state[_RECORDED] = True
    method = scope.get(SENT_METHOD, scope["method"])
    sent = path_without_secrets(path_as_sent(scope) if path is None else path)
    node.messages.add(
        Message(
            facility_id=facility_id,
            channel=channel,
            received_at=node.clock(),
            request=cleaned(f"{without_secrets(method)} {sent}")[:REQUEST_LENGTH_MAX],
            outcome=outcome,
            status=status,
            detail=cleaned(detail)[:DETAIL_LENGTH_MAX] or None,
            clock_skew_seconds=skew_seconds,
            address=scope["client"][0] if scope.get("client") else None,
            request_id=state["request_id"],
            seq=seq,
        )
    )
