"""The content of ledger entries is read back exactly as it was written, in every later version."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.beds.counts import COUNT_FIELDS, BedCount
from app.domain.beds.freshness import Thresholds
from app.domain.channels import Channel
from app.domain.ledger import AreasRegistered, FacilitiesRegistered, KeysChanged, OfNewerVersion
from app.domain.permissions import NATIONAL, Actor, Credential, Role, Scope, ScopeKind
from app.domain.registry.area import Area, AreaLevel
from app.domain.registry.contact import Contact
from app.domain.registry.facility import Facility, FacilityKind, LineBounds, Switch
from app.domain.registry.planned_changes import PlannedChange
from app.domain.reports.report import Report, ReportLine, canonical
from app.domain.reports.statements import CurrentLine, Moment
from app.domain.reports.withdrawal import RestoredLine, Withdrawal
from app.domain.sessions import NONE_ENDED, EndedSessions
from app.store import ledger_json
from tests import strategies
from tests.factories import MORNING, line, report

texts = st.text(max_size=8)
maybe_text = st.none() | texts
contacts = st.none() | st.builds(Contact, maybe_text, st.lists(texts, max_size=2).map(tuple))
places = st.none() | st.floats(-90, 90)
times = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(tzinfo=MORNING.tzinfo))  # noqa: DTZ001
maybe_time = st.none() | times
areas = st.builds(Area, texts, texts, st.sampled_from(AreaLevel), texts, maybe_text, places, places)
spans = st.integers(1, 10**6).map(lambda seconds: timedelta(seconds=seconds))
counts = st.none() | st.integers(0, 9)
changes = st.fixed_dictionaries(
    {},
    optional={
        "name": texts,
        "kind": st.sampled_from(FacilityKind),
        "phone": maybe_text,
        "contact": contacts,
        "lat": places,
        "identifiers": st.dictionaries(texts, texts, max_size=2),
        "counting_channel": st.none() | st.sampled_from(Channel),
        "thresholds": st.none() | st.builds(Thresholds, spans, spans),
        "switches": st.frozensets(st.sampled_from(Switch)),
        "lapsed_after": st.none() | spans,
        "line_bounds": st.dictionaries(st.tuples(texts, texts), st.builds(LineBounds, counts, counts), max_size=2),
        "is_open": st.booleans(),
        "later_field": st.none() | st.lists(texts, max_size=2),
    },
)
plans = st.builds(PlannedChange, texts, times, texts, texts, changes, maybe_text)
facilities = st.builds(
    Facility,
    texts,
    st.sampled_from(FacilityKind),
    texts,
    texts,
    maybe_text,
    places,
    places,
    maybe_text,
    maybe_text,
    st.dictionaries(texts, texts, max_size=2),
    st.none() | st.integers(0, 9),
    st.none() | st.sampled_from(Channel),
    st.none() | st.builds(Thresholds, spans, spans),
    st.frozensets(st.sampled_from(Switch)),
    maybe_time,
    maybe_time,
    lapsed_after=st.none() | spans,
    line_bounds=st.dictionaries(st.tuples(texts, texts), st.builds(LineBounds, counts, counts), max_size=2),
    seq=st.just(7),
    planned=st.lists(plans, max_size=2).map(tuple),
    contact=contacts,
)
scopes = st.just(NATIONAL) | st.builds(Scope, st.sampled_from((ScopeKind.area, ScopeKind.facility)), texts)


numbers = st.integers(0, 2**50)
ended = st.just(NONE_ENDED) | st.builds(
    EndedSessions, numbers, st.dictionaries(texts, numbers, max_size=2).map(lambda ids: tuple(sorted(ids.items())))
)


@st.composite
def credentials(draw: st.DrawFn) -> Credential:
    prefix = draw(texts)
    actor = Actor(draw(texts), draw(st.sampled_from(Role)), draw(scopes), draw(texts), prefix)
    door = draw(st.none() | st.sampled_from(Channel)), draw(maybe_text)
    return Credential(
        *(prefix, draw(texts), actor, draw(times), draw(texts), draw(maybe_time), draw(maybe_time), *door),
        ended_sessions=draw(ended),
    )


moments = st.builds(Moment, times, st.integers(1, 99))
current_lines = st.builds(
    CurrentLine,
    maybe_text,
    st.none() | strategies.beds().map(BedCount.completed),
    moments,
    times,
    maybe_text,
    st.none(),
)
restored_lines = st.builds(RestoredLine, texts, st.sampled_from(strategies.BED_TYPES), st.none() | current_lines)
withdrawals = st.builds(
    Withdrawal,
    st.integers(1, 99),
    texts,
    st.lists(restored_lines, max_size=3).map(tuple),
    st.none() | moments,
    st.none() | moments,
    maybe_time,
)


matters = st.one_of(
    strategies.reports(channels=strategies.CHANNELS),
    st.builds(lambda said, of: replace(said, withdraws=of), strategies.reports(), withdrawals),
    st.builds(AreasRegistered, st.lists(areas, max_size=2).map(tuple)),
    st.builds(FacilitiesRegistered, st.lists(facilities, max_size=2).map(tuple), times, texts),
    st.builds(KeysChanged, st.lists(credentials(), max_size=2).map(tuple)),
)


@given(matters)
def test_every_matter_is_read_back_as_it_was_written(matter: Report | AreasRegistered) -> None:
    body = ledger_json.write(matter)
    report_id = matter.report_id if isinstance(matter, Report) else None
    assert ledger_json.read(ledger_json.kind_of(matter), body, seq=7, report_id=report_id) == matter


def test_every_count_of_a_line_is_kept_and_none_is_made_up() -> None:
    full = BedCount(**{name: n for n, name in enumerate(COUNT_FIELDS, start=1)})
    said = report(
        ReportLine("icu", "A", "ICU Garuda", full, '{"ruang":"é"}'),
        line("hcu", beds_available=0),
        line("ward_1", closed=True),
    )
    assert ledger_json.read("report", ledger_json.write(said), seq=1, report_id=said.report_id) == said


def test_a_facility_has_the_version_of_the_entry_that_changed_it() -> None:
    said = FacilitiesRegistered((Facility("a", FacilityKind.clinic, "A", "33", seq=7),), MORNING, "")
    read = ledger_json.read("facilities", ledger_json.write(said), seq=12, report_id=None)
    assert isinstance(read, FacilitiesRegistered)
    assert read.facilities == (replace(said.facilities[0], seq=12),)


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        (
            "report",
            (
                '{"channel":"native","complete":false,"facility_id":"rs-a","lines":['
                '{"bed_type":"icu","beds_available":3,"ward_code":""},'
                '{"bed_type":"hcu","closed":true,"ward_code":"","more":1}],'
                '"observed_at":"2026-11-23T03:00:00+00:00","later":"field"}'
            ),
            report(line(beds_available=3), line("hcu", closed=True), report_id="r"),
        ),
        (
            "areas",
            '{"areas":[{"code":"33","name":"Jateng","level":"province","type":"provinsi","later":"field"}]}',
            AreasRegistered((Area("33", "Jateng", AreaLevel.province, "provinsi", None, more='{"later":"field"}'),)),
        ),
        (
            "facilities",
            (
                '{"facilities":[{"facility_id":"a","kind":"clinic","name":"A","area_code":"33","identifiers":{}}],'
                '"effective_at":"2026-11-23T03:00:00+00:00","reason":""}'
            ),
            FacilitiesRegistered((Facility("a", FacilityKind.clinic, "A", "33", seq=1),), MORNING, ""),
        ),
        (
            "keys",
            (
                '{"credentials":[{"prefix":"p","digest":"d","principal":"k","role":"command",'
                '"scope_kind":"national","name":"","created_at":"2026-11-23T03:00:00+00:00","created_by":"operator"}]}'
            ),
            KeysChanged((Credential("p", "d", Actor("k", Role.command, NATIONAL, "", "p"), MORNING, "operator"),)),
        ),
    ],
)
def test_a_body_of_the_first_version_is_read_for_ever(kind: str, body: str, expected: object) -> None:
    assert ledger_json.read(kind, body, seq=1, report_id="r" if kind == "report" else None) == expected


def test_an_entry_of_an_unknown_kind_is_kept_as_it_is() -> None:
    matter = ledger_json.read("weather", '{"rain":1}', seq=1, report_id=None)
    assert matter == OfNewerVersion("weather", '{"rain":1}')
    assert (ledger_json.kind_of(matter), ledger_json.write(matter)) == ("weather", '{"rain":1}')


@pytest.mark.parametrize(("kind", "name"), [("areas", "areas"), ("facilities", "facilities"), ("keys", "credentials")])
def test_fields_of_a_newer_version_are_written_again(kind: str, name: str) -> None:
    bodies = {
        "areas": {"code": "33", "name": "Jateng", "level": "province", "type": "provinsi"},
        "facilities": {"facility_id": "a", "kind": "clinic", "name": "A", "area_code": "33", "identifiers": {}},
        "keys": {
            "prefix": "p",
            "digest": "d",
            "principal": "k",
            "role": "command",
            "scope_kind": "national",
            "name": "",
            "created_at": "2026-11-23T03:00:00+00:00",
            "created_by": "operator",
        },
    }
    said = bodies[kind] | {"later": {"phones": ["+62 24", None]}, "zone": "é"}
    rest = {"effective_at": "2026-11-23T03:00:00+00:00", "reason": ""} if kind == "facilities" else {}
    body = canonical({name: [said], **rest})
    assert ledger_json.write(ledger_json.read(kind, body, seq=1, report_id=None)) == body
