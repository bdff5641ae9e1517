"""Verbs that end: what they print where, what they change, and their exit codes."""

import gzip
import json
import os
import sqlite3
from pathlib import Path

import pytest

from app.actions.maintenance.verify import Verified
from app.domain.ledger import START
from tests.cli.conftest import Balai, Verb

KEY = r"^balai_[0-9a-f]{12}_[A-Za-z0-9_-]{43}\n$"
AREAS = "code,name,level,type,parent_code\n33,Jawa Tengah,province,provinsi,\n33.74,Kota Semarang,regency,kota,33\n"
FACILITIES = (
    "facility_id,kind,name,area_code,operated_by,lat,lon,phone,identifiers\n"
    "rs-1,hospital,RS Satu,33.74,city,-6.9,110.4,,sirs=3374001;bpjs=1199R001\n"
)


def write(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_key_from_a_script_is_alone_on_standard_output(balai: Balai) -> None:
    import re

    made = balai("key", "create", "--national", "--name", "command centre")
    assert made.returncode == 0
    assert re.match(KEY, made.stdout)
    assert "shown only now" in made.stderr
    assert made.stdout.strip() not in made.stderr


def test_a_key_is_listed_rotated_and_revoked_without_its_secret(verb: Verb) -> None:
    key = verb("key", "create", "--national", "--name", "centre", "--expires-days", "30").stdout.strip()
    prefix, secret = key.split("_", 2)[1:]
    listed = verb("key", "list").stdout
    assert prefix in listed
    assert "centre" in listed
    assert secret not in listed
    second = verb("key", "rotate", prefix).stdout.strip()
    assert second != key
    third = verb("key", "rotate", prefix)
    assert (third.exit_code, third.stdout) == (1, "")
    # A whole key, pasted by mistake, is not repeated in what is said.
    revoked = verb("key", "revoke", key)
    assert revoked.exit_code == 0
    assert secret not in revoked.output
    states = [line.split()[1] for line in verb("key", "list").stdout.splitlines()[1:]]
    assert sorted(states) == ["revoked", "valid"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("key", "create"), 2),
        (("key", "create", "--national", "--area", "33"), 2),
        (("key", "create", "--national", "--expires-days", "0"), 2),
        (("key", "create", "--area", "99"), 1),
        (("key", "create", "--facility", "nowhere"), 1),
        (("key", "revoke", "000000000000"), 1),
        (("key", "lend"), 2),
        (("seed", "jakarta"), 2),
        (("serve", "--seed", "jakarta"), 2),
        (("serve", "--port", "many"), 2),
        (("serve", "--port", "70000"), 2),
        (("replay", "none.csv"), 2),
        (("replay", "none.csv", "--key", "k"), 1),
        (("replay", "none.csv", "--key", "k", "--url", "localhost:8000"), 2),
        (("replay", "none.csv", "--key", "k", "--batch", "1001"), 2),
        (("import", "areas", "none.csv"), 1),
        (("import", "areas"), 2),
        (("unknown",), 2),
    ],
)
def test_what_cannot_be_done_ends_in_a_sentence_and_its_code(verb: Verb, arguments: tuple[str, ...], code: int) -> None:
    ended = verb(*arguments)
    assert ended.exit_code == code
    assert ended.stdout == ""
    assert ended.stderr
    assert "Traceback" not in ended.stderr


def test_areas_are_imported_with_the_country_that_they_lack(verb: Verb, tmp_path: Path) -> None:
    file = tmp_path / "areas.csv.gz"
    file.write_bytes(gzip.compress(AREAS.encode()))
    first, second = verb("import", "areas", str(file)), verb("import", "areas", str(file))
    assert first.stdout == "2 areas read, 3 new or changed in the registry.\n"
    assert "Indonesia (ID) is put above" in first.stderr
    assert second.stdout == "2 areas read, 0 new or changed in the registry.\n"


def test_the_tree_of_another_country_keeps_its_own_country(verb: Verb, tmp_path: Path) -> None:
    rows = "DE,Deutschland,country,Bund,\nDE.01,Schleswig-Holstein,province,Land,\n"
    file = write(tmp_path / "de.csv", "code,name,level,type,parent_code\n" + rows)
    assert verb("import", "areas", file).stdout == "2 areas read, 2 new or changed in the registry.\n"


