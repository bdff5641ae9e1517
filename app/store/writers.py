"""Which nodes may write: during an upgrade nodes of two versions share one database.

A version that writes what an older one would spoil has a higher WRITER_VERSION, and its migration raises the number in
the database. Every transaction looks at it under the ledger's lock: an older node writes nothing from then on. A test
compares the number with that of the migrations.
"""

from app.domain.errors import Unavailable

WRITER_VERSION = 3
READ = "SELECT writer_version FROM ledger_format"
RETRY_SECONDS = 30  # until it is upgraded; another node takes it at once


class OutdatedNode(Unavailable):
    """A newer version of Balai writes to this database. This node only reads until it is upgraded too."""

    def __init__(self) -> None:
        super().__init__(
            "A newer version of Balai writes to this database; this node only reads until it is upgraded. Nothing was "
            "stored; send it to another node.",
            retry_after_seconds=RETRY_SECONDS,
        )


def check(writer_version: int) -> None:
    """See that this version may write. Raises: OutdatedNode."""
    if writer_version > WRITER_VERSION:
        raise OutdatedNode
