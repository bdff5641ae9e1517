"""SIRANAP v1, what the ministry asked for in 2017 (`/sirsservice`), as older hospital software still speaks it.

Source: `protocols/indonesia.md` 2.9. Where we differ: a refusal is told in the protocol's own answer, of which only
the good case is known. GET deletes at `hapusdata`, as its clients ask; HEAD does not.
"""

from app.protocols.siranap_v1.envelope import PROTOCOL
from app.protocols.siranap_v1.routes import TAG, router

__all__ = ["PROTOCOL", "TAG", "router"]
