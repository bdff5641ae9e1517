"""Verbs about the installation: plans, going back, rebuilding, and databases that are newer than the program."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.actions.maintenance.backup_manifest import MANIFEST, read_manifest, write_manifest
from app.store.maintenance import migrate as migrations
from tests.cli.conftest import Balai, Verb

CHAIN = [script.revision for script in migrations._chain()]


def execute(data_dir: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(data_dir / "balai.db")) as connection:
        found = connection.execute(statement).fetchall()
        connection.commit()
    return found


def revision(data_dir: Path) -> object:
    return execute(data_dir, "SELECT version_num FROM alembic_version")[0][0]


def test_a_plan_is_shown_and_not_run(verb: Verb, data_dir: Path) -> None:
    nothing = verb("migrate", "--plan")
    assert (nothing.exit_code, nothing.stdout) == (0, "")
    assert "Nothing to do" in nothing.stderr
    back = verb("migrate", "--plan", "--to", CHAIN[-3])
    assert [line.split()[:2] for line in back.stdout.splitlines()] == [[CHAIN[-1], "back:"], [CHAIN[-2], "back:"]]
    assert revision(data_dir) == CHAIN[-1]
    assert verb("migrate", "--to", CHAIN[-3]).exit_code == 0
    plan = verb("migrate", "--plan")
    assert [line.split()[0] for line in plan.stdout.splitlines()] == CHAIN[-2:]
    assert len(plan.stdout.splitlines()[0]) > 20
    assert revision(data_dir) == CHAIN[-3]
    assert verb("migrate", "--plan", "--sql").exit_code == 2


def test_going_back_and_forward_is_told(verb: Verb, data_dir: Path) -> None:
    back = verb("migrate", "--to", CHAIN[-2])
    assert back.exit_code == 0
    assert f"The database is at version {CHAIN[-2]}" in back.stderr
    stopped = verb("verify")
    assert (stopped.exit_code, stopped.stdout) == (1, "")
    assert f"at version {CHAIN[-2]}, this program needs {CHAIN[-1]}. Run: balai migrate" in stopped.stderr
    assert verb("migrate").exit_code == 0
    assert verb("verify").exit_code == 0
    too_far = verb("migrate", "--to", CHAIN[0])
    assert too_far.exit_code == 1
    assert "would delete data" in too_far.stderr
    assert verb("migrate", "--to", "nonsense").exit_code == 1
    assert revision(data_dir) == CHAIN[-1]


@pytest.mark.parametrize(
    "arguments",
    [("migrate",), ("migrate", "--plan"), ("verify",), ("rebuild",), ("key", "list"), ("serve", "--port", "0")],
    ids=" ".join,
)
def test_a_newer_database_is_told_as_such_by_every_verb(
    balai: Balai, verb: Verb, data_dir: Path, arguments: tuple[str, ...]
) -> None:
    execute(data_dir, "UPDATE alembic_version SET version_num = 'ffffffffffff'")
    if arguments[0] == "serve":
        done = balai(*arguments)
        code, said = done.returncode, done.stdout + done.stderr
    else:
        result = verb(*arguments)
        code, said = result.exit_code, result.output
    assert code == 1
    assert "a newer version of Balai has migrated it" in said
    for wrong in ("Run: balai migrate", "Traceback", "edited", "differ"):
        assert wrong not in said


def test_a_backup_of_an_older_database_says_what_to_run_first_and_does_nothing(
    verb: Verb, data_dir: Path, tmp_path: Path
) -> None:
    destination = tmp_path / "backups" / "one"
    assert verb("migrate", "--to", CHAIN[-2]).exit_code == 0
    refused = verb("backup", str(destination))
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == (
        "Nothing was backed up: the database belongs to an older version than this program. Run `balai migrate` "
        "first, then `balai backup` again. For a backup from before the migration, use the previous version.\n"
    )
    assert list(destination.parent.iterdir()) == []
    assert revision(data_dir) == CHAIN[-2]
    assert verb("migrate").exit_code == 0
    assert verb("backup", str(destination)).exit_code == 0


@pytest.mark.parametrize("newer", [{"schema_revision": "ffffffffffff"}, {"format": 2}], ids=["schema", "format"])
def test_a_backup_of_a_newer_version_is_told_as_such(
    verb: Verb, data_dir: Path, tmp_path: Path, newer: dict[str, Any]
) -> None:
    source = tmp_path / "backup"
    assert verb("backup", str(source)).exit_code == 0
    made = replace(read_manifest(source), program_version="9.1.0", **newer)
    (source / MANIFEST).write_text(write_manifest(made))
    for file in data_dir.glob("balai.db*"):
        file.unlink()
    refused = verb("restore", str(source))
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "A newer version of Balai made this backup (9.1.0" in refused.stderr
    assert f"with that version or a later one: balai restore {source}" in refused.stderr
    assert not (data_dir / "balai.db").exists()


def test_a_rebuild_mends_what_verify_names(verb: Verb, data_dir: Path) -> None:
    verb("key", "create", "--national")
    execute(data_dir, "DELETE FROM credentials")
    assert verb("verify").exit_code == 1
    made = verb("rebuild")
    assert made.exit_code == 0
    assert "keys: 1" in made.stderr
    assert verb("verify").exit_code == 0
    execute(data_dir, "DROP TRIGGER ledger_no_update")
    execute(data_dir, "UPDATE ledger SET body = 'x'")
    refused = verb("rebuild")
    assert refused.exit_code == 1
    assert "position 1 was edited" in refused.stderr
