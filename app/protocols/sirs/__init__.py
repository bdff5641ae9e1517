"""SIRS Online, the ministry's RS Online (`/fo/index.php/Fasyankes`), as hospital software speaks it.

Source: `protocols/indonesia.md` part 2. Where we differ: every write is an upsert, a wrong clock is told and not
refused, a known room that is posted again is updated, and what can be stored is stored and flagged.
One request carries one row: a list of one is read, a list of several is refused and says how many it has.
"""

from app.protocols.sirs.envelope import PROTOCOL
from app.protocols.sirs.routes import TAG, router

__all__ = ["PROTOCOL", "TAG", "router"]
