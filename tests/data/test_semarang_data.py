"""The project's own facts of Kota Semarang: whole, consistent, and true to what was published."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from app.domain.registry.area import AreaLevel, is_area_code
from app.domain.registry.facility import FACILITY_ID_PATTERN, IDENTIFIER_PATTERN, SYSTEM_PATTERN, FacilityKind

ROOT = Path(__file__).resolve().parents[2]
SEMARANG = ROOT / "app" / "data" / "semarang"
PUBLISHED = ROOT.parent / "shared" / "data"

AREA_COLUMNS = "code,name,level,type,parent_code,lat,lon,source"
FACILITY_COLUMNS = (
    "facility_id,kind,name,area_code,operated_by,lat,lon,phone,identifiers,address,"
    "opened_on,closed_on,beds_stated,beds_stated_at,source"
)
OPERATORS = {"country", "province", "city", "kelurahan", "rw", "private", "military", "police"}

# The city's outline measures lat -7.1155 to -6.9337, lon 110.2697 to 110.5053.
LAT = (-7.12, -6.93)
LON = (110.26, 110.51)

Row = dict[str, str]


def rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text, strict=True))


AREAS = rows(SEMARANG / "areas.csv")
FACILITIES = rows(SEMARANG / "facilities.csv")
# Their published points lie outside their outlines; these are the published inner points.
MOVED = ("33.74.05.1012", "33.74.16.1006")
AREA_OF = {row["code"]: row for row in AREAS}
FACILITY_OF = {row["facility_id"]: row for row in FACILITIES}


def published(name: str) -> list[Row]:
    """The list that a file here was made from; skips the test where it does not lie beside the project."""
    if not (PUBLISHED / name).is_file():
        pytest.skip("shared/data is not beside the project")
    return rows(PUBLISHED / name)


@pytest.mark.parametrize(("name", "columns"), [("areas", AREA_COLUMNS), ("facilities", FACILITY_COLUMNS)])
def test_files_are_plain_csv(name: str, columns: str) -> None:
    raw = (SEMARANG / f"{name}.csv").read_bytes()
    assert raw.decode("utf-8").split("\n")[0] == columns
    assert not raw.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in raw
    assert raw.endswith(b"\n")


def test_no_cell_begins_a_formula_or_is_padded() -> None:
    for row in AREAS + FACILITIES:
        for column, cell in row.items():
            assert cell is not None, f"{column} is missing in {row}"
            assert cell == cell.strip()
            assert not cell.startswith(("=", "+", "@"))
            assert not cell.startswith("-") or re.fullmatch(r"-\d+\.\d+", cell)


def test_areas_are_counted_by_level() -> None:
    assert Counter(row["level"] for row in AREAS) == {
        "country": 1,
        "province": 1,
        "city": 1,
        "kecamatan": 16,
        "kelurahan": 177,
        "rw": 3,
    }


def test_each_area_has_one_code_and_a_parent_one_level_above_that_came_before() -> None:
    seen: dict[str, AreaLevel] = {}
    for row in AREAS:
        code, level = row["code"], AreaLevel(row["level"])
        assert is_area_code(code)
        assert code not in seen
        if level is AreaLevel.country:
            assert row["parent_code"] == ""
        else:
            assert seen[row["parent_code"]].depth == level.depth - 1
        seen[code] = level


def test_each_area_has_a_name_a_type_and_a_source() -> None:
    assert all(row["name"] and row["type"] and row["source"] for row in AREAS)


def test_rw_codes_are_the_kelurahans_plus_three_digits() -> None:
    for row in AREAS:
        if row["level"] == "rw":
            number = row["code"].removeprefix(row["parent_code"] + ".")
            assert re.fullmatch(r"\d{3}", number)
            assert row["name"] == f"RW {int(number):02d}"


def test_facilities_are_counted_by_kind() -> None:
    assert Counter(row["kind"] for row in FACILITIES) == {
        "hospital": 31,
        "clinic": 37,
        "isolation_site": 11,
        "rw_hall": 3,
    }


def test_each_facility_has_its_own_id_that_can_be_typed() -> None:
    assert len(FACILITY_OF) == len(FACILITIES)
    for facility_id in FACILITY_OF:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", facility_id)
        assert re.fullmatch(FACILITY_ID_PATTERN, facility_id)


def test_each_facility_stands_in_a_known_area_of_the_city() -> None:
    for row in FACILITIES:
        FacilityKind(row["kind"])
        assert row["name"]
        assert row["source"]
        assert row["operated_by"] in OPERATORS
        assert row["area_code"] in AREA_OF
        assert row["area_code"].split(".")[:2] == ["33", "74"]


def test_an_rw_hall_stands_in_its_rw_and_is_run_by_it() -> None:
    for row in FACILITIES:
        if row["kind"] == "rw_hall":
            assert AREA_OF[row["area_code"]]["level"] == "rw"
            assert AREA_OF[row["area_code"]]["name"] in row["name"]
            assert row["operated_by"] == "rw"


def test_every_rw_of_the_tree_is_there_for_a_hall() -> None:
    used = {row["area_code"] for row in FACILITIES}
    assert {row["code"] for row in AREAS if row["level"] == "rw"} <= used


def test_identifiers_are_unique_per_system() -> None:
    identifiers = [part for row in FACILITIES for part in row["identifiers"].split(";") if part]
    assert len(set(identifiers)) == len(identifiers) == 28 + 37
    for identifier in identifiers:
        system, value = identifier.split("=")
        assert re.fullmatch(SYSTEM_PATTERN, system)
        assert re.fullmatch(IDENTIFIER_PATTERN, value)


def test_coordinates_come_in_pairs_and_lie_in_the_city() -> None:
    beyond = {"ID", "33"}
    for row in [row for row in AREAS if row["code"] not in beyond] + FACILITIES:
        assert (row["lat"] == "") == (row["lon"] == "")
        if row["lat"]:
            assert LAT[0] < float(row["lat"]) < LAT[1]
            assert LON[0] < float(row["lon"]) < LON[1]


def test_stated_beds_are_whole_and_dated() -> None:
    for row in FACILITIES:
        assert (row["beds_stated"] == "") == (row["beds_stated_at"] == "")
        if row["beds_stated"]:
            assert int(row["beds_stated"]) > 0
            assert re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?", row["beds_stated_at"])


def test_nothing_is_said_to_be_opened_or_closed() -> None:
    """No source states it of today, and a site of 2021 is loaded as an example (see the README)."""
    assert all(row["opened_on"] == row["closed_on"] == "" for row in FACILITIES)


def test_each_source_is_explained() -> None:
    readme = (SEMARANG / "README.md").read_text(encoding="utf-8")
    for row in AREAS + FACILITIES:
        for source in row["source"].split():
            assert f"| `{source}` |" in readme
    assert "Copyright Cahya DSN" in readme


def _coordinate(row: Row, name: str) -> str:
    return f"{float(row[f'inner_{name}']):.5f}" if row["code"] in MOVED else row[name]


def test_areas_are_the_published_ones() -> None:
    levels = {"regency": "city", "district": "kecamatan", "village": "kelurahan"}
    expected = [
        (
            row["code"],
            row["name"],
            levels.get(row["level"], row["level"]),
            row["type"],
            row["parent_code"] or "ID",
            *(_coordinate(row, name) for name in ("lat", "lon")),
        )
        for row in published("areas_semarang.csv")
    ]
    columns = AREA_COLUMNS.split(",")[:-1]
    ours = [tuple(row[column] for column in columns) for row in AREAS if row["level"] not in ("country", "rw")]
    assert ours == expected


def test_hospitals_are_the_published_ones() -> None:
    hospitals = published("hospitals_semarang.csv")
    assert len(hospitals) == 31
    for row in hospitals:
        ours = FACILITY_OF[f"rs-{row['key']}"]
        assert ours["name"] == row["name"]
        assert ours["address"] == row["address"]
        assert ours["identifiers"] == (f"sirs={row['sirs_code']}" if row["sirs_code"] else "")
        assert ours["area_code"] == (row["kelurahan_code"] or row["kecamatan_code"] or "33.74")
        assert (ours["lat"], ours["lon"]) == (row["lat"], row["lon"])
        assert ours["beds_stated"] == (row["beds_total_2021"] or row["beds_total_2020"])


def test_puskesmas_are_the_published_ones_but_for_four_names_and_five_places() -> None:
    puskesmas = published("puskesmas_semarang.csv")
    assert len(puskesmas) == 37
    renamed, unplaced = set(), set()
    for row in puskesmas:
        ours = FACILITY_OF[f"pkm-{row['code'].lower()}"]
        assert ours["identifiers"] == f"puskesmas={row['code']}"
        assert ours["area_code"] in (row["kecamatan_code"], row["coord_kelurahan_code"])
        assert ours["area_code"].startswith(row["kecamatan_code"])
        if ours["name"] != f"Puskesmas {row['name']}":
            renamed.add(row["name"])
        if (ours["lat"], ours["lon"]) != (row["lat"], row["lon"]):
            assert (ours["lat"], ours["lon"]) == ("", "")
            assert row["coord_note"]
            unplaced.add(row["name"])
    assert renamed == {"Ngalian", "Pundakpayung", "Telogosari Kulon", "Telogosari Wetan"}
    assert unplaced == {"Gunung Pati", "Bulu Lor", "Miroto", "Manyaran", "Mangkang"}


def test_isolation_sites_are_the_published_ones_but_for_the_place_of_one() -> None:
    sites = published("isolation_sites_semarang.csv")
    observations = published("isolation_site_observations.csv")
    assert len(sites) == 14
    for row in sites:
        ours = FACILITY_OF[f"iso-{row['site_id']}"]
        assert ours["name"] == row["name"]
        if row["site_id"] != "kesambi":  # the published list has no address of it; another page has
            area = ".".join(filter(None, [row["kelurahan_code"] or row["kecamatan_code"], row["rw"]]))
            assert (ours["area_code"], ours["address"]) == (area, row["address"])
        said = [
            (o["date"], o["capacity"])
            for o in observations
            if o["site_id"] == row["site_id"] and o["unit"] == "beds" and o["status"] == "open" and o["date"]
        ]
        assert (ours["beds_stated_at"], ours["beds_stated"]) == max(said, default=("", ""))
