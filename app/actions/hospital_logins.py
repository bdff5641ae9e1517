"""Credentials of foreign protocols: issuing and verifying passwords and consumer ids.

Rules: docs/protocols/common.md (credentials). A facility can use a protocol only with a key for it; every invalid
credential gets the same refusal after the same amount of work.
"""

import string
from collections.abc import Iterable
from dataclasses import dataclass

from app.actions.key_material import Material, digits
from app.domain.channels import Channel
from app.domain.errors import NotFound
from app.domain.permissions import KEYS_AT_ONCE_MAX, Credential
from app.domain.signatures import md5_of
from app.runtime.node import Node
from app.runtime.secret_box import SECRET_LENGTH, SecretBox

CONSUMER_DIGITS = 8
_NO_DIGEST = "0" * 64
_LETTERS = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class GivenSecret:
    """A secret issued elsewhere that will also be valid here; for Aplicares with its consumer id."""

    secret: str
    consumer_id: str | None = None


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A new secret, and what is stored of it.

    Shape: `digest` in hex; `sealed` is the encrypted secret, None if it need not be read again.
    """

    prefix: str
    secret: str
    digest: str
    sealed: str | None = None


def new_secret(
    secret_box: SecretBox, channel: Channel, material: Material, given: GivenSecret | None = None
) -> NewSecret:
    """A new key for one protocol. For Aplicares the public prefix is the consumer id. Raises: Unavailable."""
    secret = given.secret if given else digits(material, f"{channel} secret", _LETTERS, SECRET_LENGTH)
    prefix = material(f"{channel} prefix", 6).hex()
    match channel:
        case Channel.aplicares:
            consumer_id = given.consumer_id if given else None
            return NewSecret(
                consumer_id or _consumer_id(material), secret, secret_box.digest(secret), secret_box.seal(secret)
            )
        case Channel.siranap_v1:
            return NewSecret(prefix, secret, secret_box.digest(md5_of(secret)))
        case _:
            return NewSecret(prefix, secret, secret_box.digest(secret))


def recognise_password(node: Node, hospital_code: str, password: str, channel: Channel) -> Credential | None:
    """The valid key of this hospital and channel that has this password, as far as this node's board knows."""
    try:
        facility_id = node.board.facility(f"sirs:{hospital_code}").facility_id
    except NotFound:
        facility_id = ""
    return _find_match(node, node.board.keys_of_channel(facility_id, channel), password)


def _find_match(node: Node, keys: Iterable[Credential], password: str) -> Credential | None:
    now = node.clock()
    valid = [key for key in keys if key.is_valid(now)]
    for _ in range(KEYS_AT_ONCE_MAX - len(valid)):
        node.secret_box.is_digest(_NO_DIGEST, password)  # the same work, however many keys there are
    return next((key for key in valid if node.secret_box.is_digest(key.digest, password)), None)


def recognise_consumer(node: Node, consumer_id: str) -> tuple[Credential, str] | None:
    """The valid key with this consumer id and its secret, as far as this node's board knows. Raises: OtherKey."""
    found = node.board.credential(consumer_id)
    if found is None or found.channel is not Channel.aplicares or not found.is_valid(node.clock()):
        node.secret_box.unseal_nothing()  # the same work
        return None
    return found, node.secret_box.unseal(found.sealed or "")


def _consumer_id(material: Material) -> str:
    first = digits(material, "first digit of consumer id", string.digits[1:], 1)
    return first + digits(material, "consumer id", string.digits, CONSUMER_DIGITS - 1)
