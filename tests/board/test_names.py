"""Facilities found by a part of their name: best match first, and each once on pages that join."""

from dataclasses import replace

import pytest

from app.board import names
from app.board.board import Board
from app.board.search import FacilityQuery
from app.domain.registry.facility import Facility, FacilityKind
from tests.board.conftest import Pen
from tests.factories import MORNING

NAMES = {
    "rs-1": "RSUP Dr. Kariadi",
    "rs-2": "RSUD Tugurejo",
    "rs-3": "RS Tugu Muda",
    "rs-4": "Rumah Sakit Umum Daerah Tugu",
    "kl-5": "Klinik Tugu",
    "pkm-1": "Puskesmas Ngaliyan",
    "rw-1": "Balai RW 08 Sékaran",
}


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "NAMES_AT_ONCE", 2)


@pytest.fixture
def board(pen: Pen) -> Board:
    found = [
        Facility(one, FacilityKind.hospital, name, "33.74.01", identifiers={"sirs": "3374010"} if one == "rs-1" else {})
        for one, name in NAMES.items()
    ]
    pen.facilities(*found)
    return pen.board


def search(board: Board, q: str, code: str = "ID", **more: object) -> list[str]:
    wanted = FacilityQuery(q=q, **more)  # type: ignore[arg-type]
    return [str(row.key[-1]) for row in board.search(code, MORNING, wanted) if row is not None]


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("kariadi", ["rs-1"]),
        ("rumah sakit kariadi", ["rs-1"]),
        ("RSU Kariadi", ["rs-1"]),
        ("riad", ["rs-1"]),
        ("3374010", ["rs-1"]),
        ("sirs:3374010", ["rs-1"]),
        ("37401", ["rs-1"]),
        ("rs-2", ["rs-2"]),
        # The whole name, the whole name with another word for hospital, the beginning, any word.
        ("rsud tugu", ["rs-4", "rs-2", "rs-3"]),
        ("rs tugu muda", ["rs-3"]),
        ("tugu", ["kl-5", "rs-3", "rs-4", "rs-2"]),
        ("rw 8", ["rw-1"]),
        ("SEKARAN", ["rw-1"]),
        ("pkm ngaliyan", ["pkm-1"]),
        ("tugu klinik", ["kl-5"]),
        ("nobody", []),
        ("...", []),
    ],
)
def test_the_best_match_comes_first(board: Board, q: str, expected: list[str]) -> None:
    assert search(board, q) == expected


def test_pages_join_to_the_whole_list(board: Board) -> None:
    whole = [row for row in board.search("ID", MORNING, FacilityQuery(q="tugu")) if row is not None]
    for n, row in enumerate(whole):
        assert search(board, "tugu", after=row.key) == [str(later.key[-1]) for later in whole[n + 1 :]]


def test_only_open_facilities_inside_the_area_are_found_by_their_newest_name(board: Board, pen: Pen) -> None:
    assert search(board, "tugu", "33.75") == []
    tugu = board.facility("kl-5")
    pen.facilities(replace(tugu, name="Klinik Baru"), replace(board.facility("rs-2"), closed_at=MORNING))
    assert search(board, "tugu") == ["rs-3", "rs-4"]
    assert search(board, "klinik") == ["kl-5"]


def test_near_sorts_what_is_found_by_distance(board: Board, pen: Pen) -> None:
    pen.facilities(
        replace(board.facility("rs-2"), lat=-7.0, lon=110.0), replace(board.facility("rs-1"), lat=-7.1, lon=110.0)
    )
    assert search(board, "rs tugu", near=(-7.1, 110.0)) == ["rs-2", "rs-3", "rs-4"]
