"""Areas: all or none, every fault at once, and each change an entry of the ledger."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from app.actions import register_areas as module
from app.actions.keys import revoke_key
from app.actions.register_areas import add_rw, register_areas
from app.actions.submit_reports import submit_reports
from app.domain.errors import Conflict, InvalidInput, NotFound, NotPermitted, Unauthenticated
from app.domain.ledger import AreasRegistered
from app.domain.permissions import OPERATOR, Actor, Scope, ScopeKind
from app.domain.registry.area import Area, AreaLevel
from app.runtime.node import Node
from tests.conftest import entries_of, holder_of, on_sqlite
from tests.factories import AREAS, line, report

MIROTO = "33.74.01.1001"
NEW = Area("33.76", "Kota Baru", AreaLevel.city, "kota", "33")


def codes(areas: Sequence[Area]) -> list[str]:
    return [area.code for area in areas]


async def test_a_new_area_is_on_the_board_and_in_the_ledger(node: Node, command: Actor) -> None:
    assert await register_areas(node, [NEW], by=command) == [NEW]
    assert node.board.area("33.76") == NEW
    entry = (await entries_of(node))[-1]
    assert (entry.matter, entry.by) == (AreasRegistered((NEW,)), command.principal)


async def test_registering_the_same_again_writes_nothing(node: Node, command: Actor) -> None:
    before = await entries_of(node)
    assert await register_areas(node, AREAS, by=command) == []
    assert await entries_of(node) == before


async def test_only_what_changed_is_written(node: Node, command: Actor) -> None:
    renamed = replace(AREAS[-1], name="Pekalongan", lat=-6.9, lon=109.7)
    assert await register_areas(node, [*AREAS[:-1], renamed], by=command) == [renamed]
    assert node.board.area("33.75") == renamed


async def test_all_faults_are_named_and_nothing_is_written(node: Node, command: Actor) -> None:
    before = await entries_of(node)
    with pytest.raises(InvalidInput) as refused:
        await register_areas(
            node,
            [NEW, replace(NEW, code="33 77"), replace(NEW, code="33.78", parent="99"), NEW],
            by=command,
        )
    assert [fault.pointer for fault in refused.value.faults] == ["#/1/code", "#/2/parent", "#/3/code"]
    assert await entries_of(node) == before
    with pytest.raises(NotFound):
        node.board.area("33.76")


async def test_a_large_tree_is_written_in_parts_and_all_or_none(
    node: Node, command: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AREAS_PER_ENTRY", 4)
    heard: list[int] = []
    many = [replace(NEW, code=f"33.{n}") for n in range(80, 90)]
    assert codes(await register_areas(node, many, by=command, progress=heard.append)) == codes(many)
    assert heard == [4, 4, 2]
    assert len(await entries_of(node)) == 3 + 3

    def stop(_number: int) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await register_areas(node, [replace(NEW, code=f"33.{n}") for n in range(10, 20)], by=command, progress=stop)
    assert len(await entries_of(node)) == 6
    assert node.board.find_areas(parent="33", q="33.1") == []


@on_sqlite
async def test_an_area_moves_with_its_facilities(node: Node, command: Actor) -> None:
    """Within one depth: what lies below it keeps its depth too."""
    await submit_reports(node, [report(line(beds_total=7))], by=command)
    await register_areas(node, [replace(AREAS[3], parent="33.75")], by=command)
    assert node.board.roll_up("33.75", node.clock()).totals.beds_total == 7
    assert node.board.roll_up("33.74", node.clock()).totals.beds_total is None
    assert [area.code for area in node.board.path(MIROTO)] == ["ID", "33", "33.75", "33.74.01", MIROTO]


@on_sqlite
async def test_an_area_with_others_below_cannot_go_to_another_depth(node: Node, command: Actor) -> None:
    with pytest.raises(Conflict):
        await register_areas(node, [replace(AREAS[3], parent="33")], by=command)
    leaf = replace(AREAS[5], parent="33")
    assert await register_areas(node, [leaf], by=command) == [leaf]


@on_sqlite
async def test_an_area_with_others_below_cannot_become_one_of_their_level(node: Node, command: Actor) -> None:
    """A kelurahan in a kelurahan would be refused, so its parent may not turn into one either."""
    for level in (AreaLevel.kelurahan, AreaLevel.rw):
        with pytest.raises(Conflict):
            await register_areas(node, [replace(AREAS[3], level=level)], by=command)
    assert node.board.area("33.74.01") == AREAS[3]


@on_sqlite
async def test_areas_are_registered_by_the_nation_and_the_operator_alone(
    node: Node, hospital: Actor, district: Actor
) -> None:
    for by in (hospital, district):
        with pytest.raises(NotPermitted):
            await register_areas(node, [NEW], by=by)
    assert await register_areas(node, [NEW], by=OPERATOR) == [NEW]


async def test_the_first_rw_of_a_kelurahan_are_added_at_once_and_no_other_is_touched(
    node: Node, district: Actor
) -> None:
    """RW 01 of Miroto already exists."""
    added = await add_rw(node, MIROTO, by=district, count=3)
    assert codes(added) == [f"{MIROTO}.002", f"{MIROTO}.003"]
    assert (added[0].name, added[0].level, added[0].parent) == ("RW 02", AreaLevel.rw, MIROTO)
    assert await add_rw(node, MIROTO, by=district, count=3) == []
    assert codes(await add_rw(node, MIROTO, by=district, numbers=[12, 2, 12, 999])) == [
        f"{MIROTO}.012",
        f"{MIROTO}.999",
    ]
    assert (await entries_of(node))[-1].by == district.principal


@on_sqlite
@pytest.mark.parametrize("how", [{"count": 0}, {"count": 1000}, {"numbers": [0]}, {"numbers": [1000]}, {}], ids=str)
async def test_the_numbers_of_rw_run_from_1_to_999(node: Node, district: Actor, how: dict[str, int]) -> None:
    with pytest.raises(InvalidInput):
        await add_rw(node, MIROTO, by=district, **how)  # type: ignore[arg-type]


@on_sqlite
async def test_an_rw_lies_in_a_kelurahan_that_is_known_and_his_own(node: Node, district: Actor) -> None:
    with pytest.raises(InvalidInput):
        await add_rw(node, "33.74.01", by=district, count=1)
    with pytest.raises(NotFound):
        await add_rw(node, "33.74.01.9999", by=district, count=1)
    other = await holder_of(node, Scope(ScopeKind.area, "33.75"))
    with pytest.raises(NotPermitted):
        await add_rw(node, MIROTO, by=other, count=1)


async def test_a_key_that_another_node_revoked_registers_nothing(
    neighbour: Node, node: Node, command: Actor, district: Actor
) -> None:
    await neighbour.follower.catch_up()
    for by in (command, district):
        assert by.key is not None
        await revoke_key(node, by.key, by=OPERATOR)
    with pytest.raises(Unauthenticated):
        await register_areas(neighbour, [NEW], by=command)
    with pytest.raises(Unauthenticated):
        await add_rw(neighbour, MIROTO, by=district, count=9)
