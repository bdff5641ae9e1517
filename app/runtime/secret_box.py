"""Secrets of others: sealed, where they must be known again, else only a keyed digest.

The keys come from the environment or from a file beside the data, never from the database: whoever steals a backup of
that has no secret. Rules: `protocols/indonesia.md` 1.7.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.domain.errors import Unavailable

SECRET_LENGTH = 32  # of those that are made here: 190 bits in letters and digits, which no form or shell would spoil


class OtherKey(Unavailable):
    """This was sealed under another secret key. Give every node the same BALAI_SECRET_KEY, old ones after a comma."""


class SecretBox:
    """Seals and digests under the first key, and knows what was made under any of them."""

    def __init__(self, keys: Sequence[str] = ()) -> None:
        self._digest_keys = [_derived(key, b"balai digest") for key in keys]
        self._ticket_keys = [_derived(key, b"balai stream ticket") for key in keys]
        self._material_key = _derived(keys[0], b"balai issued keys") if keys else None
        seals = [Fernet(urlsafe_b64encode(_derived(key, b"balai seal"))) for key in keys]
        self._fernet = MultiFernet(seals) if seals else None
        self._first = seals[0] if seals else None
        self._nothing = self.seal("0" * SECRET_LENGTH) if seals else ""
        self.fingerprints = tuple(map(fingerprint, keys))

    def seal(self, secret: str) -> str:
        """The secret as it may be stored: encrypted and authenticated (Fernet)."""
        return self._ready.encrypt(secret.encode()).decode()

    def unseal(self, sealed: str) -> str:
        """What was sealed. Raises: OtherKey."""
        try:
            return self._ready.decrypt(sealed).decode()
        except InvalidToken:
            raise OtherKey from None

    def opens(self, sealed: str) -> bool:
        """Whether it was sealed under one of the keys."""
        try:
            self.unseal(sealed)
        except OtherKey:
            return False
        return True

    def is_old(self, sealed: str) -> bool:
        """Whether it was sealed under one of the keys, and not under the first."""
        return self.opens(sealed) and not _opens(self._first, sealed)

    def reseal(self, sealed: str) -> str:
        """The same under the first key. Raises: OtherKey."""
        return self.seal(self.unseal(sealed))

    def unseal_nothing(self) -> None:
        """As much work as to unseal a secret of the usual length, so that the time tells nobody which ones are kept."""
        if self._fernet is not None:
            self._fernet.decrypt(self._nothing)

    def digest(self, secret: str) -> str:
        """HMAC-SHA-256 of the secret in hex: enough to recognise it, and useless without the key."""
        if not self._digest_keys:
            raise Unavailable(_NO_KEY)
        return _digest(self._digest_keys[0], secret)

    def derive(self, purpose: str, length: int) -> bytes:
        """Bytes that only this installation can make, the same each time for one purpose. Raises: Unavailable."""
        if self._material_key is None:
            raise Unavailable(_NO_KEY)
        info = purpose.encode()
        return HKDF(algorithm=hashes.SHA256(), length=length, salt=None, info=info).derive(self._material_key)

    def is_digest(self, digest: str, secret: str) -> bool:
        """Whether this is the digest of that secret, in constant time."""
        return any(hmac.compare_digest(_digest(key, secret), digest) for key in self._digest_keys)

    def sign_ticket(self, ticket: str) -> str:
        """The signature of a stream ticket, in hex."""
        if not self._ticket_keys:
            raise Unavailable(_NO_KEY)
        return _digest(self._ticket_keys[0], ticket)

    def is_ticket(self, signature: str, ticket: str) -> bool:
        """Whether this is the signature of that ticket, in constant time."""
        return any(hmac.compare_digest(_digest(key, ticket), signature) for key in self._ticket_keys)

    @property
    def _ready(self) -> MultiFernet:
        if self._fernet is None:
            raise Unavailable(_NO_KEY)
        return self._fernet


def fingerprint(key: str) -> str:
    """What tells secret keys apart and gives none away: 16 hex digits, derived by HKDF-SHA-256."""
    return _derived(key, b"balai fingerprint")[:8].hex()


_NO_KEY = "This node has no secret key, so it can keep no secrets: set BALAI_SECRET_KEY."


def _opens(seal: Fernet | None, sealed: str) -> bool:
    try:
        return seal is not None and bool(seal.decrypt(sealed))
    except InvalidToken:
        return False


def _derived(key: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose).derive(key.encode())


def _digest(key: bytes, secret: str) -> str:
    return hmac.new(key, secret.encode(), sha256).hexdigest()
