"""The relay: `balai relay show | deposit | withdraw`. Secrets are read from a prompt, never from arguments."""

from typing import Annotated

import typer

from app.actions.relay_accounts import FIELDS, deposit, relay_states, withdraw
from app.cli import console
from app.domain.channels import Channel
from app.domain.permissions import OPERATOR
from app.protocols.lenient_parsing import wib

verbs = typer.Typer(help="Relay messages of hospitals to the ministry and the insurer.")

Which = Annotated[
    str, typer.Argument(metavar="FACILITY", help="The hospital: its id, or its code such as sirs:3374999.")
]
Upstream = Annotated[Channel, typer.Argument(help="sirs (the ministry) or aplicares (the insurer).")]


@verbs.command()
def show(facility: Which) -> None:
    """Show the state of the relay and the last response of each upstream."""
    console.run(_show(facility))


async def _show(facility: str) -> None:
    async with console.node(console.settings()) as node:
        for state in await relay_states(node, facility, by=OPERATOR):
            ready = state.is_on and state.has_upstream and state.has_account
            console.out(
                f"{state.channel}: {'on' if ready else 'off'}, {state.waiting} waiting, {state.sent} sent, "
                f"{state.refused} refused, {state.dropped} dropped"
            )
            for what, missing in (
                ("the facility's switch is off", not state.is_on),
                ("the settings configure no upstream", not state.has_upstream),
                ("no account is deposited", not state.has_account),
            ):
                if missing:
                    console.out(f"  {what}")
            if state.last_sent_at:
                console.out(f"  last response {wib(state.last_sent_at)}: {state.last_status} {state.last_answer}")
            if state.last_failure_at:
                console.out(f"  last failure {wib(state.last_failure_at)}: {state.last_failure}")


@verbs.command("deposit")
def deposit_(facility: Which, upstream: Upstream) -> None:
    """Store a hospital's own credentials with an upstream, encrypted; you are prompted for them."""
    names = FIELDS.get(upstream, ())
    account = {name: typer.prompt(name, hide_input=True, err=True, default="") for name in names}
    console.run(_deposit(facility, upstream, account))


async def _deposit(facility: str, upstream: Channel, account: dict[str, str]) -> None:
    async with console.node(console.settings()) as node:
        await deposit(node, facility, upstream, account, by=OPERATOR)
        console.out(f"The account of {facility} with {upstream} is stored.")


@verbs.command("withdraw")
def withdraw_(facility: Which, upstream: Upstream) -> None:
    """Delete a hospital's credentials with an upstream."""
    console.run(_withdraw(facility, upstream))


async def _withdraw(facility: str, upstream: Channel) -> None:
    async with console.node(console.settings()) as node:
        await withdraw(node, facility, upstream, by=OPERATOR)
        console.out(f"The account of {facility} with {upstream} is deleted.")
