"""SIRANAP v1, the ministry's protocol of 2017 (`/sirsservice`), as older hospital software still uses it.

Source: `docs/protocols/siranap-v1.md`. Divergences: a refusal has the form of the protocol's own response, of which
only the success case is known. GET at `hapusdata` deletes, as its clients expect; HEAD does not.

A module that other protocols do not have: `xml` (an incremental parser with limits).
"""

from app.protocols.siranap_v1.envelope import PROTOCOL
from app.protocols.siranap_v1.routes import TAG, router

__all__ = ["PROTOCOL", "TAG", "router"]
