"""Single fields of foreign messages: what is empty, what is a number, and what is only left out."""

from contextlib import nullcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.beds.counts import COUNT_MAX
from app.domain.errors import InvalidInput
from app.domain.text import is_printable
from app.protocols.field_values import EMPTY_WORDS, FieldReader, is_empty, positive, whole_number

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(sorted(EMPTY_WORDS)),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=3,
)


@pytest.mark.parametrize("word", sorted(EMPTY_WORDS), ids=repr)
def test_words_for_nothing_are_empty_in_any_case(word: str) -> None:
    for written in (word, word.upper(), word.title(), f" {word}\t"):
        assert is_empty(written)
    assert is_empty(float("nan"))
    assert not any(is_empty(value) for value in ("0", 0, 0.0, "nol", False, [], "null 1"))


@pytest.mark.parametrize("word", ["<nil>", r"\N", "nil", "none", "undefined", "#N/A", "N/A", "-", "null", "NaN"])
def test_what_programs_and_spreadsheets_write_for_nothing_is_known(word: str) -> None:
    for written in (word, word.upper(), word.lower(), f"  {word}\t", f"\xa0{word}\n"):
        assert is_empty(written)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (7, 7), ("7", 7), (" 7 ", 7), ("7.0", 7), ("7,00", 7), (7.0, 7), ("+7", 7), ("-2", -2), (-2, -2),
        ("7.", 7), ("7,0", 7), ("7.0000", 7), ("0.000", 0), ("1234.000", 1234),
        ("1.000", None), ("1,000", None), (" -12.000 ", None), ("120.000", None), ("1.000.000", None),
        ("\u22122", -2), (True, None), (1.5, None), ("1.5", None), ("tujuh", None), ("", None), (None, None),
        (float("inf"), None), ("\u0667", None), ([7], None),
    ],
    ids=repr,
)  # fmt: skip
def test_whole_numbers(value: object, number: int | None) -> None:
    assert whole_number(value) == number


@pytest.mark.parametrize(
    ("value", "row_id"),
    [
        ("52200001", "52200001"), (52200001, "52200001"), (" 52200001 ", "52200001"), ("52200001.0", "52200001"),
        ("0052200001", "52200001"), (" 0052200001 ", "52200001"), ("+0052200001.0", "52200001"),
        ("9" * 18, "9" * 18), ("0" * 12 + "7", "7"), ("0" * 19 + "7", ""),
        (5e7, "50000000"), ("0", ""), (0, ""), ("00", ""), ("-5", ""), ("abc", ""), (None, ""), ("9" * 19, ""),
    ],
    ids=repr,
)  # fmt: skip
def test_an_id_is_a_positive_number(value: object, row_id: str) -> None:
    assert positive(value) == row_id


@given(json_values)
def test_an_optional_field_never_rejects_whatever_it_holds(value: object) -> None:
    reader = FieldReader({"x": value})
    count, switch = reader.optional("x"), reader.switch("x")
    text, code, row_id = reader.as_sent("x", most=5), reader.text("x", most=5), reader.row_id("x")
    assert is_printable(code)
    reader.check()
    assert count is None or 0 <= count <= COUNT_MAX
    assert switch in {None, 0, 1}
    assert len(text) <= 5
    assert len(code) <= 5
    assert row_id == "" or int(row_id) > 0


@given(json_values)
def test_a_required_count_is_a_count_or_missing_or_a_fault(value: object) -> None:
    reader = FieldReader({"x": value})
    count = reader.required("x")
    is_fault = count is None and not is_empty(value)
    with pytest.raises(InvalidInput, match="invalid") if is_fault else nullcontext():
        reader.check()
    assert reader.oddities.missing == (("x",) if is_empty(value) else ())
