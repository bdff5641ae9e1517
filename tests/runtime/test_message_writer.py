"""Messages are written down beside the work; one that cannot be takes no others with it."""

import pytest

from app.domain.channels import Channel
from app.domain.errors import Unavailable
from app.domain.message import Message, MessageOutcome
from app.runtime import message_writer as module
from app.runtime.node import Node
from tests.factories import MORNING


def message(facility_id: str, request: str) -> Message:
    return Message(
        facility_id, Channel.sirs, MORNING, request, MessageOutcome.accepted, 200, None, None, None, "id", None
    )


async def test_a_message_that_the_database_does_not_take_is_lost_alone(node: Node) -> None:
    for facility_id, request in (("rs-a", "A"), ("no-such", "B"), ("rs-a", "C")):
        node.messages.add(message(facility_id, request))
    kept = await node.messages.last("rs-a", limit=10)
    assert [each.request for each in kept] == ["C", "A"]


async def test_messages_wait_while_the_database_is_away(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object) -> None:
        raise Unavailable

    node.messages.add(message("rs-a", "A"))
    with monkeypatch.context() as patched:
        patched.setattr(module.messages, "put", away)
        with pytest.raises(Unavailable):
            await node.messages.flush()
    assert [each.request for each in await node.messages.last("rs-a", limit=10)] == ["A"]
