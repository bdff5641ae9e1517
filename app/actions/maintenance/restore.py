"""Restore: fill an empty database from a backup and verify it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.actions.maintenance.backup_manifest import Manifest, check_parts, read_manifest
from app.actions.maintenance.verify import examine
from app.runtime.secret_box import SecretBox
from app.store.maintenance.migrate import is_known
from app.store.maintenance.restore import NotRestored, restore_tables
from app.store.sqlite_file import create_atomically


@dataclass(frozen=True, slots=True)
class Restored:
    """The result of a restore. `differences` already existed in the database that was backed up.

    `has_secret_key`: whether the backup's secret key is configured; None if no key is needed.
    """

    manifest: Manifest
    differences: Sequence[str]
    has_secret_key: bool | None


async def restore(
    database_url: str,
    source: Path,
    *,
    secret_keys: Sequence[str],
    progress: Callable[[int, int], None] = lambda _, __: None,
) -> Restored:
    """Fill an empty database from the backup in this folder, migrate it to this version's tables, and verify it.

    Files are checked before anything is written. `progress` is called with the number of rows written and their total.
    Raises: DamagedBackup, NotRestored, NotMigrated, Unavailable.
    """
    manifest = read_manifest(source)
    if not is_known(manifest.schema_revision):
        raise NotRestored(
            f"A newer version of Balai made this backup ({manifest.program_version}, tables "
            f"{manifest.schema_revision}). Nothing was restored. Run with that version or a later one: "
            f"balai restore {source}"
        )
    check_parts(source, manifest)
    done = 0

    def more(rows: int) -> None:
        nonlocal done
        done += rows
        progress(done, manifest.rows)

    with create_atomically(database_url) as url:
        await restore_tables(
            url,
            [source / part.file for part in manifest.parts],
            revision=manifest.schema_revision,
            head=manifest.position,
            progress=more,
        )
    found = await examine(database_url, at_least=manifest.head)
    needed = manifest.secret_key_fingerprint
    has_key = None if needed is None else needed in SecretBox(secret_keys).fingerprints
    return Restored(manifest, found.differences, has_key)
