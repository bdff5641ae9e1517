"""Verbs about the installation: plans, going back, rebuilding, and databases that are newer than the program."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.store import migrate as migrations
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
