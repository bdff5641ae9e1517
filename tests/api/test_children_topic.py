"""Listeners of `events=children` that read when they like end up with the rows as they are."""

import json
import random
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from app.api.schemas.capacity import CapacityOut
from app.api.streaming import children as children_module
from app.api.streaming.children import ChildrenTopic
from app.api.streaming.encoded_rows import EncodedRows
from app.domain.beds.bed_types import BedGroup
from app.domain.capacity import FRESH_ONLY, NO_FILTERS, Filters
from app.domain.ledger import AreasRegistered
from app.domain.registry.area import Area, AreaLevel
from app.domain.registry.facility import Facility, FacilityKind
from tests.board.conftest import Pen
from tests.factories import MORNING, line, report

CITY = "33.75"
FILTERS = {
    "none": NO_FILTERS,
    "hospitals": Filters(kind=frozenset({FacilityKind.hospital})),
    "fresh intensive": Filters(group=frozenset({BedGroup.intensive}), freshness=FRESH_ONLY),
}


class Reader:
    """A listener: its mark, and what a page would show."""

    def __init__(self, topic: ChildrenTopic, after: int | None = None, shown: dict[str, Any] | None = None) -> None:
        self.topic, self.shown = topic, dict(shown or {})
        fresh = ChildrenTopic(topic.code, topic.filters, topic.node, topic.rows)  # a route makes its own
        self.mark, events = fresh.begin(after)
        self.hear(events)

    def read(self) -> None:
        self.mark, events = self.topic.since(self.mark)
        self.hear(events)

    def read_all(self) -> None:
        while self.mark != self.topic.mark():
            self.read()

    def hear(self, events: bytes) -> None:
        for block in events.decode().split("\n\n")[:-1]:
            fields = dict(part.split(": ", 1) for part in block.split("\n"))
            document = json.loads(fields["data"])
            if fields["event"] == "reset":
                self.shown = {}
                continue
            self.shown |= {row["area"]["code"]: bare(row) for row in document["children"]}
            self.shown |= {"": bare(document["unplaced"])} if document["unplaced"] else {}


def bare(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in {"position", "as_of"}}


def truth(pen: Pen, filters: Filters) -> dict[str, Any]:
    children, unplaced = pen.board.children(CITY, pen.board.now, filters)
    rows = {row.area.code: row for row in children} | {"": unplaced}
    return {code: bare(json.loads(CapacityOut.of(row).model_dump_json())) for code, row in rows.items()}


def world() -> Pen:
    pen = Pen().world()
    areas = [Area(f"33.75.0{n}", f"K{n}", AreaLevel.kecamatan, "kecamatan", "33.75") for n in range(5)]
    pen.write(AreasRegistered(tuple(areas)))
    kinds = (FacilityKind.hospital, FacilityKind.clinic)
    codes = [area.code for area in areas] + [CITY]
    pen.facilities(*(Facility(f"f{n}", kinds[n % 2], "F", codes[n % 6]) for n in range(12)))
    return pen


def change(pen: Pen, chance: random.Random) -> None:
    match chance.randrange(10):
        case 0:
            pen.board.advance(pen.board.now + timedelta(hours=chance.choice((1, 7, 30))))
        case 1:
            facility = pen.board.facility(f"f{chance.randrange(12)}")
            area = chance.choice((*pen.board._tree.node(CITY).children, CITY))
            pen.facilities(Facility(facility.facility_id, facility.kind, "F", area), at=pen.board.now)
        case 2 if chance.random() < 0.2:
            area = pen.board.area("33.75.04")
            parent = "33.74" if area.parent == "33.75" else "33.75"
            pen.write(AreasRegistered((Area(area.code, "K4", area.level, "kecamatan", parent),)), at=pen.board.now)
        case _:
            # Few values, so that rows often return to what they were.
            bed_type = chance.choice(("icu", "ward_1"))
            said = report(line(bed_type, beds_total=10, beds_occupied=chance.choice((1, 2))), facility_id="")
            minutes = (pen.board.now - MORNING) // timedelta(minutes=1)
            said = report(*said.lines, facility_id=f"f{chance.randrange(12)}", minutes=minutes)
            pen.reports(said, at=pen.board.now)


