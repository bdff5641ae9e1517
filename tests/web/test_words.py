"""Words of pages without scripts are those of `js/base/format.js` (tests/web/js/format.test.js)."""

from datetime import UTC, datetime, timedelta

import pytest

from app.web.words import Words

NOW = datetime(2026, 11, 25, 3, 4, tzinfo=UTC)
ID, EN = (Words(language, "Asia/Jakarta", NOW) for language in ("id", "en"))


@pytest.mark.parametrize(
    ("ago", "indonesian", "english"),
    [
        (timedelta(seconds=-30), "baru saja", "just now"),
        (timedelta(seconds=9), "baru saja", "just now"),
        (timedelta(seconds=14), "14 dtk", "14 s"),
        (timedelta(minutes=12), "12 mnt", "12 min"),
        (timedelta(hours=1, minutes=13), "1 j 13 mnt", "1 h 13 min"),
        (timedelta(hours=2), "2 j", "2 h"),
        (timedelta(hours=9, minutes=12), "9 j", "9 h"),
        (timedelta(hours=47, minutes=59), "47 j", "47 h"),
        (timedelta(days=3), "3 hari", "3 d"),
        (timedelta(days=1234), "1.234 hari", "1,234 d"),
    ],
)
def test_an_age_has_two_units_at_most(ago, indonesian, english):
    assert (ID.age(NOW - ago), EN.age(NOW - ago)) == (indonesian, english)


def test_ago_says_so_except_just_now():
    assert ID.ago(NOW - timedelta(minutes=12)) == "12 mnt lalu"
    assert ID.ago(NOW) == "baru saja"


def test_numbers_distances_and_shares():
    assert (ID.number(83_000), EN.number(83_000)) == ("83.000", "83,000")
    assert (ID.distance(1.04), EN.distance(1.04), ID.distance(1234.5)) == ("1,0 km", "1.0 km", "1.234 km")
    assert (ID.percent(0.761), EN.percent(0), ID.percent(0)) == ("76,1%", "0%", "0%")
    # 61 of 80 beds, as the scripts write it.
    assert (ID.percent(0.7625), ID.distance(0.25)) == ("76,3%", "0,3 km")


def test_times_are_those_of_the_installation():
    assert (ID.clock(NOW), EN.clock(NOW), ID.zone()) == ("10.04", "10:04", "WIB")
    assert Words("id", "Asia/Makassar", NOW).zone() == "WITA"
    assert ID.moment(NOW - timedelta(days=2, hours=4)) == "23 Nov 06.04"
    assert ID.moment(NOW - timedelta(minutes=12)) == "09.52"
    assert (ID.day_and_time(NOW), EN.day_and_time(NOW)) == ("25 Nov 2026 10.04", "25 Nov 2026 10:04")
