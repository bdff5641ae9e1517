"""The house stands as drawn: who may import whom, and the plain rooms are plain."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PLAIN = sorted(path for room in ("domain", "board") for path in (ROOT / "app" / room).rglob("*.py"))
WAITING = (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)


def imported(tree: ast.AST) -> Iterator[str]:
    """The full names of all modules that are imported, wherever in the file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def test_every_import_contract_is_kept() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_contract_has_an_exception() -> None:
    """The first wish for one is the moment to move a line."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert not [contract["name"] for contract in contracts if contract.get("ignore_imports")]
    assert {contract["type"] for contract in contracts} == {
        *("layers", "independence", "forbidden", "protected", "acyclic_siblings")
    }


@pytest.mark.parametrize("path", PLAIN, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_domain_and_board_import_the_standard_library_and_the_domain_only(path: Path) -> None:
    own = {"app.domain", "app.board"} if "board" in path.parts else {"app.domain"}
    for name in imported(ast.parse(path.read_text())):
        is_ours = any(name == room or name.startswith(f"{room}.") for room in own)
        assert is_ours or name.split(".")[0] in sys.stdlib_module_names, f"{path.name} imports {name}"


@pytest.mark.parametrize("path", PLAIN, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_nothing_in_domain_and_board_waits_or_asks_the_time(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert not {"asyncio", "time", "threading", "socket", "os"} & set(imported(tree))
    for node in ast.walk(tree):
        assert not isinstance(node, WAITING), f"{path.name}:{node.lineno} waits"
        is_clock = isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today"}
        assert not (is_clock and isinstance(node.value, ast.Name) and node.value.id in {"datetime", "date"})


def test_the_rooms_are_found() -> None:
    folders = {path.relative_to(ROOT / "app").parent.as_posix() for path in PLAIN}
    assert folders == {"board", "domain", "domain/beds", "domain/registry", "domain/reports"}
    assert len(PLAIN) > 15


@pytest.mark.parametrize("room", ["domain", "board", "store", "actions", "api", "cli", "edge"])
def test_no_invariant_is_an_assert_that_python_can_switch_off(room: str) -> None:
    for path in (ROOT / "app" / room).rglob("*.py"):
        asserts = [node.lineno for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Assert)]
        assert not asserts, f"{path.name}: {asserts}"
