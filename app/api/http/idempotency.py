"""The header Idempotency-Key: a repeated request takes effect once."""

from typing import Annotated
from uuid import uuid4

from fastapi import Header

from app.domain.errors import InvalidReportId
from app.domain.reports.report import check_report_id

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="A value that you choose (such as a UUID) and repeat with each retry: the request takes effect "
        "once. For a report it is the `report_id` if the body has none.",
        examples=["0197f0c2-5b0e-7e55-9d9c-1b8f8f3d2a11"],
    ),
]


def key_of(header: str | None) -> str | None:
    """Return the key without the quotes that newer clients send. Raises: InvalidReportId."""
    if header is None:
        return None
    key = header[1:-1] if len(header) > 1 and header[0] == header[-1] == '"' else header
    check_report_id(key)
    return key


def chosen_report_id(from_body: str | None, key: str | None, fallback: str | None = None) -> str:
    """Return the id of a report: from its body, else the Idempotency-Key, else `fallback`, else a new one.

    Raises: InvalidReportId, if body and header differ.
    """
    if from_body is not None and key is not None and from_body != key:
        raise InvalidReportId("Idempotency-Key and report_id differ; send only one of them, or the same value in both.")
    return from_body or key or fallback or str(uuid4())
