"""The board by itself: moving by the ledger and by the clock, and what it answers."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.board.board import Board, LedgerHole
from app.domain.beds.bed_types import BedGroup
from app.domain.beds.freshness import Freshness, hours
from app.domain.capacity import FRESH_ONLY, Filters
from app.domain.channels import Channel
from app.domain.errors import NotFound
from app.domain.ledger import START, AreasRegistered, KeysChanged, Position
from app.domain.permissions import NATIONAL, Actor, Credential, Role, Scope, ScopeKind
from app.domain.registry.area import Area, AreaLevel
from app.domain.registry.facility import FacilityKind
from app.domain.snapshot import RecentEntries, Snapshot
from tests.board.conftest import Pen
from tests.board.test_against_oracle import what_stands
from tests.factories import AREAS, FACILITIES, MORNING, entry_after, line, report

TICK = timedelta(microseconds=1)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize("step", [-1, 0, 2, 3])
def test_a_hole_in_the_ledger_is_refused_and_changes_nothing(pen: Pen, step: int) -> None:
    pen.reports(report())
    before = pen.board.contents(), pen.totals()
    with pytest.raises(LedgerHole):
        pen.board.apply(entry_after(Position(pen.board.position + step - 1), report(line(beds_total=99))))
    assert (pen.board.contents(), pen.totals()) == before
    assert pen.board.position == 3


def test_an_empty_board_knows_nothing() -> None:
    board = Board()
    board.load(Snapshot(START, None, [], [], [], {}, RecentEntries(0, None, [], [])))
    assert (board.position, board.recorded_at) == (0, None)
    with pytest.raises(NotFound):
        board.roll_up("ID", MORNING)


def test_before_anyone_reports_every_figure_is_unknown_and_every_facility_never_heard(pen: Pen) -> None:
    found = pen.board.roll_up("33.74", MORNING)
    assert found.totals.beds_total is None
    assert found.totals.occupancy is None
    assert (found.totals.beds_blocked, found.totals.queue, found.totals.unknown_lines) == (None, None, 0)
    assert (found.by_group, found.by_bed_type) == ({}, {})
    assert (found.reporting.facilities, found.reporting.never, found.reporting.completeness) == (4, 4, 0.0)
    assert (found.reporting.oldest_observed_at, found.reporting.newest_observed_at) == (None, None)


def test_an_area_without_facilities_has_no_completeness(pen: Pen) -> None:
    assert pen.board.roll_up("33.74.01.1002", MORNING).reporting.completeness is None


def test_the_city_is_the_sum_from_the_hall_upwards(pen: Pen) -> None:
    pen.reports(
        report(line("icu"), line("ward_1", beds_total=20, beds_occupied=20)),
        report(line("isolation_bed", beds_total=8, beds_occupied=1), facility_id="rw-d"),
        report(line("isolation_bed", beds_total=50, beds_occupied=10, queue=2), facility_id="iso-c"),
        report(line("icu", beds_total=100, beds_occupied=1), facility_id="rs-e"),
    )
    assert pen.totals("33.74.01.1001.001") == (8, 1, 7)
    assert pen.totals("33.74.01.1001") == (38, 25, 13)
    assert pen.totals("33.74.01") == (88, 35, 53)
    assert pen.totals("33.74.02") == (None, None, None)
    assert pen.totals("33.74") == (88, 35, 53)
    assert pen.totals("33") == pen.totals("ID") == (188, 36, 152)


def test_vacancies_without_a_total_are_added_as_available_only(pen: Pen) -> None:
    """SIRANAP tells what is free and nothing else: it counts as free, and is not turned into a total."""
    pen.reports(
        report(line("icu")), report(line("icu", beds_available=3), line("hcu", beds_available=0), facility_id="rs-b")
    )
    found = pen.board.roll_up("33.74", MORNING)
    assert pen.totals() == (10, 4, 9)
    assert found.totals.unknown_lines == 2
    assert found.totals.occupancy == 0.4
    assert found.by_bed_type["icu"].unknown_lines == 1
    hcu = found.by_bed_type["hcu"]
    assert (hcu.beds_total, hcu.beds_occupied, hcu.beds_available, hcu.unknown_lines) == (None, None, 0, 1)


def test_a_total_alone_is_unknown_too(pen: Pen) -> None:
    pen.reports(report(line("icu", beds_total=7)))
    assert pen.totals() == (7, None, None)
    assert pen.board.roll_up("33.74", MORNING).totals.unknown_lines == 1


def test_occupancy_goes_past_one_in_a_surge_and_leaves_out_lines_that_know_half(pen: Pen) -> None:
    pen.reports(report(line("icu", beds_total=10, beds_occupied=12), line("hcu", beds_total=99)))
    assert pen.board.roll_up("33.74", MORNING).totals.occupancy == 1.2


def test_no_beds_at_all_have_no_occupancy(pen: Pen) -> None:
    pen.reports(report(line("icu", beds_total=0, beds_occupied=0)))
    assert pen.totals() == (0, 0, 0)
    assert pen.board.roll_up("33.74", MORNING).totals.occupancy is None


def test_nothing_is_added_to_its_own_superset(pen: Pen) -> None:
    pen.reports(
        report(line("all_inpatient", beds_total=100), line("all_icu", beds_total=20), line("icu", beds_total=5)),
        report(line("icu", beds_total=7), facility_id="rs-b"),
    )
    found = pen.board.roll_up("33.74", MORNING)
    assert found.totals.beds_total == 107
    assert {group: block.beds_total for group, block in found.by_group.items()} == {
        BedGroup.ward: 100,
        BedGroup.intensive: 27,
    }
    assert {code: block.beds_total for code, block in found.by_bed_type.items()} == {
        "all_inpatient": 100,
        "all_icu": 20,
        "icu": 12,
    }
    icu_alone = pen.board.roll_up("33.74", MORNING, Filters(bed_type=frozenset({"icu"})))
    assert icu_alone.totals.beds_total == 12
    intensive = pen.board.roll_up("33.74", MORNING, Filters(group=frozenset({BedGroup.intensive})))
    assert intensive.totals.beds_total == 27


def test_a_superset_counts_no_longer_when_its_line_is_closed(pen: Pen) -> None:
    pen.reports(report(line("all_icu", beds_total=20), line("icu", beds_total=5)))
    assert pen.totals()[0] == 20
    pen.reports(report(line("all_icu", closed=True), minutes=1))
    assert pen.totals()[0] == 5


def test_a_superset_on_another_channel_leaves_nothing_out(pen: Pen) -> None:
    pen.reports(report(line("all_icu", beds_total=8), channel=Channel.form), report(line("icu", beds_total=5)))
    assert pen.totals()[0] == 5


def test_channels_are_never_added(pen: Pen) -> None:
    pen.reports(report(line(beds_total=10), channel=Channel.sirs), report(line(beds_total=11), channel=Channel.form))
    assert pen.totals()[0] == 10
    pen.reports(report(line(beds_total=12)))
    assert pen.totals()[0] == 12


def test_a_pinned_channel_counts_from_that_entry_on(pen: Pen) -> None:
    pen.reports(report(line(beds_total=10), channel=Channel.sirs), report(line(beds_total=12)))
    pen.facilities(replace(FACILITIES[0], counting_channel=Channel.sirs))
    assert pen.totals()[0] == 10
    pen.facilities(FACILITIES[0])
    assert pen.totals()[0] == 12


def test_when_the_first_channel_turns_stale_the_next_fresh_one_counts(pen: Pen) -> None:
    pen.reports(report(line(beds_total=12)), report(line(beds_total=10), channel=Channel.form, minutes=60))
    at = MORNING + 6 * HOUR
    assert pen.totals(now=at)[0] == 12
    assert pen.totals(now=at + TICK)[0] == 10
    assert pen.totals(now=at + 2 * HOUR)[0] == 10


def test_at_exactly_the_limit_a_facility_is_still_fresh(pen: Pen) -> None:
    pen.reports(report())

    def freshness(after: timedelta) -> list[str]:
        found = pen.board.roll_up("33.74", MORNING + after).reporting
        return [word for word in ("fresh", "stale", "silent") if getattr(found, word)]

    assert freshness(6 * HOUR) == ["fresh"]
    assert freshness(6 * HOUR + TICK) == ["stale"]
    assert freshness(24 * HOUR) == ["stale"]
    assert freshness(24 * HOUR + TICK) == ["silent"]
    assert freshness(6 * HOUR) == ["fresh"]


def test_stale_and_silent_facilities_keep_counting_unless_left_out(pen: Pen) -> None:
    pen.reports(report(), report(facility_id="rs-b", minutes=24 * 60))
    now = MORNING + 25 * HOUR
    assert pen.totals(now=now) == (20, 8, 12)
    found = pen.board.roll_up("33.74", now, Filters(freshness=FRESH_ONLY))
    assert found.totals.beds_total == 10
    assert (found.reporting.facilities, found.reporting.fresh, found.reporting.silent) == (1, 1, 0)
    assert (
        found.reporting.oldest_observed_at == found.totals.oldest_observed_at == found.totals.fresh.oldest_observed_at
    )


def test_a_clock_that_is_set_back_is_followed_back_and_a_small_difference_not_behind_the_ledger(pen: Pen) -> None:
    pen.reports(report())
    assert pen.board.roll_up("33.74", MORNING + 30 * HOUR).reporting.silent == 1
    found = pen.board.roll_up("33.74", MORNING + HOUR)
    assert (found.reporting.fresh, found.as_of) == (1, MORNING + HOUR)
    assert pen.board.roll_up("33.74", MORNING - HOUR / 15).as_of == MORNING
    assert pen.board.roll_up("33.74", MORNING - HOUR).as_of == MORNING - HOUR


def test_another_channel_that_adds_the_same_is_another_version(pen: Pen) -> None:
    """Neither has an open line; after the clock is set back the other one counts, with its own times."""
    pen.reports(report(channel=Channel.sirs, complete=True), at=MORNING + 24 * HOUR)
    pen.reports(report(channel=Channel.form, complete=True, minutes=19 * 60), at=MORNING + 24 * HOUR)
    before = pen.board.roll_up("33.74", MORNING + 24 * HOUR).reporting, pen.board.version("33.74")
    after = pen.board.roll_up("33.74", MORNING).reporting, pen.board.version("33.74")
    assert before[0].newest_observed_at != after[0].newest_observed_at
    assert before[1] != after[1]


def test_the_entry_of_a_node_whose_clock_runs_ahead_makes_nobody_else_s_figures_old(pen: Pen) -> None:
    pen.reports(report(facility_id="rs-b"))
    pen.board.advance(MORNING)
    pen.reports(report(), at=MORNING + 400 * 24 * HOUR)
    found = pen.board.roll_up("33.74", MORNING)
    assert (found.as_of, found.reporting.fresh) == (MORNING, 2)


def test_what_was_recorded_by_a_clock_far_ahead_is_as_old_as_the_next_entry_says(pen: Pen) -> None:
    pen.board.advance(MORNING)
    pen.reports(report(minutes=60 * 24 * 400))
    pen.reports(report(facility_id="rs-b", minutes=60), at=MORNING + HOUR)
    assert pen.board.roll_up("33.74", MORNING + 7 * HOUR).reporting.fresh == 2
    found = pen.board.roll_up("33.74", MORNING + 7 * HOUR + TICK).reporting
    assert (found.fresh, found.stale) == (0, 2)
    loaded = Board()
    loaded.load(what_stands(pen.board))
    assert loaded.contents() == pen.board.contents()
    assert loaded.roll_up("33.74", MORNING + 7 * HOUR + TICK).reporting == found


def test_a_clock_that_was_behind_makes_no_old_channel_count(pen: Pen) -> None:
    pen.reports(report(line(beds_total=99), minutes=-60 * 24 * 300))
    pen.reports(report(line(beds_total=40), channel=Channel.sirs), at=MORNING)
    pen.facilities(FACILITIES[3], at=MORNING - 400 * 24 * HOUR)  # by a node that began with a wrong clock
    pen.facilities(FACILITIES[3], at=MORNING)
    found = pen.board.figures(pen.board.facility("rs-a"), MORNING)
    assert (found.counting_channel.channel, found.totals.beds_total) == (Channel.sirs, 40)


def test_a_facility_may_have_limits_of_its_own(pen: Pen) -> None:
    pen.reports(report(), report(facility_id="rs-b"))
    pen.facilities(replace(FACILITIES[0], thresholds=hours(1, 2)))
    found = pen.board.roll_up("33.74", MORNING + 2 * HOUR).reporting
    assert (found.fresh, found.stale) == (1, 1)


def test_the_limits_of_a_kind_are_a_setting() -> None:
    pen = Pen({FacilityKind.hospital: hours(1, 2)}).world()
    pen.reports(report(), report(line("isolation_bed"), facility_id="iso-c"))
    found = pen.board.roll_up("33.74", MORNING + 2 * HOUR).reporting
    assert (found.fresh, found.stale) == (1, 1)


def test_a_closed_facility_counts_nowhere_and_comes_back_with_its_figures(pen: Pen) -> None:
    pen.reports(report(), report(facility_id="rs-b"))
    pen.facilities(replace(FACILITIES[0], closed_at=MORNING))
    found = pen.board.roll_up("33.74", MORNING)
    assert (found.totals.beds_total, found.reporting.facilities) == (10, 3)
    assert pen.board.facility("rs-a").closed_at == MORNING
    pen.facilities(FACILITIES[0])
    assert pen.totals() == (20, 8, 12)


def test_a_facility_takes_its_figures_with_it_when_it_moves(pen: Pen) -> None:
    pen.reports(report())
    pen.facilities(replace(FACILITIES[0], area_code="33.75"))
    assert pen.totals("33.74") == (None, None, None)
    assert pen.totals("33.75") == (10, 4, 6)
    assert pen.totals("33") == (10, 4, 6)


def test_an_area_takes_its_figures_with_it_when_it_moves(pen: Pen) -> None:
    pen.reports(report(), report(facility_id="rs-e", minutes=1))
    assert pen.board.roll_up("33.75", MORNING + HOUR).reporting.oldest_observed_at == MORNING + timedelta(minutes=1)
    pen.write(AreasRegistered((replace(AREAS[3], parent="33.75"),)))
    assert pen.totals("33.74") == (None, None, None)
    assert pen.totals("33.75") == (20, 8, 12)
    assert pen.board.roll_up("33.75", MORNING + HOUR).reporting.oldest_observed_at == MORNING
    assert [area.code for area in pen.board.path("33.74.01.1001")] == ["ID", "33", "33.75", "33.74.01", "33.74.01.1001"]
    assert pen.board.target(pen.board.facility("rs-a")).path[2] == "33.75"


def test_what_stands_in_the_area_itself_is_unplaced(pen: Pen) -> None:
    pen.reports(report(line("isolation_bed"), facility_id="iso-c"), report())
    children, unplaced = pen.board.children("33.74.01", MORNING)
    assert [(child.area.code, child.totals.beds_total) for child in children] == [
        ("33.74.01.1001", 10),
        ("33.74.01.1002", None),
    ]
    assert (unplaced.totals.beds_total, unplaced.reporting.facilities) == (10, 1)


def test_a_facility_is_found_by_its_identifiers_of_today(pen: Pen) -> None:
    assert pen.board.facility("sirs:3374001").facility_id == "rs-a"
    pen.facilities(replace(FACILITIES[0], identifiers={"sirs": "3374002"}))
    assert pen.board.facility("sirs:3374002").facility_id == "rs-a"
    for gone in ("sirs:3374001", "bpjs:3374002", "sirs:", "nobody"):
        with pytest.raises(NotFound):
            pen.board.facility(gone)


def test_areas_are_found_by_parent_level_name_and_code_page_by_page(pen: Pen) -> None:
    board = pen.board

    def codes(**how: object) -> list[str]:
        return [area.code for area in board.find_areas(**how)]  # type: ignore[arg-type]

    assert codes() == sorted(area.code for area in AREAS)
    assert codes(parent="33.74") == ["33.74.01", "33.74.02"]
    assert codes(level=AreaLevel.city) == ["33.74", "33.75"]
    assert codes(q="SEMARANG") == ["33.74", "33.74.01", "33.74.02"]
    assert codes(q="33.74.01.1001") == ["33.74.01.1001", "33.74.01.1001.001"]
    assert codes(q="emaran", level=AreaLevel.kecamatan) == ["33.74.01", "33.74.02"]
    assert codes(q="nowhere") == []
    with pytest.raises(NotFound):
        codes(parent="99")
    for size in (1, 3, 4, 10, 11):
        walked: list[str] = []
        while page := codes(after=walked[-1] if walked else None, limit=size):
            walked += page
        assert walked == codes()


def test_an_area_may_be_renamed_or_added_later(pen: Pen) -> None:
    pen.reports(report())
    new = Area("33.74.00", "Semarang Baru", AreaLevel.kecamatan, "kecamatan", "33.74")
    pen.write(AreasRegistered((replace(AREAS[2], name="Semarang"), new)))
    assert pen.board.roll_up("33.74", MORNING).area.name == "Semarang"
    assert [area.code for area in pen.board.find_areas(parent="33.74")] == ["33.74.00", "33.74.01", "33.74.02"]
    assert [area.code for area in pen.board.find_areas(q="33.74.0", limit=1)] == ["33.74.00"]
    assert pen.totals("33.74") == (10, 4, 6)


def test_a_key_is_known_from_its_entry_on(pen: Pen) -> None:
    key = Credential("abc", "d", Actor("k", Role.command, NATIONAL, key="abc"), MORNING, "operator")
    older = replace(key, prefix="xyz", created_at=MORNING - HOUR)
    assert pen.board.credential("abc") is None
    pen.write(KeysChanged((key, older)))
    assert pen.board.credential("abc") == replace(key, seq=3)
    pen.write(KeysChanged((replace(key, revoked_at=MORNING),)))
    assert pen.board.credential("abc") == replace(key, revoked_at=MORNING, seq=3)


def test_the_newer_of_two_keys_is_the_one_that_the_ledger_has_later_whatever_the_clock_said(pen: Pen) -> None:
    holder = Actor("k", Role.hospital, Scope(ScopeKind.facility, "rs-a"))
    first, second = (
        Credential(name, name, holder, at, "operator", channel=Channel.sirs)
        for name, at in (("z", MORNING), ("a", MORNING - HOUR))
    )
    for key in (first, second, replace(first, revoked_at=MORNING)):
        pen.write(KeysChanged((key,)))
    assert [key.prefix for key in pen.board.keys_of_channel("rs-a", Channel.sirs)] == ["z", "a"]
    assert [key.prefix for key in pen.board.credentials()] == ["z", "a"]
    pen.write(KeysChanged((replace(first, created_at=MORNING + HOUR),)))  # the prefix was issued again
    assert [key.prefix for key in pen.board.keys_of_channel("rs-a", Channel.sirs)] == ["a", "z"]


def test_every_way_of_asking_for_an_unknown_area_is_refused(pen: Pen) -> None:
    board = pen.board
    for ask in (board.area, board.path, board.area_target):
        with pytest.raises(NotFound):
            ask("99")
    with pytest.raises(NotFound):
        board.roll_up("99", MORNING)
    with pytest.raises(NotFound):
        board.children("99", MORNING)


def test_one_facility_shows_what_every_channel_says(pen: Pen) -> None:
    pen.reports(
        report(line("icu", beds_total=10, beds_occupied=12), line("all_icu", beds_total=30)),
        report(line("icu", closed=True), line("hcu"), channel=Channel.sirs, minutes=5),
        at=MORNING + HOUR,
    )
    found = pen.board.figures(FACILITIES[0], MORNING + HOUR)
    assert found.counting_channel.channel is Channel.native
    assert (found.observed_at, found.recorded_at) == (MORNING, MORNING + HOUR)
    assert [(c.channel, c.counting, c.totals.beds_total) for c in found.channels] == [
        (Channel.native, True, 30),
        (Channel.sirs, False, 10),
    ]
    assert [(one.bed_type, one.counted, one.occupancy, one.warnings) for one in found.lines] == [
        ("all_icu", True, None, ()),
        ("icu", False, 1.2, ("over_capacity",)),
    ]


@pytest.mark.parametrize(("hours", "freshness"), [(24, "fresh"), (24.1, "silent"), (720, "silent"), (720.1, "lapsed")])
def test_a_line_that_nobody_reports_turns_silent_and_lapses_beside_fresh_ones(
    pen: Pen, hours: float, freshness: str
) -> None:
    pen.reports(report(line("icu"), line("hcu")))
    later = MORNING + hours * HOUR
    pen.reports(report(line("hcu"), minutes=hours * 60), at=later)
    found = pen.board.figures(FACILITIES[0], later)
    assert [(one.bed_type, one.freshness, one.counted) for one in found.lines] == [
        ("hcu", "fresh", True),
        ("icu", freshness, freshness != "lapsed"),
    ]
    assert found.freshness is Freshness.fresh
    assert found.totals.facilities == found.totals.fresh.facilities == 1


def test_a_facility_that_never_spoke_has_no_figures(pen: Pen) -> None:
    found = pen.board.figures(FACILITIES[1], MORNING)
    assert found.counting_channel.freshness is Freshness.never
    assert (found.observed_at, found.recorded_at, found.lines, found.channels) == (None, None, (), ())
    assert found.totals.beds_total is None


def test_what_time_changed_between_the_last_entries_is_known_after_a_restart(pen: Pen) -> None:
    """Who comes back to a node that was started meanwhile hears of it too."""
    pen.reports(report(), at=MORNING)
    first, later = pen.board.position, MORNING + 7 * HOUR
    pen.reports(report(facility_id="rs-b", minutes=7 * 60), at=later)
    said = {name: {Channel.native: pen.board.copy_channel_state(name, Channel.native)} for name in ("rs-a", "rs-b")}
    changed = RecentEntries(first - 1, MORNING, [(first, "rs-a", MORNING), (first + 1, "rs-b", later)], [])
    board = Board()
    board.load(Snapshot(pen.board.head, later, list(AREAS), list(FACILITIES), [], said, changed))
    mark = board.recent_changes.after(first)
    assert mark is not None
    assert [(step.facility_id, step.by_clock) for step in board.recent_changes.since(mark) or ()] == [
        ("rs-a", True),
        ("rs-b", False),
    ]


def test_a_facility_waits_for_the_clock_once_however_long_it_reports(pen: Pen) -> None:
    for hour in range(0, 600, 10):
        at = MORNING + hour * HOUR
        pen.board.advance(at)
        pen.reports(report(minutes=hour * 60), at=at)
    assert len(pen.board._deadlines) <= 2


def test_a_late_line_is_judged_for_the_same_time_as_the_others(pen: Pen) -> None:
    """A node whose clock is behind recorded it: between its time and ours the line turns silent."""
    pen.reports(report(line("icu"), minutes=-40 * 60), at=MORNING - 40 * HOUR)
    pen.reports(report(line("hcu")), at=MORNING)
    pen.board.advance(MORNING + HOUR / 60)
    pen.reports(report(line("icu", beds_total=10, beds_occupied=5), minutes=-24 * 60 + 0.75), at=MORNING + HOUR / 120)
    for later in (MORNING + HOUR / 50, MORNING + HOUR, MORNING + 40 * HOUR):
        assert pen.board.roll_up("33.74", later).totals.beds_occupied == 9


def test_since_when_a_channel_counts_is_the_same_however_often_anybody_asks() -> None:
    boards = [Pen().world(), Pen().world()]
    for pen in boards:
        for n in range(150):
            pen.reports(report(line("ward_1", ward=f"w{n}", beds_total=1), minutes=-1200 + n), at=MORNING - 20 * HOUR)
        pen.reports(report(line("icu", beds_total=1)), at=MORNING)
        sirs = report(line("ward_1", beds_total=150), channel=Channel.sirs, minutes=60)
        pen.reports(sirs, at=MORNING + HOUR)
    often, once = (pen.board for pen in boards)
    for minutes in range(60, 400):
        often.advance(MORNING + HOUR * minutes / 60)
    once.advance(MORNING + HOUR * 400 / 60)
    judged = [board.judgement("rs-a") for board in (often, once)]
    assert judged[0] is not None
    assert judged[1] is not None
    assert judged[0].since == judged[1].since
    assert judged[0].since is not None
    assert (judged[0].since.channel, judged[0].since.since) == (Channel.sirs, MORNING + 6 * HOUR)
