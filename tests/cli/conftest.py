"""The program as an operator runs it: a process of its own, in a folder of its own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli import app

ROOT = Path(__file__).resolve().parents[2]

Balai = Callable[..., "subprocess.CompletedProcess[str]"]
Verb = Callable[..., Result]


def environment(folder: Path, **variables: str) -> dict[str, str]:
    """What a process gets: this machine's, without its settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BALAI_")}
    return {**kept, "PYTHONPATH": str(ROOT), "BALAI_DATA_DIR": str(folder), **variables}


@pytest.fixture
def data_dir(sqlite_template: Path, tmp_path: Path) -> Path:
    """A data folder with an empty, migrated database."""
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copy(sqlite_template, folder / "balai.db")
    return folder


@pytest.fixture
def balai(data_dir: Path, tmp_path: Path) -> Balai:
    """Runs one verb to its end."""

    def run(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "app", *arguments],
            cwd=tmp_path,
            env=environment(data_dir, **variables),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture
def verb(data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Verb:
    """The same inside this process, where many cases are tried."""
    monkeypatch.setenv("BALAI_DATA_DIR", str(data_dir))
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, list(arguments))

    return run
