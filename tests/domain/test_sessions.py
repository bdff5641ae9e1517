"""How long sessions last, and which have ended."""

from datetime import timedelta

import pytest

from app.domain.sessions import ENDED_MAX, NONE_ENDED, EndedSessions, Session, milliseconds
from tests.factories import MORNING

NOW = milliseconds(MORNING)


def session(name: str = "a", *, started: int = NOW, active: int | None = None) -> Session:
    return Session("0123456789ab", name, started, started if active is None else active)


@pytest.mark.parametrize(
    ("minutes", "is_open"), [(0, True), (29.9, True), (30, False), (600, False), (-4, True), (-6, False)]
)
def test_a_session_ends_half_an_hour_after_its_last_use(minutes: float, is_open: bool) -> None:
    assert session().has_time_left(MORNING + timedelta(minutes=minutes)) is is_open


@pytest.mark.parametrize(("hours", "is_open"), [(11.99, True), (12, False)])
def test_a_session_ends_after_twelve_hours_however_much_it_is_used(hours: float, is_open: bool) -> None:
    now = MORNING + timedelta(hours=hours)
    assert session().used(now).has_time_left(now) is is_open


def test_a_session_is_renewed_once_a_minute_and_never_backwards() -> None:
    assert not session().is_due(MORNING + timedelta(seconds=59))
    assert session().is_due(MORNING + timedelta(seconds=60))
    assert session().used(MORNING - timedelta(seconds=60)).active == NOW


def test_one_session_ends_and_others_do_not() -> None:
    ended = NONE_ENDED.with_one(session("a"), MORNING)
    assert ended.has(session("a"))
    assert not ended.has(session("b"))
    assert ended.with_one(session("a"), MORNING) == ended


def test_all_sessions_that_began_until_now_end_and_later_ones_do_not() -> None:
    ended = NONE_ENDED.with_all(MORNING)
    assert ended.has(session())
    assert not ended.has(session(started=NOW + 1))


def test_ended_sessions_are_forgotten_when_they_would_be_over_and_never_too_many() -> None:
    ended = NONE_ENDED
    for number in range(ENDED_MAX):
        ended = ended.with_one(session(f"s{number:02d}"), MORNING)
    assert len(ended.ids) == ENDED_MAX
    later = MORNING + timedelta(hours=12)
    assert ended.with_one(session("z", started=milliseconds(later)), later).ids == (("z", NOW + 2 * 12 * 3_600_000),)
    assert ended.with_one(session("z"), MORNING) == EndedSessions(NOW)
