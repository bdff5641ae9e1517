"""The vocabulary against both Indonesian lists, and against itself."""

import csv
from pathlib import Path

import pytest

from app.domain.beds.bed_types import (
    BED_TYPES,
    BY_APLICARES,
    BY_SIRS,
    CARE_LEVELS,
    BedGroup,
    containing,
    overlapping,
)

# id_tt, name, our code, care level, negative pressure, ventilator, covid, as the protocol's table has them.
# None is unknown. "*" in the last column: introduced for COVID, so a row without a `covid` field leaves it
# open.
# fmt: off
SIRS = [
    ("1", "VVIP/ Super VIP", "ward_vvip", "ward_vvip", None, None, False),
    ("2", "VIP", "ward_vip", "ward_vip", None, None, False),
    ("3", "Kelas I", "ward_1", "ward_1", None, None, False),
    ("4", "Kelas II", "ward_2", "ward_2", None, None, False),
    ("5", "Kelas III", "ward_3", "ward_3", None, None, False),
    ("6", "ICU Tanpa Ventilator", "icu_no_ventilator", "icu", None, False, False),
    ("7", "HCU", "hcu", "hcu", None, None, False),
    ("8", "ICCU/ICVCU Tanpa Ventilator", "iccu_no_ventilator", "iccu", None, False, False),
    ("9", "RICU Tanpa Ventilator", "ricu_no_ventilator", "ricu", None, False, False),
    ("10", "NICU Tanpa Ventilator", "nicu_no_ventilator", "nicu", None, False, False),
    ("11", "PICU Tanpa Ventilator", "picu_no_ventilator", "picu", None, False, False),
    ("12", "Isolasi", "isolation", "isolation", None, None, False),
    ("14", "Perinatologi", "perinatal", "perinatal", None, None, False),
    ("24", "ICU Tekanan Negatif dengan Ventilator",
     "icu_negative_pressure_ventilator", "icu", True, True, "*"),
    ("25", "ICU Tekanan Negatif tanpa Ventilator",
     "icu_negative_pressure_no_ventilator", "icu", True, False, "*"),
    ("26", "ICU Tanpa Tekanan Negatif Dengan Ventilator",
     "icu_no_negative_pressure_ventilator", "icu", False, True, "*"),
    ("27", "ICU Tanpa Tekanan Negatif Tanpa Ventilator",
     "icu_no_negative_pressure_no_ventilator", "icu", False, False, "*"),
    ("28", "Isolasi Tekanan Negatif", "isolation_negative_pressure", "isolation", True, None, "*"),
    ("29", "Isolasi Tanpa Tekanan Negatif", "isolation_no_negative_pressure", "isolation", False, None, "*"),
    ("30", "NICU Khusus Covid", "nicu_covid", "nicu", None, None, True),
    ("31", "PICU Khusus Covid", "picu_covid", "picu", None, None, True),
    ("32", "IGD Khusus Covid", "emergency_covid", "emergency", None, None, True),
    ("33", "VK (TT Observasi di R Bersalin) Khusus Covid", "delivery_covid", "delivery", None, None, True),
    ("34", "Isolasi Perinatologi Khusus Covid", "isolation_perinatal_covid", "perinatal", None, None, True),
    ("36", "VK (TT Observasi di R Bersalin) Non Covid", "delivery_non_covid", "delivery", None, None, False),
    ("37", "Intermediate Ward (IGD)", "intermediate_emergency", "intermediate", None, None, False),
    ("38", "ICU Dengan Ventilator", "icu_ventilator", "icu", None, True, False),
    ("39", "NICU Dengan Ventilator", "nicu_ventilator", "nicu", None, True, False),
    ("40", "PICU Dengan Ventilator", "picu_ventilator", "picu", None, True, False),
    ("50", "RICU Dengan Ventilator", "ricu_ventilator", "ricu", None, True, False),
    ("51", "ICCU/ICVCU Dengan Ventilator", "iccu_ventilator", "iccu", None, True, False),
    ("52", "KRIS JKN", "ward_kris", "ward_kris", None, None, False),
]
# fmt: on

