"""The version check for writing: during an upgrade nodes of two versions share one database.

A version that writes data which an older one would damage has a higher WRITER_VERSION, and its migration raises the
number in the database. Every transaction checks it under the ledger's lock: from then on an older node cannot write. A
test compares the number with that of the migrations.
"""

from app.domain.errors import Unavailable

WRITER_VERSION = 6
READ = "SELECT writer_version FROM ledger_format"
RETRY_SECONDS = 30  # until the node is upgraded; another node accepts it at once


class OutdatedNode(Unavailable):
    """A newer version of Balai writes to this database. This node is read-only until it is upgraded too."""

    def __init__(self) -> None:
        super().__init__(
            "A newer version of Balai writes to this database; this node is read-only until it is upgraded. Nothing "
            "was stored; send it to another node.",
            retry_after_seconds=RETRY_SECONDS,
        )


def check(writer_version: int) -> None:
    """Check that this version may write. Raises: OutdatedNode."""
    if writer_version > WRITER_VERSION:
        raise OutdatedNode
