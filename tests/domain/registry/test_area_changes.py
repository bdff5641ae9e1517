"""Adding areas to a tree: parents stand, levels go down, and every fault is named."""

from collections.abc import Sequence

import pytest

from app.domain.errors import InvalidInput
from app.domain.registry.area import INDONESIA, RW_NUMBER_MAX, Area, AreaLevel, is_area_code, rw
from app.domain.registry.area_changes import PlacedArea, country_for, plan
from tests.factories import AREAS

PROVINCE = Area("33", "Jawa Tengah", AreaLevel.province, "provinsi", None)
CITY = Area("33.74", "Kota Semarang", AreaLevel.city, "kota", "33")
KNOWN = {
    "ID": PlacedArea(INDONESIA, 0),
    "33": PlacedArea(Area("33", "Jateng", AreaLevel.province, "provinsi", "ID"), 1),
}


def faults(areas: Sequence[Area], known: dict[str, PlacedArea] | None = None) -> list[str]:
    with pytest.raises(InvalidInput) as refused:
        plan(areas, known or {}, [code for code, placed in (known or {}).items() if placed.depth == 0])
    return [fault.pointer for fault in refused.value.faults]


def test_a_whole_tree_is_planned_parents_first_in_whatever_order_it_comes() -> None:
    placed = plan(AREAS[::-1], {}, [])
    assert {one.area for one in placed} == set(AREAS)
    depth = {one.area.code: one.depth for one in placed}
    for place, one in enumerate(placed):
        above = {other.area.code for other in placed[:place]}
        assert one.area.parent is None or one.area.parent in above
        assert one.depth == (0 if one.area.parent is None else depth[one.area.parent] + 1)


def test_what_stands_already_is_not_planned_again() -> None:
    first = {one.area.code: one for one in plan(AREAS, {}, [])}
    assert plan(AREAS, first, ["ID"]) == []


def test_only_what_has_changed_is_planned() -> None:
    first = {one.area.code: one for one in plan(AREAS, {}, [])}
    renamed = Area("33.75", "Pekalongan", AreaLevel.city, "kota", "33")
    assert plan([*AREAS[:-1], renamed], first, ["ID"]) == [PlacedArea(renamed, 2)]


def test_a_province_without_a_parent_goes_under_the_only_country() -> None:
    placed = plan([PROVINCE, CITY], {"ID": PlacedArea(INDONESIA, 0)}, ["ID"])
    assert [(one.area.code, one.area.parent, one.depth) for one in placed] == [("33", "ID", 1), ("33.74", "33", 2)]


def test_with_two_countries_a_province_has_to_say_in_which_it_lies() -> None:
    other = Area("MY", "Malaysia", AreaLevel.country, "country", None)
    assert faults([INDONESIA, other, PROVINCE]) == ["#/2/parent"]


def test_the_country_is_added_only_where_there_is_none_and_a_province_needs_it() -> None:
    assert country_for([PROVINCE, CITY], []) == INDONESIA
    assert country_for([PROVINCE, CITY], ["ID"]) is None
    assert country_for([CITY], []) is None
    assert country_for([PROVINCE, Area("MY", "Malaysia", AreaLevel.country, "country", None)], []) is None
    assert country_for([], []) is None


def test_every_fault_is_named_by_its_place() -> None:
    assert faults(
        [
            Area("33 74", "a space", AreaLevel.city, "kota", "33"),
            Area("33.75", "an unknown parent", AreaLevel.city, "kota", "34"),
            Area("33.76", "no parent", AreaLevel.city, "kota", None),
            Area("33.77", "a city in a city", AreaLevel.city, "kota", "33.78"),
            Area("33.78", "too far north and east", AreaLevel.city, "kota", "33", 90.1, 180.1),
            Area("33.79", "not a number", AreaLevel.city, "kota", "33", float("nan"), float("inf")),
            Area("33.80", "twice", AreaLevel.city, "kota", "33"),
            Area("33.80", "twice", AreaLevel.city, "kota", "33"),
            Area("ID", "a country in a province", AreaLevel.country, "country", "33"),
            Area("33.81", "in itself", AreaLevel.city, "kota", "33.81"),
        ],
        KNOWN,
    ) == [
        *("#/0/code", "#/1/parent", "#/2/parent", "#/3/parent", "#/4/lat", "#/4/lon", "#/5/lat", "#/5/lon"),
        *("#/7/code", "#/8/parent", "#/9/parent"),
    ]


def test_levels_may_be_left_out_but_never_go_up() -> None:
    desa = Area("X.1", "straight below a province", AreaLevel.kelurahan, "desa", "33")
    assert plan([desa], KNOWN, ["ID"]) == [PlacedArea(desa, 2)]
    assert faults([Area("Y", "a province in a city", AreaLevel.province, "provinsi", "33.74"), CITY], KNOWN) == [
        "#/0/parent"
    ]


def test_areas_cannot_lie_in_a_circle() -> None:
    one = Area("A", "A", AreaLevel.city, "kota", "B")
    other = Area("B", "B", AreaLevel.city, "kota", "A")
    assert faults([one, other], KNOWN) == ["#/0/parent", "#/1/parent"]


@pytest.mark.parametrize("code", ["ID", "33.74.01.1001.003", "DE.08.111", "a1.B2", "x" * 40])
def test_dotted_letters_and_digits_are_a_code(code: str) -> None:
    assert is_area_code(code)


@pytest.mark.parametrize("code", ["", ".", "33.", ".33", "33..74", "33-74", "33.74\n", "é", "x" * 41])
def test_anything_else_is_no_code(code: str) -> None:
    assert not is_area_code(code)


def test_an_rw_is_named_by_its_number_below_its_kelurahan() -> None:
    kelurahan = AREAS[4]
    assert rw(kelurahan, 3) == Area("33.74.01.1001.003", "RW 03", AreaLevel.rw, "rw", "33.74.01.1001")
    assert rw(kelurahan, RW_NUMBER_MAX).code == "33.74.01.1001.999"
