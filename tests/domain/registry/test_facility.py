"""References to facilities, and which of them are open."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.registry.facility import split_identifier
from tests.factories import FACILITIES, MORNING


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("rs-a", None),
        ("sirs:3374015", ("sirs", "3374015")),
        ("bpjs:1199R001", ("bpjs", "1199R001")),
        ("a_1:b:c", ("a_1", "b:c")),
        ("SIRS:1", None),
        ("sirs:", None),
        (":1", None),
        ("1x:1", None),
    ],
)
def test_a_reference_with_a_system_is_an_identifier(reference: str, found: tuple[str, str] | None) -> None:
    assert split_identifier(reference) == found


def test_a_facility_is_open_until_it_is_closed() -> None:
    assert FACILITIES[0].is_open
    assert not replace(FACILITIES[0], closed_at=MORNING).is_open


def test_a_closed_facility_was_open_from_its_last_opening_to_its_closing() -> None:
    before, after = MORNING - timedelta(hours=1), MORNING + timedelta(hours=1)
    closed = replace(FACILITIES[0], closed_at=MORNING)
    assert closed.was_open_at(before)
    assert not closed.was_open_at(MORNING)
    assert not closed.was_open_at(after)
    opened = replace(closed, opened_at=before)
    assert opened.was_open_at(before)
    assert not opened.was_open_at(before - timedelta(seconds=1))
