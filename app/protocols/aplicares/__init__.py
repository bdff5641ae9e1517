"""Aplicares, the insurer's (BPJS Kesehatan) list of rooms (`/aplicaresws/rest`), as hospital software speaks it.

Source: `protocols/indonesia.md` part 3. Where we differ: every write is an upsert, deleting what is not there succeeds,
a clock in local time is let in and told; answers are never encrypted.
"""

from app.protocols.aplicares.envelope import PROTOCOL
from app.protocols.aplicares.routes import TAG, router

__all__ = ["PROTOCOL", "TAG", "router"]