# kodekelas, name, our code, care level; pressure, ventilator and covid are unknown in all of them.
APLICARES = [
    ("NON", "-", "other", "other"),
    ("VVP", "VVIP", "ward_vvip", "ward_vvip"),
    ("VIP", "VIP", "ward_vip", "ward_vip"),
    ("UTM", "UTAMA", "ward_utama", "ward_utama"),
    ("KL1", "KELAS I", "ward_1", "ward_1"),
    ("KL2", "KELAS II", "ward_2", "ward_2"),
    ("KL3", "KELAS III", "ward_3", "ward_3"),
    ("ICU", "ICU", "icu", "icu"),
    ("ICC", "ICCU", "iccu", "iccu"),
    ("NIC", "NICU", "nicu", "nicu"),
    ("PIC", "PICU", "picu", "picu"),
    ("IGD", "IGD", "emergency", "emergency"),
    ("UGD", "UGD", "emergency", "emergency"),
    ("SAL", "RUANG BERSALIN", "delivery", "delivery"),
    ("HCU", "HCU", "hcu", "hcu"),
    ("ISO", "RUANG ISOLASI", "isolation", "isolation"),
]

PROTOCOLS = Path(__file__).resolve().parents[3] / "shared" / "protocols"


@pytest.mark.parametrize("row", SIRS, ids=lambda row: row[0])
def test_each_sirs_code_has_its_type(
    row: tuple[str, str, str, str, bool | None, bool | None, bool | str],
) -> None:
    id_tt, name, code, care_level, pressure, ventilator, covid = row
    bed_type = BY_SIRS[id_tt]
    assert bed_type.code == code, name
    assert bed_type.care_level == care_level
    assert bed_type.negative_pressure is pressure
    assert bed_type.ventilator is ventilator
    # What Aplicares names as well, or was introduced for COVID, is left open.
    assert bed_type.covid is (None if covid == "*" or bed_type.aplicares else covid)


@pytest.mark.parametrize(("code", "name", "ours", "care_level"), APLICARES)
def test_each_aplicares_class_has_its_type_and_claims_nothing_more(
    code: str, name: str, ours: str, care_level: str
) -> None:
    bed_type = BY_APLICARES[code]
    assert bed_type.code == ours, name
    assert bed_type.care_level == care_level
    assert (bed_type.negative_pressure, bed_type.ventilator, bed_type.covid) == (None, None, None)


def test_no_foreign_code_is_left_over() -> None:
    assert set(BY_SIRS) == {row[0] for row in SIRS}
    assert set(BY_APLICARES) == {row[0] for row in APLICARES}


@pytest.mark.parametrize(
    ("file", "rows"),
    [("sirs_bed_types.csv", SIRS), ("aplicares_classes.csv", APLICARES)],
)
def test_the_lists_typed_here_are_the_published_ones(file: str, rows: list[tuple[str, ...]]) -> None:
    if not (PROTOCOLS / file).is_file():
        pytest.skip("shared/protocols is not beside the project")
    with (PROTOCOLS / file).open(encoding="utf-8", newline="") as text:
        published = list(csv.reader(text))[1:]
    assert published == [list(row[:2]) for row in rows]


def test_the_codes_that_the_contract_names_exist() -> None:
    named = {
        "ward_vip",
        "ward_1",
        "ward_3",
        "icu",
        "icu_ventilator",
        "icu_negative_pressure_ventilator",
        "isolation_negative_pressure",
        "nicu",
        "isolation_bed",
    }
    assert named <= BED_TYPES.keys()


def test_every_row_is_filled_in() -> None:
    for code, bed_type in BED_TYPES.items():
        assert code == bed_type.code
        assert code.replace("_", "a").isalnum()
        assert code == code.lower()
        assert bed_type.name_id.strip()
        assert bed_type.name_en.strip()
        assert bed_type.care_level in CARE_LEVELS
        assert bed_type.group in BedGroup


