"""The data folder of a demo. A mark in it says so, and keeps it apart from the folder of a real installation."""

import os
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from app.cli import console
from app.cli.serve import DEMO_MARK
from app.config import KEY_FILE

_OF_A_SERVICE = (KEY_FILE, "balai.db", "balai.db-wal", "balai.db-shm")


class Access(BaseModel):
    """How to reach a demo's server: its seed, a national key, and the logins of hospitals by facility and protocol."""

    seed: int
    key: str = ""
    logins: dict[str, dict[str, dict[str, str]]] = Field(default_factory=dict)


def open_demo(folder: Path, seed: int, *, fresh: bool) -> Access:
    """Mark a new folder as a demo, or read what an earlier start wrote.

    Fails if the folder holds anything else, above all a real installation, or a demo of another seed.
    """
    mark = folder / DEMO_MARK
    if not mark.exists():
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            console.fail(
                f"{folder} is not the folder of a demo, and not empty. Nothing was changed. Choose an empty folder "
                "with --data-dir."
            )
        return _start(folder, seed)
    if fresh:
        for name in _OF_A_SERVICE:
            (folder / name).unlink(missing_ok=True)
        return _start(folder, seed)
    try:
        access = Access.model_validate_json(mark.read_bytes())
    except ValidationError:
        console.fail(f"{mark} is damaged. Start over with --fresh, which deletes this demo's figures.")
    if access.seed != seed:
        console.fail(f"The demo in {folder} has the seed {access.seed}. Add --fresh to start over with another one.")
    return access


def _start(folder: Path, seed: int) -> Access:
    access = Access(seed=seed)
    folder.mkdir(parents=True, exist_ok=True)
    save(folder, access)
    return access


def save(folder: Path, access: Access) -> None:
    """Write the mark, readable by its owner only: it has keys, if only of invented figures."""
    draft = folder / f"{DEMO_MARK}.new"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(access.model_dump_json(indent=2))
    draft.replace(folder / DEMO_MARK)
