"""Rows as areas and facilities."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.cli.csv_rows import FileRefused
from app.cli.registry import SEMARANG
from app.cli.registry_rows import read_areas, read_facilities
from app.domain.registry.area import Area, AreaLevel
from app.domain.registry.contact import Contact
from app.domain.registry.facility import Facility, FacilityKind

AREA_HEADER = "code,name,level,type,parent_code,lat,lon\n"
FACILITY_HEADER = "facility_id,kind,name,area_code,operated_by,lat,lon,phone,identifiers\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rows.csv"


def area_faults(path: Path, rows: str) -> list[str]:
    path.write_text(AREA_HEADER + rows)
    with pytest.raises(FileRefused) as told:
        read_areas(path)
    return str(told.value).splitlines()


def facility_faults(path: Path, rows: str) -> list[str]:
    path.write_text(FACILITY_HEADER + rows)
    with pytest.raises(FileRefused) as told:
        read_facilities(path)
    return str(told.value).splitlines()


def test_areas_are_read_with_their_lines_and_levels_by_any_of_their_names(path: Path) -> None:
    path.write_text("name,code,level,parent_code,more\nSatu,33.1,regency,33,x\nDua,33.1.2,kecamatan,33.1,\n")
    assert read_areas(path) == [
        (2, Area("33.1", "Satu", AreaLevel.city, "city", "33")),
        (3, Area("33.1.2", "Dua", AreaLevel.kecamatan, "kecamatan", "33.1")),
    ]


def test_each_wrong_area_is_told(path: Path) -> None:
    told = area_faults(
        path,
        "33..1,X,city,kota,33,,\n"
        "33.2,,city,kota,33,,\n"
        "33.3,X,town,kota,33,,\n"
        "33.4,X,city,kota,3 3,,\n"
        "33.5,X,city,kota,33,91,0\n"
        "33.6,X,city,kota,33,nan,1e3\n"
        "33.7,X,city,kota,33,1,\n"
        "33.8,X,city,kota,33,,\n"
        "33.8,Y,city,kota,33,,\n" + f"33.9,{'n' * 201},city,kota,33,,\n",
    )
    lines = [sentence.partition(":")[0] for sentence in told]
    assert lines == [f"line {n}" for n in (2, 3, 4, 5, 6, 7, 7, 8, 10, 11)]
    assert "is not one of regency, district, village, country" in told[2]
    assert told[8] == "line 10: 33.8 already appears on line 9"


def test_a_facility_is_read_whole(path: Path) -> None:
    path.write_text(
        "facility_id,kind,name,area_code,operated_by,lat,lon,phone,identifiers,address,beds_stated\n"
        'rs-x,hospital,RS X,33.74,city,-6.9,110.4,024-1,sirs=3374015; bpjs = 1199R001 ,"Jl. A, 1",120\n'
    )
    assert read_facilities(path) == [
        (
            2,
            Facility(
                "rs-x",
                FacilityKind.hospital,
                "RS X",
                "33.74",
                "city",
                -6.9,
                110.4,
                "024-1",
                "Jl. A, 1",
                {"sirs": "3374015", "bpjs": "1199R001"},
                120,
                contact=Contact(phones=("024-1",)),
            ),
        )
    ]


def test_a_facility_may_open_in_the_future(path: Path) -> None:
    header = FACILITY_HEADER.strip() + ",opened_at\n"
    path.write_text(f"{header}a,clinic,A,33,,,,,,2027-01-01T00:00:00+07:00\nb,clinic,B,33,,,,,,\n")
    assert [facility.opened_at for _, facility in read_facilities(path)] == [
        datetime(2026, 12, 31, 17, tzinfo=UTC),
        None,
    ]
    path.write_text(f"{header}a,clinic,A,33,,,,,,2027-01-01\nb,clinic,B,33,,,,,,soon\n")
    with pytest.raises(FileRefused) as refused:
        read_facilities(path)
    assert str(refused.value).splitlines() == [
        f"line {line}: opened_at {cell!r} is not a time with an offset, such as 2027-01-01T00:00:00+07:00"
        for line, cell in ((2, "2027-01-01"), (3, "soon"))
    ]


def test_each_wrong_facility_is_told(path: Path) -> None:
    told = facility_faults(
        path,
        "a b,hospital,X,33,,,,,\n"
        "b,hotel,X,33,,,,,\n"
        "c,clinic,,33,,,,,\n"
        "d,clinic,X,3/3,,,,,\n"
        "e,clinic,X,33,,,5,,\n"
        "f,clinic,X,33,,,,,sirs:1\n"
        "g,clinic,X,33,,,,,sirs=1;sirs=2\n"
        "h,clinic,X,33,,,,,sirs=7\n"
        "i,clinic,X,33,,,,,sirs=7\n"
        "h,clinic,X,33,,,,,\n",
    )
    assert [sentence.partition(":")[0] for sentence in told] == [f"line {n}" for n in (2, 3, 4, 5, 6, 7, 8, 10, 11)]
    assert told[-2] == "line 10: sirs=7 already appears on line 9"


@pytest.mark.parametrize("none", ["-", "NULL", "#N/A", "n/a", "<nil>"])
def test_a_word_for_nothing_in_an_optional_column_is_an_empty_cell(path: Path, none: str) -> None:
    header = FACILITY_HEADER.strip() + ",address,beds_stated\n"
    start = "rs-x,hospital,RS X,33.74"
    path.write_text(f"{header}{start},{none},{none},{none},{none},sirs=3374015;bpjs={none},{none},{none}\n")
    [(_, facility)] = read_facilities(path)
    assert facility == Facility("rs-x", FacilityKind.hospital, "RS X", "33.74", identifiers={"sirs": "3374015"})


@pytest.mark.parametrize(("cell", "stated"), [("120", 120), ("120.0", 120), ("", None)])
def test_stated_beds_are_a_whole_number(path: Path, cell: str, stated: int | None) -> None:
    path.write_text(f"facility_id,kind,name,area_code,beds_stated\nrs-x,hospital,RS X,33.74,{cell}\n")
    [(_, facility)] = read_facilities(path)
    assert facility.beds_stated == stated


@pytest.mark.parametrize("cell", ["120.5", "-1", "1.000", "100001"])
def test_other_stated_beds_are_refused(path: Path, cell: str) -> None:
    path.write_text(f"facility_id,kind,name,area_code,beds_stated\nrs-x,hospital,RS X,33.74,{cell}\n")
    with pytest.raises(FileRefused, match="is not a whole number"):
        read_facilities(path)


def test_our_own_files_of_semarang_are_read_whole() -> None:
    assert len(read_areas(SEMARANG / "areas.csv")) == 199
    facilities = [facility for _, facility in read_facilities(SEMARANG / "facilities.csv")]
    assert len(facilities) == 82
    kariadi = next(facility for facility in facilities if facility.facility_id == "rs-3374010")
    assert (kariadi.identifiers, kariadi.beds_stated) == ({"sirs": "3374010"}, 1054)


def test_a_phone_survives_the_quote_that_guards_it_in_our_own_tables(path: Path) -> None:
    path.write_text(FACILITY_HEADER + "rs-x,hospital,RS X,33.74,city,,,'+62 24 1,\n")
    assert read_facilities(path)[0][1].phone == "+62 24 1"


@pytest.mark.parametrize(
    ("header", "cells", "phone", "contact"),
    [
        ("contact_name,phones", "Posko,024 1; '+62 811 1", None, Contact("Posko", ("024 1", "+62 811 1"))),
        ("phone,phones", "024 9,024 1", "024 9", Contact(None, ("024 1",))),
        ("phone,phones", "024 9,", "024 9", None),
        ("phone", "'+62 24 1;024 2", "+62 24 1", Contact(None, ("+62 24 1", "024 2"))),
        ("phone", "ext. 12 (Bu Sri)", "ext. 12 (Bu Sri)", None),
        ("contact_name", "Posko", None, Contact("Posko")),
    ],
)
def test_phones_are_those_of_the_contact(
    path: Path, header: str, cells: str, phone: str | None, contact: Contact | None
) -> None:
    path.write_text(f"facility_id,kind,name,area_code,{header}\nrs-x,hospital,RS X,33.74,{cells}\n")
    [(_, facility)] = read_facilities(path)
    assert (facility.phone, facility.contact) == (phone, contact)


def test_a_wrong_phone_is_told_with_its_line(path: Path) -> None:
    path.write_text("facility_id,kind,name,area_code,phones\nrs-x,hospital,RS X,33.74,024 1; ask at the desk\n")
    with pytest.raises(FileRefused, match=r"line 2: contact/phones/1: must be 3 to 30 digits"):
        read_facilities(path)
