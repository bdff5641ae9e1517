"""Where distances are measured from."""

import pytest

from app.web.start_place import find_start, label_of


@pytest.fixture
async def board(service):
    return service.node.board


def start(board, **query):
    return find_start(board, query, "33.74")


async def test_without_a_word_it_is_the_middle_of_the_home_area(board):
    found = start(board)
    assert (found.point, found.how, found.area.code) == ((-7.02, 110.39), "center", "33.74")


async def test_the_location_of_the_reader_comes_before_all_else(board):
    found = start(board, lat="-6.99", lon="110.42", q="Miroto")
    assert (found.point, found.how) == ((-6.99, 110.42), "located")


@pytest.mark.parametrize(("lat", "lon"), [("x", "1"), ("nan", "1"), ("91", "0"), ("0", "181"), ("1", ""), ("inf", "1")])
async def test_a_location_that_is_none_is_ignored(board, lat, lon):
    assert start(board, lat=lat, lon=lon).how == "center"


@pytest.mark.parametrize(
    "typed", ["miroto", " Miroto ", "Miroto, Semarang Tengah", "miroto , tengah,", "33.74.01.1001"]
)
async def test_a_name_is_found_as_people_write_it(board, typed):
    found = start(board, q=typed)
    assert (found.area.code, found.how, found.label) == ("33.74.01.1001", None, "Miroto, Semarang Tengah")
    assert found.point == (-7.02, 110.39)  # of the lowest area around it that has one


async def test_an_area_of_a_link_needs_no_search(board):
    assert start(board, area="33.74.02").label == "Semarang Utara"
    assert start(board, area="33.74.02").how is None


async def test_a_name_of_several_areas_is_a_question(board):
    found = start(board, q="Semarang")
    assert found.how == "several"
    assert {path[-1].code for path in found.choices} == {"33.74", "33.74.01", "33.74.02"}
    assert found.point == (-7.02, 110.39)


@pytest.mark.parametrize("query", [{"q": "Atlantis"}, {"area": "99"}, {"q": ","}, {"q": "Miroto, Pekalongan"}])
async def test_an_unknown_name_offers_the_areas_below_the_home_area(board, query):
    found = start(board, **query)
    assert found.how == "none"
    assert [label_of(path) for path in found.choices] == ["Semarang Tengah", "Semarang Utara"]


async def test_without_areas_there_is_no_place(board):
    assert find_start(board, {}, None).how == "nowhere"


async def test_an_area_without_a_point_around_it_has_no_place(board):
    assert find_start(board, {"area": "ID"}, "ID").how == "nowhere"
