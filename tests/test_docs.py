"""The words beside the code: the README says every setting, and its examples work as they are pasted."""

import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from app.cli import app
from app.config import PREFIX, Rate, Settings
from app.domain.beds.freshness import Thresholds
from tests.serving import served

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def as_written(value: Any) -> str:
    """A default, as one writes it into a .env file."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Thresholds):
        return f"{value.stale_after // timedelta(hours=1)}/{value.silent_after // timedelta(hours=1)}"
    if isinstance(value, Rate):
        return f"{value.per_second:g}/{value.burst}"
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def settings_table() -> str:
    """The rows of the README's table, as the settings have them."""
    rows = []
    for name, setting in Settings.model_fields.items():
        default = as_written(setting.default)
        rows.append(f"| `{PREFIX}{name.upper()}` | {default and f'`{default}`'} | {setting.description} |\n")
    return "".join(rows)


def test_the_readme_has_every_setting_with_its_default() -> None:
    assert settings_table() in README


def test_every_setting_says_why() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def examples(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("verb", ["serve", "test"])
def test_the_readme_begins_with_two_commands(verb: str) -> None:
    assert f"python3 dev.py {verb}\n" in examples("sh")


def test_the_curl_example_gives_a_receipt_and_then_the_citys_changed_sum(tmp_path: Path) -> None:
    example = next(text for text in examples("sh") if "BALAI_KEY=" in text)
    with served(tmp_path, "--seed", "semarang") as server:
        example = re.sub(r"BALAI_URL=\S+ BALAI_KEY=\S+", f"BALAI_URL={server.url} BALAI_KEY={server.key()}", example)
        done = subprocess.run(["bash", "-euc", example], capture_output=True, text=True, check=True, timeout=60)
    assert '"outcome":"applied"' in done.stdout
    assert '"totals":{"beds_total":132,"beds_occupied":106' in done.stdout


def test_the_python_example_is_accepted(tmp_path: Path) -> None:
    (example,) = examples("python")
    with served(tmp_path, "--seed", "semarang") as server:
        done = subprocess.run(
            [sys.executable, "-c", example],
            env={"BALAI_URL": server.url, "BALAI_KEY": server.key()},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 0, done.stderr


def commands(text: str) -> set[tuple[str, ...]]:
    """Every `balai ...` in these pages, by words up to the first that is no word of a command, and its options."""
    found = set()
    for line in re.findall(r"`(?:\.venv/bin/)?balai ([^`]+)`", text) + re.findall(
        r"^\.venv/bin/balai (.+)$", text, re.MULTILINE
    ):
        found.add(tuple(line.partition("#")[0].split()))
    return found


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda page: page.name
)
def test_every_command_in_the_pages_exists_with_its_options(page: Path) -> None:
    for words in commands(page.read_text(encoding="utf-8")):
        command = get_command(app)
        for word in words:
            groups = getattr(command, "commands", {})
            if word in groups:
                command = groups[word]
            elif word.startswith("--"):
                options = {option for each in command.params for option in each.opts}
                assert word in options, f"balai {' '.join(words)}: {word}"
            else:
                assert not groups or word == "...", f"balai {' '.join(words)}: {word}"