def test_names_tell_types_apart() -> None:
    assert len({bed_type.name_id for bed_type in BED_TYPES.values()}) == len(BED_TYPES)
    assert len({bed_type.name_en for bed_type in BED_TYPES.values()}) == len(BED_TYPES)


def test_every_care_level_and_group_is_used() -> None:
    assert {bed_type.care_level for bed_type in BED_TYPES.values()} == set(CARE_LEVELS)
    assert {bed_type.group for bed_type in BED_TYPES.values()} == set(BedGroup)


def test_a_parent_is_a_type_and_nothing_contains_itself() -> None:
    for code, bed_type in BED_TYPES.items():
        ancestors = containing(code)
        assert ancestors[:1] == ((bed_type.parent,) if bed_type.parent else ())
        assert set(ancestors) <= BED_TYPES.keys()
        assert code not in ancestors


def test_containing_gives_the_nearest_first() -> None:
    assert containing("adult_icu") == ("adult_inpatient", "all_inpatient", "all_beds")
    assert containing("ward_3") == ("inpatient_non_icu", "all_inpatient", "all_beds")
    assert containing("isolation_bed") == ()


def test_an_unknown_type_is_contained_in_nothing_because_there_is_no_such_type() -> None:
    with pytest.raises(KeyError):
        containing("icu_with_garden")


def test_rows_that_indonesian_hospitals_send_beside_each_other_are_all_counted() -> None:
    """Each SIRS row is a set of rooms of its own, and so is each Aplicares room: none swallows another."""
    for codes in (BY_SIRS, BY_APLICARES):
        sent = {bed_type.code for bed_type in codes.values()}
        for code in sent:
            assert sent.isdisjoint(containing(code))


WHOLES_AND_PARTS = [
    ("icu", "icu_ventilator"),
    ("icu", "icu_negative_pressure_no_ventilator"),
    ("nicu", "nicu_covid"),
    ("isolation", "isolation_negative_pressure"),
    ("isolation", "negative_pressure_any"),
    ("delivery", "delivery_covid"),
    ("emergency", "emergency_covid"),
]


@pytest.mark.parametrize(("whole", "part"), WHOLES_AND_PARTS)
def test_a_type_that_leaves_a_property_open_may_overlap_with_one_that_states_it(whole: str, part: str) -> None:
    assert overlapping(whole, {part, "ward_1"}) == {part}
    assert overlapping(part, {whole, "ward_1"}) == {whole}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("icu", "icu"),
        ("icu", "iccu_ventilator"),
        ("icu_ventilator", "icu_no_ventilator"),
        ("icu_ventilator", "icu_negative_pressure_ventilator"),  # one excludes COVID, the other leaves it open
        ("all_icu", "icu_ventilator"),  # linked: never added up
        ("emergency", "emergency_adult"),
        ("isolation_bed", "isolation_negative_pressure"),  # not a hospital bed
        ("surge_icu", "icu_ventilator"),
        ("ward_1", "ward_2"),
    ],
)
def test_other_types_do_not(one: str, other: str) -> None:
    assert overlapping(one, {one, other}) == overlapping(other, {one, other}) == frozenset()


def test_the_name_of_a_whole_says_what_it_leaves_open() -> None:
    for code, bed_type in BED_TYPES.items():
        leaves_all_open = {bed_type.negative_pressure, bed_type.ventilator, bed_type.covid} == {None}
        if leaves_all_open and overlapping(code, BED_TYPES):
            assert bed_type.name_en.endswith(" not stated"), code
            assert bed_type.name_id.endswith(" tidak disebut"), code


def test_pressure_denied_is_not_pressure_unknown() -> None:
    assert BY_SIRS["26"].code != BY_SIRS["38"].code
    assert BY_SIRS["26"].negative_pressure is False
    assert BY_SIRS["38"].negative_pressure is None


def test_perinatal_isolation_counts_as_isolation() -> None:
    assert BY_SIRS["34"].group is BedGroup.isolation


def test_the_vocabulary_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        BED_TYPES["icu"] = BED_TYPES["nicu"]  # type: ignore[index]
