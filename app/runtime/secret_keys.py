"""Whether a node has the secret key that this database's secrets need: found out at its start, not by every hospital.

The database keeps the fingerprint of each key that was used, never a key. The newest one is what a node must have;
older ones are needed until everything is sealed anew (`balai secrets reseal`).
"""

import logging

from app.runtime.secret_box import OtherKey, SecretBox
from app.store.database import Database, Transaction
from app.store.maintenance.migrate import check_migrated
from app.store.repositories import secret_keys

log = logging.getLogger(__name__)


class OtherSecretKey(RuntimeError):
    """This node has not the secret key under which the secrets in this database were sealed."""


async def check_may_be_made(database_url: str) -> None:
    """See that a new key would lock nobody out. Raises: OtherSecretKey, NotMigrated, Unavailable."""
    database = Database(database_url)
    try:
        async with database.reading() as connection:
            await check_migrated(connection)
            if await secret_keys.are_needed(connection):
                known = await secret_keys.known(connection)
                raise OtherSecretKey(
                    "The secret key is missing: neither BALAI_SECRET_KEY is set, nor is there a file secret.key in the "
                    f"data folder, and this database has passwords of hospitals that need it{_named(known[:1])}. "
                    f"Bring the key back. {_LOST}"
                )
    finally:
        await database.close()


async def check(database: Database, secret_box: SecretBox, *, may_write: bool) -> None:
    """See that this node's key is the database's, and keep the fingerprint of a key that is new.

    Raises: OtherSecretKey; Unavailable.
    """
    ours = secret_box.fingerprints
    if not ours:
        return
    async with database.reading_newest() as connection:
        known = await secret_keys.known(connection)
        if known and known[0] not in ours and await secret_keys.are_needed(connection):
            raise OtherSecretKey(
                f"This node has another secret key{_named(ours)} than this database needs{_named(known[:1])}. "
                "Give every node the same BALAI_SECRET_KEY, or bring the file secret.key back; a new key stands first, "
                f"old ones after a comma. {_LOST}"
            )
        sealed = [] if known else await secret_keys.some_sealed(connection)
    if sealed and not any(map(secret_box.opens, sealed)):
        raise OtherSecretKey(f"No secret in this database opens with the secret key of this node. {_LOST}")
    for old in set(known) - set(ours):
        log.warning("this node does not have an older secret key, %s: what it sealed cannot be opened", old)
    new = [each for each in reversed(ours) if each not in known]
    if new and may_write:
        async with database.transaction() as transaction:
            if known and known[0] not in ours:  # nothing is kept that would need it
                await secret_keys.remove_all(transaction.connection)
            await secret_keys.put(transaction.connection, new)


async def check_is_known(transaction: Transaction, secret_box: SecretBox) -> None:
    """See that other nodes open what is sealed in this transaction. Raises: OtherKey, where theirs is another key.

    Two nodes may have begun with different keys when there was no secret yet, or a new key was accepted since.
    """
    known = await secret_keys.known(transaction.connection)
    if known and not set(known) & set(secret_box.fingerprints):
        raise OtherKey


async def accept(database: Database, secret_box: SecretBox) -> None:
    """From now on this node's first key is the right one; what older ones sealed stays unreadable without them."""
    async with database.transaction() as transaction:
        await secret_keys.remove_all(transaction.connection)
        await secret_keys.put(transaction.connection, secret_box.fingerprints[:1])


_LOST = (
    "If it is lost for good, `balai secrets accept-new-key` starts with a new one; every hospital then needs new "
    "credentials (`balai hospital rotate`)."
)


def _named(fingerprints: "tuple[str, ...] | list[str]") -> str:
    return f" (fingerprint {', '.join(fingerprints)})" if fingerprints else ""
