"""`balai redate`: correct a channel whose times are in the future because of a wrong clock."""

from typing import Annotated

import typer

from app.actions.redate import NothingToRedate
from app.actions.redate import redate as redate_channel
from app.cli import console
from app.config import Settings
from app.domain.channels import Channel
from app.domain.permissions import OPERATOR
from app.domain.reports.report import Receipt


def redate(
    facility: Annotated[
        str, typer.Option(metavar="FACILITY", help="The facility: its id, or its code such as sirs:3374999.")
    ],
    channel: Annotated[Channel, typer.Option(help="The channel whose times are in the future.")],
) -> None:
    """Set times in the future back to when the channel last reported; its figures stay, and new reports count again."""
    try:
        receipt = console.run(_redate(console.settings(), facility, channel))
    except NothingToRedate as nothing:
        console.note(nothing.detail)
        return
    at = f"{receipt.observed_at:%Y-%m-%dT%H:%M:%SZ}"
    console.out(f"Times in the future of {receipt.facility_id} on {channel} are set to {at}.")


async def _redate(settings: Settings, facility: str, channel: Channel) -> Receipt:
    async with console.node(settings) as node:
        return await redate_channel(node, facility, channel, by=OPERATOR)
