"""Aplicares, the insurer's (BPJS Kesehatan) list of rooms (`/aplicaresws/rest`), as hospital software uses it.

Source: `docs/protocols/aplicares.md`. Divergences: every write is an upsert, deleting a room that does not exist
succeeds, a clock in local time is accepted with a warning, responses are never encrypted.

A module that other protocols do not have: `signatures` (HMAC instead of a password).
"""

from app.protocols.aplicares.envelope import PROTOCOL
from app.protocols.aplicares.routes import TAG, router

__all__ = ["PROTOCOL", "TAG", "router"]
