"""What foreign software shows at our doors: passwords and signatures, made and recognised.

Rules: `protocols/indonesia.md` 1.7, 2.2, 2.9, 3.2. A door opens for a facility that has a key for it, and for nobody
else; every way of being wrong is one refusal, after the same work.
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
    """A secret of elsewhere that is to open our door too; for Aplicares with its consumer id."""

    secret: str
    consumer_id: str | None = None


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A secret that was just made, and what may be kept of it."""

    prefix: str
    secret: str
    digest: str
    sealed: str | None = None


def new_secret(
    secret_box: SecretBox, channel: Channel, material: Material, given: GivenSecret | None = None
) -> NewSecret:
    """A key for one door. The public part of Aplicares is its consumer id."""
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


def recognise_password(node: Node, hospital_code: str, shown: str, channel: Channel) -> Credential | None:
    """Whose password this is, at the door of this channel, as far as this node's board knows."""
    try:
        facility_id = node.board.facility(f"sirs:{hospital_code}").facility_id
    except NotFound:
        facility_id = ""
    return _matching(node, node.board.keys_of_channel(facility_id, channel), shown)


def _matching(node: Node, keys: Iterable[Credential], shown: str) -> Credential | None:
    now = node.clock()
    valid = [key for key in keys if key.is_valid(now)]
    for _ in range(KEYS_AT_ONCE_MAX - len(valid)):
        node.secret_box.is_digest(_NO_DIGEST, shown)  # the same work, however many keys there are
    return next((key for key in valid if node.secret_box.is_digest(key.digest, shown)), None)


def recognise_consumer(node: Node, consumer_id: str) -> tuple[Credential, str] | None:
    """The valid key with this consumer id, and its secret, as far as this node's board knows. Raises: OtherKey."""
    found = node.board.credential(consumer_id)
    if found is None or found.channel is not Channel.aplicares or not found.is_valid(node.clock()):
        node.secret_box.unseal_nothing()  # the same work
        return None
    return found, node.secret_box.unseal(found.sealed or "")


def _consumer_id(material: Material) -> str:
    first = digits(material, "first digit of consumer id", string.digits[1:], 1)
    return first + digits(material, "consumer id", string.digits, CONSUMER_DIGITS - 1)