@pytest.mark.parametrize("filters", FILTERS)
@pytest.mark.parametrize("limits", [(8, 64, 256), (1, 2, 3), (2, 1, 256)])
@pytest.mark.parametrize("seed", range(4))
def test_readers_end_up_with_the_rows_as_they_are(monkeypatch, filters, limits, seed):
    for name, limit in zip(("ENCODED_AT_ONCE", "ROWS_AT_ONCE", "COMPARED_MAX"), limits, strict=True):
        monkeypatch.setattr(children_module, name, limit)
    chance, pen = random.Random(f"{filters} {seed}"), world()
    topic = ChildrenTopic(CITY, FILTERS[filters], SimpleNamespace(board=pen.board), EncodedRows())  # type: ignore[arg-type]
    readers = [Reader(topic)]
    for _ in range(150):
        change(pen, chance)
        for reader in readers:
            if chance.random() < 0.4:
                reader.read()
        if chance.random() < 0.1 and len(readers) < 5:
            readers.append(Reader(topic))
        if chance.random() < 0.1:
            leave_and_come_back(pen, chance, topic, readers)
        if chance.random() < 0.2:
            check(pen, topic, readers)


def leave_and_come_back(pen: Pen, chance: random.Random, topic: ChildrenTopic, readers: list[Reader]) -> None:
    left = readers.pop(chance.randrange(len(readers)))
    left.read_all()
    after = pen.board.position
    for _ in range(chance.randrange(4)):
        change(pen, chance)
        for reader in readers:
            reader.read()
    readers.append(Reader(topic, after, left.shown))


def check(pen: Pen, topic: ChildrenTopic, readers: list[Reader]) -> None:
    expected = truth(pen, topic.filters)
    for reader in readers:
        reader.read_all()
        assert {code: reader.shown[code] for code in expected} == expected


@pytest.mark.parametrize("reads", [0, 1])
def test_who_joins_between_two_changes_hears_of_the_way_back(reads):
    pen = world()
    topic = ChildrenTopic(CITY, NO_FILTERS, SimpleNamespace(board=pen.board), EncodedRows())  # type: ignore[arg-type]
    said = [report(line("icu", beds_total=10, beds_occupied=n), facility_id="f0") for n in (1, 2, 1)]
    first = Reader(topic)
    first.read_all()
    pen.reports(said[0])
    first.read_all()
    pen.reports(said[1])
    second = Reader(topic)
    for _ in range(reads):
        second.read()
    pen.reports(said[2])
    check(pen, topic, [first, second])


def test_a_parent_of_thousands_is_sent_in_parts_of_bounded_work(monkeypatch):
    pen = Pen().world()
    areas = (Area(f"33.75.{n:04d}", "K", AreaLevel.kecamatan, "kecamatan", "33.75") for n in range(3_000))
    pen.write(AreasRegistered(tuple(areas)))
    node: Any = SimpleNamespace(board=pen.board)
    topic = ChildrenTopic(CITY, NO_FILTERS, node, EncodedRows())
    added = 0
    roll_up = pen.board.roll_up

    def counted(*given: Any) -> Any:
        nonlocal added
        added += 1
        return roll_up(*given)

    monkeypatch.setattr(pen.board, "roll_up", counted)
    reader = Reader(topic)
    most = added
    while reader.mark != topic.mark():
        before = added
        reader.read()
        most = max(most, added - before)
    assert len(reader.shown) == 3_001
    assert most <= children_module.ENCODED_AT_ONCE + 1
    assert added <= 3_002
    other, before = Reader(topic), added
    other.read_all()
    assert other.shown == reader.shown
    assert added - before < 20
