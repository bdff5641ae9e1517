"""The import contracts hold, and the domain and the board are plain Python."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PLAIN = sorted(path for package in ("domain", "board") for path in (ROOT / "app" / package).rglob("*.py"))
DOCUMENTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
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
    """Move the code instead."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert not [contract["name"] for contract in contracts if contract.get("ignore_imports")]
    assert {contract["type"] for contract in contracts} == {
        *("layers", "independence", "forbidden", "protected", "acyclic_siblings")
    }


@pytest.mark.parametrize("path", PLAIN, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_domain_and_board_import_the_standard_library_and_the_domain_only(path: Path) -> None:
    own = {"app.domain", "app.board"} if "board" in path.parts else {"app.domain"}
    for name in imported(ast.parse(path.read_text())):
        is_ours = any(name == package or name.startswith(f"{package}.") for package in own)
        assert is_ours or name.split(".")[0] in sys.stdlib_module_names, f"{path.name} imports {name}"


@pytest.mark.parametrize("path", PLAIN, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_nothing_in_domain_and_board_waits_or_asks_the_time(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert not {"asyncio", "time", "threading", "socket", "os"} & set(imported(tree))
    for node in ast.walk(tree):
        assert not isinstance(node, WAITING), f"{path.name}:{node.lineno} waits"
        is_clock = isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today"}
        assert not (is_clock and isinstance(node.value, ast.Name) and node.value.id in {"datetime", "date"})


def test_all_plain_packages_are_found() -> None:
    folders = {path.relative_to(ROOT / "app").parent.as_posix() for path in PLAIN}
    assert folders == {
        "board",
        "board/facility",
        "board/totals",
        "domain",
        "domain/beds",
        "domain/registry",
        "domain/reports",
    }
    assert len(PLAIN) > 15


@pytest.mark.parametrize("room", ["domain", "board", "store", "actions", "api", "cli", "edge"])
def test_no_invariant_is_an_assert_that_python_can_switch_off(room: str) -> None:
    for path in (ROOT / "app" / room).rglob("*.py"):
        asserts = [node.lineno for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Assert)]
        assert not asserts, f"{path.name}: {asserts}"


def test_no_module_uses_private_names_of_another_package() -> None:
    found = []
    for path in (ROOT / "app").rglob("*.py"):
        package = ".".join(path.relative_to(ROOT).parent.parts)
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("app."):
                is_own = node.module == package or (node.module or "").rpartition(".")[0] == package
                private = [alias.name for alias in node.names if alias.name.startswith("_")]
                found += [] if is_own else [f"{path.name}: {node.module}.{name}" for name in private]
    assert not found


def test_every_package_says_what_belongs_in_it() -> None:
    for init in (ROOT / "app").rglob("__init__.py"):
        assert len((ast.get_docstring(ast.parse(init.read_text())) or "").split()) >= 8, init.relative_to(ROOT)


def test_every_public_name_has_a_docstring() -> None:
    missing = []
    for path in (ROOT / "app").rglob("*.py"):
        waiting = [(ast.parse(path.read_text()), "")]
        while waiting:
            parent, name = waiting.pop()
            for node in parent.body:
                if isinstance(node, DOCUMENTED) and not node.name.startswith("_"):
                    missing += [] if ast.get_docstring(node) else [f"{path.relative_to(ROOT)}: {name}{node.name}"]
                    if isinstance(node, ast.ClassDef):
                        waiting.append((node, f"{node.name}."))
    assert not missing
