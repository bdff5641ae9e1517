"""Names as people type them."""

import pytest

from app.domain.registry.facility import Facility, FacilityKind
from app.domain.registry.names import NameQuery, bare, fold, searched_text


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("RSUP Dr. Kariadi", "rsup dr kariadi"),
        ("Rumah Sakit Umum Pusat Dr. Kariadi", "rsup dr kariadi"),
        ("RS Umum Pusat Dr.Kariadi", "rsup dr kariadi"),
        ("R.S. Telogorejo", "rs telogorejo"),
        ("RSUD K.R.M.T. Wongsonegoro", "rsud krmt wongsonegoro"),
        ("Rumah Sakit Ibu dan Anak Bunda", "rsia bunda"),
        ("Rumah Sakit Islam Sultan Agung", "rsi sultan agung"),
        ("PKM Ma'arif", "puskesmas maarif"),
        ("Balai RW 08, Gajahmungkur", "balai rw 8 gajahmungkur"),
        ("Sainte-Élisabeth", "sainte elisabeth"),
        ("RUMAH SUSUN", "rumah susun"),
        ("---", ""),
    ],
)
def test_spellings_of_one_name_are_one_text(written: str, folded: str) -> None:
    assert fold(written) == folded
    assert fold(folded) == folded


def test_every_type_of_hospital_is_one_word_in_the_bare_name() -> None:
    names = ("RS Tugu", "RSUD Tugu", "Rumah Sakit Umum Daerah Tugu", "RSU Tugu")
    assert {bare(fold(name)) for name in names} == {"rs tugu"}


def test_an_identifier_is_searched_with_and_without_its_system() -> None:
    text = searched_text(Facility("rs-a", FacilityKind.hospital, "RS A", "33", identifiers={"sirs": "3374015"}))
    for q in ("sirs:3374015", "3374015", "33740", "RS-A"):
        assert all(word in text for word in NameQuery.of(q).words), q
