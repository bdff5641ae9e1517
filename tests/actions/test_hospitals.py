"""Hospitals and their credentials: registered once, with a secret per protocol, at most two at a time."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from app.actions.hospital_logins import GivenSecret, recognise_consumer, recognise_password
from app.actions.hospitals import Hospital, Logins, add_hospital, revoke_logins, rotate_logins
from app.actions.keys import recognise
from app.domain.channels import Channel
from app.domain.errors import Conflict, InvalidInput, NotFound, NotPermitted, Unauthenticated
from app.domain.permissions import OPERATOR, Actor, Credential
from app.domain.signatures import md5_of, signature
from app.runtime.node import Node, open_node
from tests.conftest import SECRET_KEY, Clock

NEW = Hospital("rs-new", "RS Baru", "3374999", "1199r001", "33.74.01.1001")


def by_channel(doors: Logins) -> dict[Channel, tuple[str, str]]:
    return {door.channel: (door.login, door.secret) for door in doors.logins}


def holder_of_password(node: Node, code: str, channel: Channel, shown: str) -> Credential:
    found = recognise_password(node, code, shown, channel)
    if found is None:
        raise Unauthenticated
    return found


async def test_a_new_hospital_is_registered_and_gets_a_secret_of_its_own_for_each_door(node: Node) -> None:
    doors = await add_hospital(node, NEW, by=OPERATOR)
    assert doors.facility.identifiers == {"sirs": "3374999", "bpjs": "1199R001"}
    found = by_channel(doors)
    assert set(found) == {Channel.sirs, Channel.aplicares, Channel.siranap_v1}
    assert len({secret for _, secret in found.values()}) == 3
    assert holder_of_password(node, "3374999", Channel.sirs, found[Channel.sirs][1]).actor.scope.id == "rs-new"
    v1 = found[Channel.siranap_v1][1]
    assert holder_of_password(node, "3374999", Channel.siranap_v1, md5_of(v1)).channel is Channel.siranap_v1
    consumer_id, secret = found[Channel.aplicares]
    assert consumer_id.isdigit()
    assert recognise_consumer(node, consumer_id) == (node.board.credential(consumer_id), secret)


async def test_a_door_opens_for_nobody_else_and_the_native_api_not_at_all(node: Node) -> None:
    secret = by_channel(await add_hospital(node, NEW, by=OPERATOR))[Channel.sirs][1]
    for code, channel, shown in [
        ("3374001", Channel.sirs, secret),  # another hospital, without credentials
        ("9999999", Channel.sirs, secret),  # none at all
        ("3374999", Channel.siranap_v1, secret),
        ("3374999", Channel.sirs, secret + "x"),
        ("3374999", Channel.sirs, ""),
    ]:
        with pytest.raises(Unauthenticated):
            holder_of_password(node, code, channel, shown)
    assert recognise(node, secret) is None
    assert recognise_consumer(node, "1000") is None


async def test_no_secret_is_stored_in_clear(node: Node) -> None:
    doors = await add_hospital(node, NEW, by=OPERATOR)
    kept = "".join(map(repr, node.board.credentials()))
    assert not [door.channel for door in doors.logins if door.secret in kept or md5_of(door.secret) in kept]


async def test_rotation_leaves_the_first_secret_until_it_is_revoked(node: Node, clock: Clock) -> None:
    old = by_channel(await add_hospital(node, NEW, by=OPERATOR))[Channel.sirs][1]
    clock.advance(days=30)
    new = by_channel(await rotate_logins(node, "rs-new", [Channel.sirs], by=OPERATOR))[Channel.sirs][1]
    first = holder_of_password(node, "3374999", Channel.sirs, old)
    assert holder_of_password(node, "3374999", Channel.sirs, new).actor.principal == first.actor.principal
    with pytest.raises(Conflict, match="2 valid keys"):
        await rotate_logins(node, "rs-new", [Channel.sirs], by=OPERATOR)
    await revoke_logins(node, "rs-new", [Channel.sirs], by=OPERATOR, keep_newest=True)
    with pytest.raises(Unauthenticated):
        holder_of_password(node, "3374999", Channel.sirs, old)
    assert holder_of_password(node, "3374999", Channel.sirs, new)
    await revoke_logins(node, "rs-new", by=OPERATOR)
    with pytest.raises(Unauthenticated):
        holder_of_password(node, "3374999", Channel.sirs, new)
    with pytest.raises(NotFound):
        await rotate_logins(node, "rs-new", by=OPERATOR)


async def test_a_known_hospital_gets_the_doors_that_it_lacks(node: Node) -> None:
    first = await add_hospital(node, Hospital("rs-a"), by=OPERATOR)
    assert {door.channel for door in first.logins} == {Channel.sirs, Channel.siranap_v1}
    second = await add_hospital(node, Hospital(sirs="3374001", bpjs="1199R002"), by=OPERATOR)
    assert [door.channel for door in second.logins] == [Channel.aplicares]
    assert second.facility.name == "RS A"
    with pytest.raises(Conflict, match="rotate"):
        await add_hospital(node, Hospital("rs-a"), by=OPERATOR)


async def test_what_is_missing_or_another_s_is_said_and_changes_nothing(node: Node, hospital: Actor) -> None:
    before = node.board.position
    for wrong, refusal in [
        (Hospital("rs-new", sirs="3374999"), InvalidInput),
        (Hospital("rs-new", "RS Baru", area_code="33.74"), InvalidInput),
        (Hospital("rs-b"), InvalidInput),
        (Hospital("rs-a", sirs="3374002"), Conflict),
        (Hospital("rs-b", sirs="3374001"), Conflict),
    ]:
        with pytest.raises(refusal):
            await add_hospital(node, wrong, by=OPERATOR)
    with pytest.raises(NotPermitted):
        await add_hospital(node, NEW, by=hospital)
    assert node.board.position == before


async def test_a_secret_of_elsewhere_goes_on_opening(node: Node) -> None:
    given = {Channel.aplicares: GivenSecret("rahasia-uji", "1000"), Channel.sirs: GivenSecret("sandi-uji")}
    doors = await add_hospital(
        node, Hospital("rs-new", "RS Baru", "3374999", "1199R001", "33.74", given=given), by=OPERATOR
    )
    assert by_channel(doors)[Channel.aplicares] == ("1000", "rahasia-uji")
    assert holder_of_password(node, "3374999", Channel.sirs, "sandi-uji")
    await revoke_logins(node, "rs-new", [Channel.aplicares], by=OPERATOR)
    assert by_channel(await add_hospital(node, Hospital("rs-new", given=given), by=OPERATOR)) == {
        Channel.aplicares: ("1000", "rahasia-uji")
    }
    with pytest.raises(Conflict, match="1000"):
        await add_hospital(
            node,
            Hospital("rs-b", bpjs="1199R003", given={Channel.aplicares: GivenSecret("another-one", "1000")}),
            by=OPERATOR,
        )


async def test_a_secret_of_elsewhere_that_could_be_guessed_is_refused_and_named(node: Node) -> None:
    position = node.board.position
    given = {channel: GivenSecret("rahasia", None) for channel in (Channel.sirs, Channel.siranap_v1)}
    with pytest.raises(InvalidInput) as refused:
        await add_hospital(node, Hospital("rs-a", given=given), by=OPERATOR)
    [fault] = refused.value.faults
    assert fault.pointer == "#/given/sirs_password"
    assert "at least 8 characters" in fault.detail
    assert "rahasia" not in fault.detail
    assert node.board.position == position


def test_the_signature_is_that_of_the_specification() -> None:
    assert signature("rahasia-uji", "1000", "1735689600") == "Jtckx6qmZM7MoxD2URoexsDr6KOBnimG5++t4411hio="
    assert md5_of("sandi-uji") == "3ef03413497ed6d421f58acc5a1b1c6d"


@pytest.fixture
async def twin(no_polling: None, node: Node, database_url: str, clock: Clock) -> AsyncIterator[Node]:
    """Another process with the same secret key, which looks at the ledger only when it must."""
    async with open_node(database_url=database_url, secret_keys=[SECRET_KEY], clock=clock) as found:
        yield found


async def test_two_nodes_never_issue_one_hospital_s_credentials_twice(node: Node, twin: Node) -> None:
    """Each judges by the ledger as it is in its own transaction, not by what it happened to know before."""
    for n in range(5):
        hospital = Hospital(f"rs-{n}", f"RS {n}", f"337480{n}", f"1199R80{n}", "33.74.01.1001")
        answers = await asyncio.gather(
            *(add_hospital(one, hospital, by=OPERATOR) for one in (node, twin)), return_exceptions=True
        )
        assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "Logins"]
        await twin.follower.catch_up()
        for channel in Channel:
            assert len(twin.board.keys_of_channel(f"rs-{n}", channel)) <= 1
    with pytest.raises(Conflict):
        await add_hospital(twin, Hospital("rs-0"), by=OPERATOR)


async def test_of_two_keys_the_newer_one_stays_though_the_clock_was_set_back(node: Node, clock: Clock) -> None:
    old = by_channel(await add_hospital(node, NEW, by=OPERATOR))[Channel.sirs][1]
    clock.advance(hours=-3)
    new = by_channel(await rotate_logins(node, "rs-new", [Channel.sirs], by=OPERATOR))[Channel.sirs][1]
    await revoke_logins(node, "rs-new", [Channel.sirs], by=OPERATOR, keep_newest=True)
    with pytest.raises(Unauthenticated):
        holder_of_password(node, "3374999", Channel.sirs, old)
    assert holder_of_password(node, "3374999", Channel.sirs, new)
    async with open_node(database_url=node.database.url, secret_keys=[SECRET_KEY], clock=clock) as restarted:
        assert restarted.board.credentials() == node.board.credentials()


async def test_a_hospital_that_is_added_again_under_the_same_idempotency_key_gets_the_same_keys(
    node: Node, twin: Node
) -> None:
    """The answer was lost, not the keys: only digests are kept, and yet the second answer is the first."""
    first = await add_hospital(node, NEW, by=OPERATOR, idempotency_key="once")
    again = await add_hospital(twin, NEW, by=OPERATOR, idempotency_key="once")
    assert by_channel(again) == by_channel(first)
    assert len(node.board.credentials()) == 3
    rotated = await rotate_logins(node, "rs-new", by=OPERATOR, idempotency_key="twice")
    assert by_channel(await rotate_logins(twin, "rs-new", by=OPERATOR, idempotency_key="twice")) == by_channel(rotated)
    assert set(by_channel(rotated).values()).isdisjoint(by_channel(first).values())


async def test_doors_that_are_rotated_under_the_idempotency_key_of_their_opening_get_new_secrets(node: Node) -> None:
    first = by_channel(await add_hospital(node, NEW, by=OPERATOR, idempotency_key="k-1"))
    second = by_channel(await rotate_logins(node, "rs-new", by=OPERATOR, idempotency_key="k-1"))
    assert set(second) == set(first)
    assert not set(second.values()) & set(first.values())
    await revoke_logins(node, "rs-new", by=OPERATOR, keep_newest=True)
    assert by_channel(await rotate_logins(node, "rs-new", by=OPERATOR, idempotency_key="k-1")) == second
