"""The folder of a demo and that of a real installation are kept apart."""

from pathlib import Path

import pytest
import typer

from app.cli.demo.folder import open_demo, save
from app.cli.serve import DEMO_MARK
from tests.cli.conftest import Balai


def test_a_new_folder_is_marked_before_anything_else_is_in_it(tmp_path: Path) -> None:
    open_demo(tmp_path / "new", 1, fresh=False)
    assert [file.name for file in (tmp_path / "new").iterdir()] == [DEMO_MARK]
    assert (tmp_path / "new" / DEMO_MARK).stat().st_mode & 0o077 == 0


def test_a_later_start_finds_its_keys(tmp_path: Path) -> None:
    access = open_demo(tmp_path, 1, fresh=False)
    access.key, access.logins = "balai_x", {"rs-a": {"sirs": {"x_pass": "y"}}}
    save(tmp_path, access)
    assert open_demo(tmp_path, 1, fresh=False) == access


@pytest.mark.parametrize("name", ["balai.db", "secret.key", "notes.txt"])
def test_a_folder_with_anything_else_is_refused_and_kept(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_text("real")
    for fresh in (False, True):
        with pytest.raises(typer.Exit):
            open_demo(tmp_path, 1, fresh=fresh)
    assert "Nothing was changed" in capsys.readouterr().err
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [(name, "real")]


def test_another_seed_needs_a_fresh_start_which_deletes_only_the_demo(tmp_path: Path) -> None:
    access = open_demo(tmp_path, 1, fresh=False)
    access.key = "balai_x"
    save(tmp_path, access)
    for name in ("balai.db", "secret.key", "notes.txt"):
        (tmp_path / name).write_text("")
    with pytest.raises(typer.Exit):
        open_demo(tmp_path, 2, fresh=False)
    again = open_demo(tmp_path, 2, fresh=True)
    assert (again.seed, again.key) == (2, "")
    assert {file.name for file in tmp_path.iterdir()} == {DEMO_MARK, "notes.txt"}


def test_a_damaged_mark_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / DEMO_MARK).write_text("{")
    with pytest.raises(typer.Exit):
        open_demo(tmp_path, 1, fresh=False)
    assert "--fresh" in capsys.readouterr().err


def test_a_real_server_does_not_serve_the_folder_of_a_demo(balai: Balai, data_dir: Path) -> None:
    (data_dir / DEMO_MARK).write_text("{}")
    refused = balai("serve", "--port", "0")
    assert refused.returncode == 1
    assert "holds a demo with invented figures" in refused.stderr


def test_a_demo_does_not_serve_the_folder_of_a_real_installation(balai: Balai, data_dir: Path) -> None:
    before = (data_dir / "balai.db").read_bytes()
    refused = balai("demo", "--port", "0", "--data-dir", str(data_dir))
    assert refused.returncode == 1
    assert "not the folder of a demo" in refused.stderr
    assert (data_dir / "balai.db").read_bytes() == before
    assert [file.name for file in data_dir.iterdir()] == ["balai.db"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("DATABASE_URL", "postgresql://balai@127.0.0.1:1/balai"), ("RELAY_SIRS_URL", "https://sirs.example.go.id")],
)
def test_a_demo_uses_no_other_database_and_no_upstream(balai: Balai, tmp_path: Path, name: str, value: str) -> None:
    refused = balai("demo", "--port", "0", "--data-dir", str(tmp_path / "demo"), **{f"BALAI_{name}": value})
    assert refused.returncode == 1
    assert "unset BALAI_DATABASE_URL" in refused.stderr
    assert not (tmp_path / "demo").exists()
