"""The bytes of a new key: random, or derived, so that a repeated request gets the same key.

Only digests of keys are stored, so a lost response could never be repeated. With an Idempotency-Key the bytes are
derived from it under the node's secret key instead: a retry finds the key that the first request issued.
"""

import secrets
from collections.abc import Callable
from functools import partial

from app.domain.permissions import Actor
from app.domain.reports.report import canonical, check_report_id
from app.runtime.secret_box import SecretBox

# Returns this many bytes for this purpose.
Material = Callable[[str, int], bytes]


def fresh_material(_purpose: str, length: int) -> bytes:
    """Random bytes from the system's secure source."""
    return secrets.token_bytes(length)


def material_for(secret_box: SecretBox, by: Actor, idempotency_key: str | None, *, operation: str = "") -> Material:
    """Random bytes, or with an `idempotency_key` the same bytes for each request of one principal and operation.

    Raises: InvalidReportId, for an invalid idempotency key; Unavailable, when the node has no secret key.
    """
    if idempotency_key is None:
        return fresh_material
    check_report_id(idempotency_key)
    return partial(_derived, secret_box, [by.principal, idempotency_key, *([operation] if operation else [])])


def digits(material: Material, purpose: str, alphabet: str, length: int) -> str:
    """Text of `length` letters of an alphabet, uniformly distributed (to one part in 2^64)."""
    value = int.from_bytes(material(purpose, length + 8))
    text = ""
    for _ in range(length):
        value, index = divmod(value, len(alphabet))
        text += alphabet[index]
    return text


def _derived(secret_box: SecretBox, request: list[str], purpose: str, length: int) -> bytes:
    return secret_box.derive(canonical([*request, purpose]), length)
