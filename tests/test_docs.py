"""The documents tell the truth: settings, commands, links, paths and names are those of the code; examples work."""

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from app.api.http.problems import KINDS
from app.cli import app
from app.config import PREFIX, Rate, Settings, unknown_variables
from app.domain.beds.freshness import Thresholds
from app.protocols.texts import WARNINGS
from tests.serving import served

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
MODULES = sorted(path for folder in ("app", "tests", "migrations") for path in (ROOT / folder).rglob("*.py"))
README_LINES_MAX = 200

_PATH = re.compile(r"(?<![\w/.-])(?:app|tests|migrations|docs)/[\w/.<>-]*[\w/>]")
_LINK = re.compile(r"\]\(([^()\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_FENCE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
_NAMED = re.compile(r"`((?:app|tests)/[\w/.<>-]+\.py)`\s+\((`\w+`(?:,\s+`\w+`)*)")


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


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
    """The rows of the table of settings, as `app/config.py` has them."""
    rows = []
    for name, setting in Settings.model_fields.items():
        default = as_written(setting.default)
        rows.append(f"| `{PREFIX}{name.upper()}` | {default and f'`{default}`'} | {setting.description} |\n")
    return "".join(rows)


def test_the_table_of_settings_is_that_of_the_code() -> None:
    assert settings_table() in text_of("docs/installing.md")


def test_every_setting_says_why() -> None:
    assert all(field.description for field in Settings.model_fields.values())


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_setting_that_a_page_names_exists(page: Path) -> None:
    named = re.findall(rf"\b{PREFIX}[A-Z_]*[A-Z]\b", page.read_text(encoding="utf-8"))
    assert not unknown_variables(dict.fromkeys(named, ""))


def examples(name: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text_of(name), re.DOTALL)


@pytest.mark.parametrize("verb", ["serve", "test"])
def test_the_readme_has_the_two_commands(verb: str) -> None:
    assert f"python3 dev.py {verb}\n" in examples("README.md", "sh")


def test_the_readme_is_short() -> None:
    assert len(text_of("README.md").splitlines()) <= README_LINES_MAX


def test_the_curl_example_gives_a_receipt_and_then_the_citys_changed_sum(tmp_path: Path) -> None:
    example = next(text for text in examples("README.md", "sh") if "BALAI_KEY=" in text)
    with served(tmp_path, "--seed", "semarang") as server:
        example = re.sub(r"BALAI_URL=\S+ BALAI_KEY=\S+", f"BALAI_URL={server.url} BALAI_KEY={server.key()}", example)
        done = subprocess.run(["bash", "-euc", example], capture_output=True, text=True, check=True, timeout=60)
    assert '"outcome":"applied"' in done.stdout
    assert '"totals":{"beds_total":132,"beds_occupied":106' in done.stdout


def test_the_python_example_is_accepted(tmp_path: Path) -> None:
    (example,) = examples("docs/hospital-it.md", "python")
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
    """Every `balai ...` of a page, as words and options, without a comment."""
    found = set()
    for line in re.findall(r"`(?:\.venv/bin/)?balai ([^`]+)`", text) + re.findall(
        r"^\.venv/bin/balai (.+)$", text, re.MULTILINE
    ):
        found.add(tuple(line.partition("#")[0].split()))
    return found


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_of_a_page_exists_with_its_options(page: Path) -> None:
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


@cache
def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = _HEADING.findall(_FENCE.sub("", page.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(page: Path) -> Iterator[str]:
    """The relative links of a page that lead nowhere."""
    for link in _LINK.findall(_FENCE.sub("", page.read_text(encoding="utf-8"))):
        target, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        file = page.parent / target if target else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            yield link


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_relative_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    assert list(broken_links(page)) == []


def expanded(path: str) -> list[str]:
    """The path itself; one with `<protocol>` in it for each protocol."""
    folders = [folder.parent.name for folder in (ROOT / "app" / "protocols").glob("*/__init__.py")]
    return [path.replace("<protocol>", folder) for folder in folders] if "<protocol>" in path else [path]


def missing_paths(text: str) -> list[str]:
    """The paths of this repository that a text names and that are not there."""
    named = {path for found in _PATH.findall(text) for path in expanded(found)}
    return sorted(path for path in named if not (ROOT / path).exists())


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    assert missing_paths(page.read_text(encoding="utf-8")) == []


@cache
def names_in(module: Path) -> frozenset[str]:
    """The names that a module defines at its top."""
    found = set()
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)}
    return frozenset(found)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_function_that_a_page_names_is_in_its_module(page: Path) -> None:
    for path, names in _NAMED.findall(page.read_text(encoding="utf-8")):
        for module in expanded(path):
            absent = set(re.findall(r"\w+", names)) - names_in(ROOT / module)
            assert not absent, f"{module} has no {', '.join(sorted(absent))}"


@cache
def prose(module: Path) -> str:
    """The comments and docstrings of a module."""
    source = module.read_text(encoding="utf-8")
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    comments = [token.string for token in tokens if token.type == tokenize.COMMENT]
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, documented)]
    return "\n".join([*comments, *(ast.get_docstring(node) or "" for node in nodes)])


def test_every_path_that_a_comment_names_exists() -> None:
    missing = {name_of(module): paths for module in MODULES if (paths := missing_paths(prose(module)))}
    assert missing == {}


def test_comments_refer_to_pages_of_docs_only() -> None:
    cited = {
        name_of(module): other
        for module in MODULES
        if (other := [p for p in pages_in(prose(module)) if not is_ours(p)])
    }
    assert cited == {}


def pages_in(text: str) -> list[str]:
    """The pages that a comment refers to: files, and sections of pages by their title."""
    return re.findall(r"[\w./-]+\.md\b|\b(?:contract|contract's|reliability) \(?section\b", text, re.IGNORECASE)


def is_ours(page: str) -> bool:
    return page.startswith("docs/") and (ROOT / page).exists()


def test_a_path_that_is_not_there_is_found() -> None:
    assert missing_paths("see app/nothing.py, docs/nothing.md and tests/test_docs.py") == [
        "app/nothing.py",
        "docs/nothing.md",
    ]


def test_the_table_of_errors_has_every_code_with_its_status() -> None:
    rows = re.findall(r"^\| ([\d, ]+) \| ([^|]+) \|", text_of("docs/api.md"), re.MULTILINE)
    told = {
        (int(status), code) for statuses, codes in rows for status in statuses.split(",") for code in codes_in(codes)
    }
    assert {(kind.status, refusal.code) for refusal, kind in KINDS.items()} <= told
    assert {code for _, code in told} == {refusal.code for refusal in KINDS}


def test_the_table_of_warnings_has_every_code() -> None:
    table = text_of("docs/protocols/common.md").partition("## Warnings")[2]
    assert {code for row in re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE) for code in codes_in(row)} == set(
        WARNINGS
    )


def codes_in(cell: str) -> list[str]:
    return re.findall(r"`([\w-]+)`", cell)
