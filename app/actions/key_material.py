"""Where the bytes of a new key come from: chance, or the same bytes again for a request that is sent again.

Only digests of keys are kept, so a lost response could never be repeated. Under an Idempotency-Key the bytes are
derived from it under the node's secret key instead: a retry finds the key that the first request made.
"""

import secrets
from collections.abc import Callable
from functools import partial

from app.domain.permissions import Actor
from app.domain.reports.report import canonical, check_report_id
from app.runtime.secret_box import SecretBox

# The bytes for one purpose, so many of them.
Material = Callable[[str, int], bytes]


def fresh_material(_purpose: str, length: int) -> bytes:
    """Bytes that nobody can guess and that never come again."""
    return secrets.token_bytes(length)


def material_for(secret_box: SecretBox, by: Actor, idempotency_key: str | None, *, operation: str = "") -> Material:
    """Fresh bytes; the same for every request of one principal under one key for the same operation.

    Raises: InvalidReportId, for a key that has not the form of one; Unavailable, when the node has no secret key.
    """
    if idempotency_key is None:
        return fresh_material
    check_report_id(idempotency_key)
    return partial(_derived, secret_box, [by.principal, idempotency_key, *([operation] if operation else [])])


def digits(material: Material, purpose: str, alphabet: str, length: int) -> str:
    """Text of `length` letters of an alphabet, each as likely as any other (to one part in 2^64)."""
    value = int.from_bytes(material(purpose, length + 8))
    text = ""
    for _ in range(length):
        value, place = divmod(value, len(alphabet))
        text += alphabet[place]
    return text


def _derived(secret_box: SecretBox, request: list[str], purpose: str, length: int) -> bytes:
    return secret_box.derive(canonical([*request, purpose]), length)
