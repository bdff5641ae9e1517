"""The manifest of a backup: its ledger position, and the SHA-256 of every file in it, including the manifest."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.domain.ledger import Position
from app.domain.reports.report import canonical

FORMAT = 1
MANIFEST = "manifest.json"
_DIGEST = "sha256"


class DamagedBackup(RuntimeError):
    """This is not a backup, or it was changed after it was written."""


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a backup. `sha256` is that of the file on disk, in hex."""

    file: str
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The content of a backup: everything up to entry `head`, where the ledger's chain is `chain`. Parts in order."""

    program_version: str
    schema_revision: str
    store: str
    head: int
    chain: str
    created_at: str
    secret_key_fingerprint: str | None
    parts: tuple[Part, ...]
    format: int = FORMAT

    @property
    def position(self) -> Position:
        """The end of its ledger."""
        return Position(self.head, self.chain)

    @property
    def rows(self) -> int:
        """The number of rows in all parts."""
        return sum(part.rows for part in self.parts)


def write_manifest(manifest: Manifest) -> str:
    """The text of the manifest file: JSON with a digest of all other fields."""
    fields = asdict(manifest)
    return json.dumps(fields | {_DIGEST: _digest(fields)}, indent=2, ensure_ascii=False) + "\n"


def read_manifest(folder: Path) -> Manifest:
    """The manifest in this folder. Raises: DamagedBackup."""
    try:
        fields = json.loads((folder / MANIFEST).read_bytes())
    except FileNotFoundError:
        raise DamagedBackup(f"{folder} has no {MANIFEST}: it is not a backup, or it was not finished.") from None
    except (OSError, ValueError) as error:
        raise DamagedBackup(f"{folder / MANIFEST} cannot be read: {error}") from None
    if not isinstance(fields, dict) or fields.pop(_DIGEST, None) != _digest(fields):
        raise DamagedBackup(f"{folder / MANIFEST} was changed after it was written.")
    if fields.get("format") != FORMAT:
        raise DamagedBackup(
            f"A newer version of Balai made this backup ({fields.get('program_version')}, format "
            f"{fields.get('format')}). Nothing was restored. Run with that version or a later one: "
            f"balai restore {folder}"
        )
    fields["parts"] = tuple(Part(**part) for part in fields["parts"])
    return Manifest(**fields)


def check_parts(folder: Path, manifest: Manifest) -> None:
    """Check that no file was changed. Raises: DamagedBackup, naming the first one that was."""
    for part in manifest.parts:
        try:
            found = digest_of(folder / part.file)
        except OSError as error:
            raise DamagedBackup(f"{folder / part.file} cannot be read: {error.strerror}.") from None
        if found != part.sha256:
            raise DamagedBackup(f"{folder / part.file} was changed after it was written: its SHA-256 differs.")


def digest_of(file: Path) -> str:
    """The SHA-256 of a file in hex. Raises: OSError."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _digest(fields: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(fields).encode()).hexdigest()
