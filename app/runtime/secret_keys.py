"""Checks at the start of a node that it has the secret key that the secrets in this database need.

The database stores the fingerprint of each key that was used, never a key. A node must have the newest one; older ones
are needed until everything is resealed (`balai secrets reseal`).
"""

import logging

from app.runtime.secret_box import OtherKey, SecretBox
from app.store.database import Database, Transaction
from app.store.maintenance.migrate import check_migrated
from app.store.repositories import secret_keys

log = logging.getLogger(__name__)


class OtherSecretKey(RuntimeError):
    """This node does not have the secret key under which the secrets in this database were sealed."""


async def check_may_be_made(database_url: str) -> None:
    """Check that a new key would make no secret unreadable. Raises: OtherSecretKey, NotMigrated, Unavailable."""
    database = Database(database_url)
    try:
        async with database.reading() as connection:
            await check_migrated(connection)
            if await secret_keys.are_needed(connection):
                known = await secret_keys.known(connection)
                raise OtherSecretKey(
                    "The secret key is missing: BALAI_SECRET_KEY is not set, there is no file secret.key in the data "
                    f"folder, and this database has passwords of hospitals that need it{_fingerprint_text(known[:1])}. "
                    f"Restore the key. {_LOST}"
                )
    finally:
        await database.close()


async def check(database: Database, secret_box: SecretBox, *, may_write: bool) -> None:
    """Check that this node has the key that the database needs, and store the fingerprint of a new key.

    Raises: OtherSecretKey; Unavailable.
    """
    ours = secret_box.fingerprints
    if not ours:
        return
    async with database.reading_newest() as connection:
        known = await secret_keys.known(connection)
        if known and known[0] not in ours and await secret_keys.are_needed(connection):
            raise OtherSecretKey(
                f"This node's secret key{_fingerprint_text(ours)} is not the one that this database needs"
                f"{_fingerprint_text(known[:1])}. Set the same BALAI_SECRET_KEY on every node, or restore the file "
                f"secret.key; put a new key first, old ones after a comma. {_LOST}"
            )
        sealed = [] if known else await secret_keys.some_sealed(connection)
    if sealed and not any(map(secret_box.opens, sealed)):
        raise OtherSecretKey(f"The secret key of this node decrypts no secret in this database. {_LOST}")
    for old in set(known) - set(ours):
        log.warning("this node does not have an older secret key, %s: secrets sealed under it cannot be read", old)
    new = [fingerprint for fingerprint in reversed(ours) if fingerprint not in known]
    if new and may_write:
        async with database.transaction() as transaction:
            if known and known[0] not in ours:  # no stored secret needs it
                await secret_keys.remove_all(transaction.connection)
            await secret_keys.put(transaction.connection, new)


async def check_is_known(transaction: Transaction, secret_box: SecretBox) -> None:
    """Check that other nodes can read what this transaction seals. Raises: OtherKey, if they have another key.

    Two nodes may have started with different keys before there was a secret, or a new key was accepted since.
    """
    known = await secret_keys.known(transaction.connection)
    if known and not set(known) & set(secret_box.fingerprints):
        raise OtherKey


async def accept(database: Database, secret_box: SecretBox) -> None:
    """Make this node's first key the current one; secrets sealed under older keys stay unreadable without them."""
    async with database.transaction() as transaction:
        await secret_keys.remove_all(transaction.connection)
        await secret_keys.put(transaction.connection, secret_box.fingerprints[:1])


_LOST = (
    "If it is lost permanently, `balai secrets accept-new-key` starts with a new one; every hospital then needs new "
    "credentials (`balai hospital rotate`)."
)


def _fingerprint_text(fingerprints: "tuple[str, ...] | list[str]") -> str:
    return f" (fingerprint {', '.join(fingerprints)})" if fingerprints else ""
