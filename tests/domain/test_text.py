"""Characters that a screen does not show: refused, cleaned, or written as escapes; one definition for all three."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.text import cleaned, escaped, escaped_lines, is_printable, printable

BAD = [
    *map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0)), "\u061c", "\u200b", "\u200c", "\u200d", "\u200e", "\u200f",
    "\u2028", "\u2029", *map(chr, range(0x202A, 0x202F)), "\u2060", *map(chr, range(0x2066, 0x206A)), "\ufeff",
    "\U000e0041", "\ud800",
]  # fmt: skip


@pytest.mark.parametrize("bad", BAD, ids=ascii)
def test_what_is_not_shown_is_found_taken_out_and_escaped(bad: str) -> None:
    text = f"RS {bad}Contoh"
    assert not is_printable(text)
    assert escaped(text).isprintable()
    assert is_printable(escaped(text))
    if bad != "\ud800":
        assert printable(text) in {"RS Contoh", "RS  Contoh"}
        assert cleaned(text) == "RS Contoh"


def test_what_is_shown_stays() -> None:
    texts = ("Ruang \u00c9dith n\u00b02 \u2013 100%", "\u0645\u0633\u062a", "\u533b\u9662", "\U0001f3e5", "a\u00a0b")
    for text in texts:
        assert is_printable(text)
        assert escaped(text) == printable(text) == text


def test_lines_of_ours_stay_lines() -> None:
    assert escaped_lines("a\n\tb\x1b[2J") == "a\n\tb\\x1b[2J"


@given(st.text())
def test_whatever_comes_nothing_unseen_is_left(text: str) -> None:
    for made in (printable(text), cleaned(text), escaped(text)):
        assert is_printable(made)
