"""The members of one row, in whatever a program wraps them; and text that is neither JSON nor a form."""

import pytest

from app.protocols.lenient_parsing import NotOneRow, Unreadable, fields_of
from app.protocols.sirs.message import read_row

ROW = {"id_tt": "4"}


@pytest.mark.parametrize(
    ("body", "members"),
    [
        (b'{"id_tt":"4"}', ROW),
        (b'{"fasyankes":[{"id_tt":"4"}]}', ROW),
        (b'{"data":{"id_tt":"4"}}', ROW),
        (b'data={"id_tt":"4"}', ROW),
        (b'data=[{"id_tt":"4"}]', ROW),
        (b"id_tt=4", ROW),
        (b"id_tt=4&jumlah=3", ROW | {"jumlah": "3"}),
    ],
)
def test_a_row_is_read_whatever_it_is_wrapped_in(body: bytes, members: dict[str, str]) -> None:
    assert fields_of(body).members == members


@pytest.mark.parametrize("body", [b'<row id="1">x</row>', b'// v=1\n{"id_tt":"4"}', b"a b=1"])
def test_text_with_an_equals_sign_is_no_form_for_that(body: bytes) -> None:
    with pytest.raises(Unreadable):
        fields_of(body)


@pytest.mark.parametrize("body", [b'{"fasyankes":[]}', b'{"fasyankes":[{"id_tt":"4"},{"id_tt":"5"}]}'])
def test_a_wrapped_list_of_none_or_several_rows_is_named(body: bytes) -> None:
    with pytest.raises(NotOneRow):
        fields_of(body)


def test_a_deletion_is_not_rejected_for_a_count_that_it_does_not_need() -> None:
    said = read_row({"id_t_tt": "5", "jumlah": "abc"}, needs_counts=False)
    assert (said.id_t_tt, said.counts) == ("5", {})
