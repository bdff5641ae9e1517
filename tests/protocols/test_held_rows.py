"""Rows that wait for an officer: what is last said of them is what is stored."""

from typing import Any

import pytest

from app.actions.hospitals import Hospital, add_hospital
from app.domain.channels import Channel
from app.domain.permissions import OPERATOR
from app.protocols.sirs import held_rows as module
from app.protocols.sirs.held_rows import complete_held_row, held_rows_of, hold_row
from app.runtime.node import Node


async def test_what_is_said_while_an_officer_completes_a_row_is_not_lost(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_hospital(node, Hospital("rs-a"), by=OPERATOR)
    write_rows = module.write_rows

    async def say(occupied: int) -> None:
        said = {"ruang": "Melati", "covid": None, "counts": {"jumlah": 12, "terpakai": occupied}}
        await hold_row(node, "rs-a", "34450001", said, by=OPERATOR)

    async def interrupted(*arguments: Any, **more: Any) -> Any:
        monkeypatch.undo()
        await say(2)
        return await write_rows(*arguments, **more)

    await say(1)
    monkeypatch.setattr(module, "write_rows", interrupted)
    await complete_held_row(node, "rs-a", "34450001", id_tt="3", ruang=None, covid=None, by=OPERATOR)
    assert await held_rows_of(node, "rs-a", by=OPERATOR) == []
    [line] = node.board.channel_state("rs-a", Channel.sirs).lines.values()
    assert line.beds is not None
    assert line.beds.beds_occupied == 2
