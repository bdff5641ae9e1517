"""What foreign software shows instead of its secret: `protocols/indonesia.md` 2.9 and 3.2."""

import base64
import hmac
from hashlib import md5, sha256


def md5_of(password: str) -> str:
    """What SIRANAP v1 shows instead of the password."""
    return md5(password.encode(), usedforsecurity=False).hexdigest()


def signature(secret: str, consumer_id: str, timestamp: str) -> str:
    """Base64 of HMAC-SHA-256 over the texts of the headers, as they were sent."""
    return base64.b64encode(hmac.new(secret.encode(), f"{consumer_id}&{timestamp}".encode(), sha256).digest()).decode()