def test_facilities_are_imported_and_repeating_it_changes_nothing(verb: Verb, tmp_path: Path) -> None:
    verb("import", "areas", write(tmp_path / "a.csv", AREAS))
    file = write(tmp_path / "f.csv", FACILITIES)
    assert verb("import", "facilities", file).stdout == "1 facilities read, 1 new in the registry.\n"
    assert verb("import", "facilities", file).stdout == "1 facilities read, 0 new in the registry.\n"
    assert verb("key", "create", "--facility", "sirs:3374001").exit_code == 0
    taken = FACILITIES.replace("rs-1", "rs-2")
    refused = verb("import", "facilities", write(tmp_path / "f2.csv", taken))
    assert refused.exit_code == 1
    assert "3374001" in refused.stderr or "1199R001" in refused.stderr


def test_an_update_fills_in_phones_and_touches_nothing_else(verb: Verb, tmp_path: Path) -> None:
    verb("import", "areas", write(tmp_path / "a.csv", AREAS))
    verb("import", "facilities", write(tmp_path / "f.csv", FACILITIES))
    phones = write(tmp_path / "p.csv", "facility_id,phones\nrs-1,024 1; +62 811 1\n")
    update = ("import", "facilities", "--update", phones)
    would = verb(*update, "--dry-run").stdout
    assert would.startswith("1 facilities read: 1 would change; nothing was changed (--dry-run), 0 unchanged")
    assert verb(*update).stdout == "1 facilities read: 1 changed, 0 unchanged, 0 refused.\n"
    assert verb(*update).stdout == "1 facilities read: 0 changed, 1 unchanged, 0 refused.\n"
    by_code = write(tmp_path / "s.csv", "facility_id,contact_name\nsirs:3374001,Posko\n")
    assert verb("import", "facilities", "--update", by_code).stdout.startswith("1 facilities read: 1 changed")
    empty = write(tmp_path / "e.csv", "facility_id,phones,name\nrs-1,,\n")
    assert verb("import", "facilities", "--update", empty).stdout.endswith("0 changed, 1 unchanged, 0 refused.\n")
    assert verb("verify").exit_code == 0


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ("facility_id,phones\nrs-1,024 1\nrs-9,024 2\n", "line 3: facility_id: there is no facility 'rs-9'"),
        ("facility_id,phones\nrs-1,024 1\nrs-1,024 2\n", "line 3: rs-1 already appears on line 2"),
        ("facility_id,phones\nrs-1,12\n", "line 2: contact/phones/0: must be 3 to 30 digits"),
        ("facility_id,lat\nrs-1,-7\n", "line 2: lat and lon must be given together"),
        ("facility_id,phnes\nrs-1,024 1\n", "line 1: the header line has nothing to change"),
    ],
)
def test_of_an_update_with_a_fault_nothing_is_changed(verb: Verb, tmp_path: Path, rows: str, fault: str) -> None:
    verb("import", "areas", write(tmp_path / "a.csv", AREAS))
    verb("import", "facilities", write(tmp_path / "f.csv", FACILITIES))
    refused = verb("import", "facilities", "--update", write(tmp_path / "u.csv", rows))
    assert refused.exit_code == 1
    assert fault in refused.stderr
    assert refused.stderr.splitlines()[-1] == "Nothing was changed: 1 row is refused."
    good = write(tmp_path / "g.csv", "facility_id,phones\nrs-1,024 1\n")
    assert verb("import", "facilities", "--update", good).stdout.startswith("1 facilities read: 1 changed")


def test_of_a_file_with_faults_nothing_is_imported_and_each_is_named_by_line(verb: Verb, tmp_path: Path) -> None:
    rows = AREAS + "33.74.01,X,district,kecamatan,33.99\n33.75,,regency,kota,33\n"
    own = verb("import", "areas", write(tmp_path / "own.csv", rows))
    assert own.exit_code == 1
    assert own.stderr.splitlines()[-1] == "line 5: name is empty"
    registrys = verb("import", "areas", write(tmp_path / "r.csv", rows.replace("33.75,,", "33.75,Y,")))
    assert registrys.exit_code == 1
    assert registrys.stderr.splitlines()[-1] == "line 4: parent: there is no area '33.99'"
    assert verb("key", "create", "--area", "33").exit_code == 1


def test_seeding_twice_loads_once(verb: Verb) -> None:
    assert verb("seed", "semarang").stdout == "Kota Semarang: 199 areas, 82 facilities and 194 outlines were new.\n"
    assert verb("seed", "semarang").stdout == "Kota Semarang: 0 areas, 0 facilities and 0 outlines were new.\n"
    assert verb("verify").exit_code == 0


