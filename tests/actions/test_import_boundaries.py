"""Outlines are imported all or none, by an operator, and every node on the database uses them at once."""

import pytest

from app.actions.import_boundaries import import_boundaries
from app.actions.maintenance.verify import verify
from app.domain.errors import InvalidInput, NotPermitted
from app.domain.permissions import OPERATOR, Actor
from app.domain.registry.boundary_file import BoundaryFile
from app.domain.registry.outline import Outline
from app.runtime import outlines
from app.runtime.node import Node


def file_of(*codes: str, west: float = 110.0, attribution: str | None = None) -> BoundaryFile:
    """A triangle for each of these areas."""
    ring = [(west, -7.0), (west + 1, -7.0), (west, -6.0), (west, -7.0)]
    return BoundaryFile([Outline(code, [[ring]]) for code in codes], [""] * len(codes), attribution)


async def test_an_import_replaces_the_outlines_that_it_names(node: Node) -> None:
    before = node.board.position
    assert await import_boundaries(node, file_of("33.74.01", "33.74.02", attribution="Old"), by=OPERATOR) == 2
    await import_boundaries(node, file_of("33.74.02", west=100.0), by=OPERATOR, attribution="New")
    assert list(await node.outlines.codes()) == ["33.74.01", "33.74.02"]
    found = await node.outlines.find(["33.74.01", "33.74.02", "33.75"])
    assert {code: known.stored.attribution for code, known in found.items()} == {"33.74.01": "Old", "33.74.02": "New"}
    assert found["33.74.02"].stored.outline().contains(-6.9, 100.1)
    # Reference data: the ledger has no entry of it.
    assert node.board.position == before
    assert await verify(node.database.url) == []


async def test_with_an_unknown_area_nothing_is_imported(node: Node) -> None:
    with pytest.raises(InvalidInput) as refused:
        await import_boundaries(node, file_of("33.74.01", "99.99"), by=OPERATOR)
    assert [fault.pointer for fault in refused.value.faults] == ["#/features/1/properties/code"]
    assert list(await node.outlines.codes()) == []


async def test_officers_do_not_import(node: Node, district: Actor) -> None:
    with pytest.raises(NotPermitted):
        await import_boundaries(node, file_of("33.74.01"), by=district)


async def test_another_node_uses_a_new_import_without_a_restart(node: Node, neighbour: Node) -> None:
    await import_boundaries(node, file_of("33.74.01"), by=OPERATOR)
    assert list(await neighbour.outlines.codes()) == ["33.74.01"]
    assert (await neighbour.outlines.find(["33.74.01"]))["33.74.01"].stored.outline().contains(-6.9, 110.1)
    await import_boundaries(node, file_of("33.74.01", "33.74", west=100.0), by=OPERATOR)
    assert list(await neighbour.outlines.codes()) == ["33.74", "33.74.01"]
    assert (await neighbour.outlines.find(["33.74.01"]))["33.74.01"].stored.outline().contains(-6.9, 100.1)


async def test_the_memory_for_outlines_has_a_bound(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlines, "CHARACTERS_MAX", 150)
    await import_boundaries(node, file_of("33.74", "33.74.01", "33.74.02"), by=OPERATOR)
    await node.outlines.codes()
    for _ in range(2):
        assert len(await node.outlines.find(["33.74", "33.74.01", "33.74.02"])) == 3
