"""`balai hospital`: doors from a script, rows taken over from a file, what came in and what waits."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Verb

ADD = ("hospital", "add", "--facility-id", "rs-new", "--name", "RS Baru", "--sirs", "3374999", "--bpjs", "1199R001")
ROWS = {"fasyankes": [{"id_t_tt": "34450001", "id_tt": "3", "ruang": "Melati", "jumlah": "12", "terpakai": "9"}]}


@pytest.fixture
def added(verb: Verb) -> dict[str, dict[str, str]]:
    assert verb("seed", "semarang").exit_code == 0
    done = verb(*ADD, "--area", "33.74.01.1001", "--json")
    assert done.exit_code == 0, done.stderr
    typed: dict[str, dict[str, str]] = json.loads(done.stdout)
    return typed


def test_add_prints_what_to_type_and_nothing_else_as_json(added: dict[str, dict[str, str]]) -> None:
    assert set(added) == {"facility_id", "sirs", "aplicares", "siranap_v1"}
    assert added["facility_id"] == "rs-new"
    assert added["sirs"]["base_url"] == "http://127.0.0.1:8000/fo/index.php"
    assert {added[each]["host_url"] for each in ("sirs", "aplicares", "siranap_v1")} == {"http://127.0.0.1:8000"}
    assert added["sirs"]["x_rs_id"] == "3374999"
    assert added["aplicares"]["kodeppk"] == "1199R001"


def test_a_second_add_is_refused_and_rotation_shows_new_secrets_for_a_person(
    added: dict[str, dict[str, str]], verb: Verb
) -> None:
    again = verb(*ADD)
    assert again.exit_code == 1
    assert "rotate" in again.stderr
    rotated = verb("hospital", "rotate", "sirs:3374999", "--door", "sirs", "--public-url", "https://beds.example.go.id")
    assert rotated.exit_code == 0
    assert "base_url  https://beds.example.go.id/fo/index.php\n" in rotated.stdout
    assert "host_url  https://beds.example.go.id\n" in rotated.stdout
    assert added["sirs"]["x_pass"] not in rotated.stdout
    listed = verb("hospital", "list").stdout
    assert listed.count("rs-new  sirs") == 2
    assert added["sirs"]["x_pass"] not in listed
    assert verb("hospital", "revoke", "rs-new", "--old").stdout.count("revoked") == 1
    assert verb("hospital", "revoke", "--facility-id", "rs-new").stdout.count("revoked") == 3
    for wrong in (("rs-new", "--facility-id", "rs-new"), ()):
        assert verb("hospital", "rotate", *wrong).exit_code == 2


def test_a_secret_of_elsewhere_is_asked_for_and_not_an_argument(verb: Verb, data_dir: Path) -> None:
    from typer.testing import CliRunner

    from app.cli import app

    assert verb("seed", "semarang").exit_code == 0
    arguments = [*ADD, "--area", "33.74.01.1001", "--keep-aplicares", "1000", "--json"]
    done = CliRunner().invoke(app, arguments, input="rahasia-uji\n")
    assert done.exit_code == 0, done.output
    typed = json.loads(done.stdout.splitlines()[-1])
    assert (typed["aplicares"]["cons_id"], typed["aplicares"]["secret"]) == ("1000", "rahasia-uji")
    assert b"rahasia-uji" not in (data_dir / "balai.db").read_bytes()


def test_rows_are_taken_over_from_a_file(added: dict[str, dict[str, str]], verb: Verb, tmp_path: Path) -> None:
    file = tmp_path / "rows.json"
    file.write_text(json.dumps(ROWS))
    done = verb("hospital", "import-rows", str(file), "--facility-id", added["facility_id"])  # type: ignore[arg-type]
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("1 rows of rs-new")
    file.write_text('{"fasyankes":[{"id_t_tt":"1"}]}')
    untyped = verb("hospital", "import-rows", str(file), "--facility-id", "rs-new")
    assert "1 rows have no bed type (id_tt). They were NOT imported: 1." in untyped.stdout
    for text, why in [("{", "is not JSON"), ("{}", "must be the list of rows")]:
        file.write_text(text)
        refused = verb("hospital", "import-rows", str(file), "--facility-id", "rs-new")
        assert refused.exit_code == 1
        assert why in refused.stderr
    assert verb("hospital", "import-rows", str(tmp_path / "none"), "--facility-id", "rs-new").exit_code == 1
    file.write_text(json.dumps(ROWS))
    assert verb("hospital", "import-rows", str(file), "--sirs", "3374999").exit_code == 0


def test_what_was_taken_over_is_told_so_that_an_officer_can_look_at_it(
    added: dict[str, dict[str, str]], verb: Verb, tmp_path: Path
) -> None:
    [row] = ROWS["fasyankes"]
    rows = [
        {**row, "tglupdate": "2024-11-03 08:15:40"},
        {**row, "id_t_tt": "34450002", "tglupdate": "2026-06-20 21:02:10"},
        {**row, "id_t_tt": None, "ruang": "Tanpa id"},
        {**dict.fromkeys(row), "id_tt": "9"},
    ]
    file = tmp_path / "rows.json"
    file.write_text(json.dumps({"fasyankes": rows}))
    done = verb("hospital", "import-rows", str(file), "--facility-id", "rs-new")
    assert done.exit_code == 0, done.stderr
    told = done.stdout
    assert told.startswith("2 rows of rs-new were imported, as of 2024-11-03 08:15:40 to 2026-06-20 21:02:10 WIB.")
    assert "1 bed types have no row (id_tt 9)" in told
    assert "NOT imported" in told
    assert "Tanpa id" in told
    assert "34450002  same_name: " in told
    assert "34450001  2024-11-03 08:15:40" in told.partition("older than 30 days")[2]
    assert verb("hospital", "drop-rows", "rs-new", "34450001", "1").exit_code == 1  # all or none
    dropped = verb("hospital", "drop-rows", "rs-new", "34450001", "34450002")
    assert (dropped.exit_code, dropped.stdout) == (0, "2 rows of rs-new were dropped.\n")


def test_what_is_not_there_is_a_sentence(added: dict[str, dict[str, str]], verb: Verb) -> None:
    assert verb("hospital", "waiting", "rs-new").stdout == ""
    assert verb("hospital", "messages", "rs-new").stdout == ""
    for command in ("waiting", "messages", "rotate", "revoke"):
        refused = verb("hospital", command, "nothing")
        assert refused.exit_code == 1
        assert "nothing" in refused.stderr
    assert verb("hospital", "complete", "rs-new", "1", "--id-tt", "3").exit_code == 1
    assert verb("hospital", "add", "--facility-id", "x").exit_code == 1


def test_a_secret_that_cannot_be_sent_in_a_header_is_refused_by_its_name(verb: Verb) -> None:
    from typer.testing import CliRunner

    from app.cli import app

    assert verb("seed", "semarang").exit_code == 0
    kept = CliRunner().invoke(app, [*ADD, "--area", "33.74.01.1001", "--keep-sirs"], input="sandi-\u00e9\n")
    assert kept.exit_code == 1
    assert "#/given/sirs_password: may only contain printable ASCII" in kept.stderr
    assert verb(*ADD, "--area", "33.74.01.1001").exit_code == 0
    deposited = CliRunner().invoke(app, ["relay", "deposit", "rs-new", "sirs"], input="3374999\nsandi-uji \n")
    assert deposited.exit_code == 1
    assert "#/x_pass: must not begin or end with a space" in deposited.stderr
    assert "sandi" not in deposited.stderr


def test_secrets_are_sealed_anew_and_what_still_needs_the_old_key_is_named(
    verb: Verb, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = "o" * 64, "n" * 64
    monkeypatch.setenv("BALAI_SECRET_KEY", old)
    assert verb("seed", "semarang").exit_code == 0
    assert verb(*ADD, "--area", "33.74.01.1001").exit_code == 0
    assert verb("secrets", "reseal").stdout == "0 logins and 0 relay accounts were resealed.\n"
    monkeypatch.setenv("BALAI_SECRET_KEY", f"{new},{old}")
    first, *rest = verb("secrets", "reseal").stdout.splitlines()
    assert first == "1 logins and 0 relay accounts were resealed."
    assert rest[0].startswith("2 passwords are stored as digests")
    assert [line.split()[:2] for line in rest[1:]] == [["rs-new", "sirs"], ["rs-new", "siranap_v1"]]
    assert verb("verify").exit_code == 0
    monkeypatch.setenv("BALAI_SECRET_KEY", "x" * 64)
    assert "not the one that this database needs" in verb("secrets", "reseal").stderr
    assert verb("secrets", "accept-new-key", "--yes").exit_code == 0
    lost = verb("secrets", "reseal")
    assert lost.exit_code == 1
    assert "no given key decrypts it: key " in lost.stdout