SQUARE = '{"type":"Polygon","coordinates":[[[110,-7],[110.1,-7],[110.1,-6.9],[110,-7]]]}'


def test_boundaries_are_imported_all_or_none(verb: Verb, tmp_path: Path) -> None:
    def geojson(*codes: str) -> str:
        features = [f'{{"type":"Feature","properties":{{"code":"{code}"}},"geometry":{SQUARE}}}' for code in codes]
        return write(tmp_path / "b.geojson", '{"type":"FeatureCollection","features":[' + ",".join(features) + "]}")

    verb("import", "areas", write(tmp_path / "a.csv", AREAS))
    unknown = verb("import", "boundaries", geojson("33.74", "99"))
    assert unknown.exit_code == 1
    assert "#/features/1/properties/code: there is no area '99'" in unknown.stderr
    assert verb("import", "boundaries", geojson("33.74"), "--attribution", "Me").stdout == "1 outlines imported.\n"
    for text in ("", "[" * 100_000, '{"type":"FeatureCollection","features":NaN}', "\x80"):
        refused = verb("import", "boundaries", write(tmp_path / "bad.geojson", text))
        assert (refused.exit_code, "is not GeoJSON" in refused.stderr) == (1, True), text[:20]
    assert verb("import", "boundaries", str(tmp_path / "none.geojson")).exit_code == 1


def test_a_city_that_was_seeded_before_there_were_outlines_gets_them(verb: Verb) -> None:
    verb("seed", "semarang")
    database = sqlite3.connect(Path(os.environ["BALAI_DATA_DIR"]) / "balai.db")
    database.execute("DELETE FROM outlines WHERE code LIKE '33.74.01%'")
    database.commit()
    database.close()
    assert verb("seed", "semarang").stdout == "Kota Semarang: 0 areas, 0 facilities and 16 outlines were new.\n"


def test_verify_prints_each_difference_and_ends_with_1(verb: Verb, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.cli import upkeep

    async def two(_url: str, **_: object) -> Verified:
        return Verified(["area 33: this", "area 34: that"], START, START)

    monkeypatch.setattr(upkeep, "examine", two)
    ended = verb("verify")
    assert (ended.exit_code, ended.stdout) == (1, "area 33: this\narea 34: that\n")
    assert "2 differences" in ended.stderr


def test_migrate_makes_a_data_folder_for_its_owner_alone(balai: Balai, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    assert balai("migrate", BALAI_DATA_DIR=str(folder)).returncode == 0
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "balai.db").is_file()


@pytest.mark.skipif(os.name != "posix" or not Path("/dev/null").exists(), reason="needs /dev/null")
def test_a_data_folder_that_cannot_be_made_is_a_sentence(verb: Verb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BALAI_DATA_DIR", "/dev/null/data")
    ended = verb("migrate")
    assert ended.exit_code == 1
    assert "cannot be created" in ended.stderr


def test_a_verb_before_the_database_exists_says_what_to_run(verb: Verb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BALAI_DATA_DIR", "elsewhere")
    for arguments in (("key", "list"), ("verify",), ("seed", "semarang")):
        ended = verb(*arguments)
        assert ended.exit_code == 1
        assert ended.stderr == "There is no database in elsewhere yet. Run: balai migrate\n"


def test_a_database_of_another_version_says_what_to_run(
    verb: Verb, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (data_dir / "balai.db").write_bytes(b"")
    ended = verb("key", "list")
    assert ended.exit_code == 1
    assert "balai migrate" in ended.stderr


def test_a_bad_setting_ends_every_verb_with_2_and_a_typing_mistake_only_warns(balai: Balai) -> None:
    bad = balai("key", "list", BALAI_PORT="x", BALAI_WORKERS="y")
    assert (bad.returncode, bad.stdout, len(bad.stderr.splitlines())) == (2, "", 2)
    typo = balai("key", "list", BALAI_DATADIR="x")
    assert typo.returncode == 0
    assert "did you mean BALAI_DATA_DIR?" in typo.stderr


def test_the_document_of_the_api_is_printed_without_a_database(balai: Balai) -> None:
    printed = balai("openapi", BALAI_DATA_DIR="/nowhere")
    assert printed.returncode == 0
    assert json.loads(printed.stdout)["openapi"].startswith("3.1")


def test_times_in_the_future_are_dated_anew(verb: Verb) -> None:
    assert verb("seed", "semarang").exit_code == 0
    never = verb("redate", "--facility", "rs-3374010", "--channel", "native")
    assert never.exit_code == 1
    assert "never reported" in never.stderr
