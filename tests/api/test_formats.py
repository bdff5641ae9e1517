"""Which format is wanted, which version is known, where a page ended."""

import math

import pytest

from app.api.http import cursors
from app.api.http.conditional_requests import is_known, version_wanted, weak_tag
from app.api.http.formats import Format, choose
from app.domain.errors import Malformed, NotAcceptable, PreconditionFailed
from app.domain.ledger import Position


@pytest.mark.parametrize(
    ("name", "accept", "wanted"),
    [
        (None, None, Format.json),
        (None, "", None),
        ("csv", "application/json", Format.csv),
        (None, "text/csv;q=0.5, application/json;q=0.4", Format.csv),
        (None, "*/*, application/json;q=0", Format.csv),
        (None, "TEXT/CSV", Format.csv),
        (None, "text/csv;q=x", None),
        (None, "application/problem+json", None),
        ("CSV", None, None),
    ],
)
def test_the_format_that_is_wanted_most(name, accept, wanted):
    if wanted is None and accept != "":
        with pytest.raises(NotAcceptable):
            choose(name, accept)
    else:
        assert choose(name, accept) is (wanted or Format.json)


def test_a_tag_is_known_by_weak_comparison():
    tag = weak_tag(b"content")
    assert tag == weak_tag(b"content") != weak_tag(b"other")
    assert is_known(tag, f'"a", {tag}')
    assert is_known(tag, tag.removeprefix("W/"))
    assert is_known(tag, " * ")
    assert not is_known(tag, None)
    assert not is_known(tag, "nonsense")


@pytest.mark.parametrize(
    ("if_match", "version"),
    [(None, None), ("*", 7), ('"7"', 7), ('W/"7"', 7), ('"3", "7"', 7), ('"3"', 3), ('"x", "3"', 3)],
)
def test_the_version_that_is_to_be_changed(if_match, version):
    assert version_wanted(if_match, Position(7)) == version


@pytest.mark.parametrize("if_match", ["", "7", '"x"', '"0"', '"' + "9" * 30 + '"'])
def test_a_tag_that_is_none_of_ours_matches_nothing(if_match):
    with pytest.raises(PreconditionFailed):
        version_wanted(if_match, Position(7))


@pytest.mark.parametrize("key", [(7,), ("33.74",), (1.5, "rs-a"), (math.inf, "é")])
def test_a_cursor_is_read_as_it_was_written(key):
    assert cursors.decode(cursors.encode(*key), *map(type, key)) == key


@pytest.mark.parametrize("cursor", ["", "x", "é", "////", cursors.encode("a"), cursors.encode(True), "W10", "e30"])
def test_a_cursor_that_is_none_of_ours_is_malformed(cursor):
    with pytest.raises(Malformed):
        cursors.decode(cursor, int)
