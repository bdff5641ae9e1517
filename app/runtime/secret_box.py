"""Secrets of other systems: stored sealed (encrypted) if they must be read again, otherwise only as a keyed digest.

The keys come from the environment or from a file beside the data, never from the database: a stolen database backup
reveals no secret. Rules: docs/protocols/common.md (credentials).
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.domain.errors import Unavailable

SECRET_LENGTH = 32  # of issued secrets: 190 bits in letters and digits, which need no escaping in forms or shells


class OtherKey(Unavailable):
    """This was sealed under another secret key. Set the same BALAI_SECRET_KEY on every node, old keys after a comma."""


class SecretBox:
    """Seals and digests under the first key; unseals and verifies under any of them."""

    def __init__(self, keys: Sequence[str] = ()) -> None:
        self._digest_keys = [_derived(key, b"balai digest") for key in keys]
        self._ticket_keys = [_derived(key, b"balai stream ticket") for key in keys]
        self._session_keys = [_derived(key, b"balai session") for key in keys]
        self._material_key = _derived(keys[0], b"balai issued keys") if keys else None
        seals = [Fernet(urlsafe_b64encode(_derived(key, b"balai seal"))) for key in keys]
        self._fernet = MultiFernet(seals) if seals else None
        self._first = seals[0] if seals else None
        self._nothing = self.seal("0" * SECRET_LENGTH) if seals else ""
        self.fingerprints = tuple(map(fingerprint, keys))

    def seal(self, secret: str) -> str:
        """The secret encrypted and authenticated (Fernet), for storage. Raises: Unavailable, without a key."""
        return self._ready.encrypt(secret.encode()).decode()

    def unseal(self, sealed: str) -> str:
        """The sealed secret. Raises: OtherKey; Unavailable, without a key."""
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
        """Whether it was sealed under one of the keys other than the first."""
        return self.opens(sealed) and not _opens(self._first, sealed)

    def reseal(self, sealed: str) -> str:
        """The secret sealed again under the first key. Raises: OtherKey."""
        return self.seal(self.unseal(sealed))

    def unseal_nothing(self) -> None:
        """Do the same work as unsealing a secret of usual length, so that timing does not reveal which exist."""
        if self._fernet is not None:
            self._fernet.decrypt(self._nothing)

    def digest(self, secret: str) -> str:
        """HMAC-SHA-256 of the secret in hex: verifies it, and is useless without the key. Raises: Unavailable."""
        if not self._digest_keys:
            raise Unavailable(_NO_KEY)
        return _digest(self._digest_keys[0], secret)

    def derive(self, purpose: str, length: int) -> bytes:
        """Bytes that only this installation can derive, always the same for one purpose. Raises: Unavailable."""
        if self._material_key is None:
            raise Unavailable(_NO_KEY)
        info = purpose.encode()
        return HKDF(algorithm=hashes.SHA256(), length=length, salt=None, info=info).derive(self._material_key)

    def is_digest(self, digest: str, secret: str) -> bool:
        """Whether this is the digest of that secret, in constant time."""
        return any(hmac.compare_digest(_digest(key, secret), digest) for key in self._digest_keys)

    def sign_ticket(self, ticket: str) -> str:
        """The signature of a stream ticket, in hex. Raises: Unavailable, without a key."""
        if not self._ticket_keys:
            raise Unavailable(_NO_KEY)
        return _digest(self._ticket_keys[0], ticket)

    def is_ticket(self, signature: str, ticket: str) -> bool:
        """Whether this is the signature of that ticket, in constant time."""
        return any(hmac.compare_digest(_digest(key, ticket), signature) for key in self._ticket_keys)

    def sign_session(self, session: str) -> str:
        """The signature of a session cookie, in hex. Raises: Unavailable, without a key."""
        if not self._session_keys:
            raise Unavailable(_NO_KEY)
        return _digest(self._session_keys[0], session)

    def is_session(self, signature: str, session: str) -> bool:
        """Whether this is the signature of that session cookie, in constant time."""
        return any(hmac.compare_digest(_digest(key, session), signature) for key in self._session_keys)

    @property
    def _ready(self) -> MultiFernet:
        if self._fernet is None:
            raise Unavailable(_NO_KEY)
        return self._fernet


def fingerprint(key: str) -> str:
    """Identifies a secret key without revealing it: 16 hex digits, derived by HKDF-SHA-256."""
    return _derived(key, b"balai fingerprint")[:8].hex()


_NO_KEY = "This node has no secret key, so it cannot store secrets: set BALAI_SECRET_KEY."


def _opens(seal: Fernet | None, sealed: str) -> bool:
    try:
        return seal is not None and bool(seal.decrypt(sealed))
    except InvalidToken:
        return False


def _derived(key: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose).derive(key.encode())


def _digest(key: bytes, secret: str) -> str:
    return hmac.new(key, secret.encode(), sha256).hexdigest()
