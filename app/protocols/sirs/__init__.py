"""SIRS Online, the ministry's RS Online (`/fo/index.php/Fasyankes`), as hospital software uses it.

Source: `docs/protocols/sirs-online.md`. Divergences: every write is an upsert, a wrong clock causes a warning instead
of a refusal, posting a known room again updates it, and whatever can be stored is stored and flagged.
One request carries one row: a list of one is accepted; a list of several is refused with their number.

Modules that other protocols do not have: `row_ids` (which row a message means), `held_rows` and `import_rows` with
`listing_rows` (operations of officers that only SIRS has), and `response_rows`, which needs `row_ids` and therefore
cannot be part of `message`.
"""

from app.protocols.sirs.envelope import PROTOCOL
from app.protocols.sirs.routes import TAG, router

__all__ = ["PROTOCOL", "TAG", "router"]
