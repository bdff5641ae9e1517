"""Who takes gzip, by what they say."""

import gzip

import pytest

from app.api.http.gzip import gzipped, takes_gzip


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        (None, False),
        ("", False),
        ("gzip", True),
        ("GZIP", True),
        ("gzip, deflate, br, zstd", True),
        ("br, gzip;q=0.1", True),
        ("br", False),
        ("*", True),
        ("gzip;q=0, *", False),
        ("*;q=0", False),
        ("gzip;q=0", False),
        ("gzip;q=0.000", False),
        ("gzip;q=much", False),
        ("gzip;q=nan", False),
        ("gzipped", False),
        ("identity", False),
        ("identity, gzip;q=0.5", False),
        ("identity;q=0.5, gzip", True),
        ("identity;q=0, *", True),
    ],
)
def test_gzip_is_for_those_who_want_it(header: str | None, taken: bool) -> None:
    assert takes_gzip(header) is taken


def test_equal_bodies_are_equal_when_compressed() -> None:
    body = b"bed" * 1_000
    assert gzipped(body) == gzipped(body)
    assert gzip.decompress(gzipped(body)) == body
