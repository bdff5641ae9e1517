"""The manifest of a backup: which moment it is of, and the SHA-256 of every file in it, of itself too."""

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
    """This is no backup, or not as it was written."""


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a backup. `sha256` in hex, of the file as it is on disk."""

    file: str
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: all up to entry `head`, where the chain of the ledger is `chain`. Parts in their order."""

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
        """Where its ledger ends."""
        return Position(self.head, self.chain)

    @property
    def rows(self) -> int:
        """In all parts together."""
        return sum(part.rows for part in self.parts)


def write_manifest(manifest: Manifest) -> str:
    """As it stands in its file: JSON with a digest over all the rest of it."""
    said = asdict(manifest)
    return json.dumps(said | {_DIGEST: _digest(said)}, indent=2, ensure_ascii=False) + "\n"


def read_manifest(folder: Path) -> Manifest:
    """The manifest in this folder. Raises: DamagedBackup."""
    try:
        said = json.loads((folder / MANIFEST).read_bytes())
    except FileNotFoundError:
        raise DamagedBackup(f"{folder} has no {MANIFEST}: it is no backup, or one that was not finished.") from None
    except (OSError, ValueError) as error:
        raise DamagedBackup(f"{folder / MANIFEST} cannot be read: {error}") from None
    if not isinstance(said, dict) or said.pop(_DIGEST, None) != _digest(said):
        raise DamagedBackup(f"{folder / MANIFEST} is not as it was written.")
    if said.get("format") != FORMAT:
        raise DamagedBackup(
            f"A newer version of Balai made this backup ({said.get('program_version')}, format {said.get('format')}). "
            f"Nothing was restored. Run with that version or a later one: balai restore {folder}"
        )
    said["parts"] = tuple(Part(**part) for part in said["parts"])
    return Manifest(**said)


def check_parts(folder: Path, manifest: Manifest) -> None:
    """See that every file is as it was written. Raises: DamagedBackup, naming the first that is not."""
    for part in manifest.parts:
        try:
            found = digest_of(folder / part.file)
        except OSError as error:
            raise DamagedBackup(f"{folder / part.file} cannot be read: {error.strerror}.") from None
        if found != part.sha256:
            raise DamagedBackup(f"{folder / part.file} is not as it was written: its SHA-256 is another one.")


def digest_of(file: Path) -> str:
    """The SHA-256 of a file in hex. Raises: OSError."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _digest(said: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(said).encode()).hexdigest()
