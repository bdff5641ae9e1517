"""What foreign software sends instead of its secret: docs/protocols/siranap-v1.md and docs/protocols/aplicares.md."""

import base64
import hmac
from hashlib import md5, sha256


def md5_of(password: str) -> str:
    """The MD5 of the password in hex, which SIRANAP v1 sends instead of the password."""
    return md5(password.encode(), usedforsecurity=False).hexdigest()


def signature(secret: str, consumer_id: str, timestamp: str) -> str:
    """The Aplicares signature: Base64 of HMAC-SHA-256 over the header values exactly as sent."""
    return base64.b64encode(hmac.new(secret.encode(), f"{consumer_id}&{timestamp}".encode(), sha256).digest()).decode()
