"""The header Idempotency-Key: the same request sent again takes effect once."""

from typing import Annotated
from uuid import uuid4

from fastapi import Header

from app.domain.errors import InvalidReportId
from app.domain.reports.report import check_report_id

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="A value of your own (a UUID fits), the same when you send the request again: it takes effect "
        "once. For a report it serves as `report_id` where the body has none.",
        examples=["0197f0c2-5b0e-7e55-9d9c-1b8f8f3d2a11"],
    ),
]


def key_of(header: str | None) -> str | None:
    """The key, which newer clients send in quotes. Raises: InvalidReportId."""
    if header is None:
        return None
    key = header[1:-1] if len(header) > 1 and header[0] == header[-1] == '"' else header
    check_report_id(key)
    return key


def chosen_report_id(said: str | None, key: str | None, fallback: str | None = None) -> str:
    """The id of a report: the one in its body, else the Idempotency-Key, else `fallback`, else a new one.

    Raises: InvalidReportId, where body and header name different ones.
    """
    if said is not None and key is not None and said != key:
        raise InvalidReportId("Idempotency-Key and report_id differ; send one of them, or the same twice.")
    return said or key or fallback or str(uuid4())
