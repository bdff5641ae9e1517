"""`balai redate`: a channel whose times lie in the future, since a clock was wrong."""

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
    facility: Annotated[str, typer.Option(metavar="FACILITY", help="Its id, or its code as sirs:3374999.")],
    channel: Annotated[Channel, typer.Option(help="The channel whose times lie in the future.")],
) -> None:
    """Bring times in the future back to when the channel was last heard; its figures stay, and newer reports count."""
    try:
        receipt = console.run(_redate(console.settings(), facility, channel))
    except NothingToRedate as nothing:
        console.note(nothing.detail)
        return
    at = f"{receipt.observed_at:%Y-%m-%dT%H:%M:%SZ}"
    console.out(f"What {receipt.facility_id} said on {channel} of times in the future is of {at} now.")


async def _redate(settings: Settings, facility: str, channel: Channel) -> Receipt:
    async with console.node(settings) as node:
        return await redate_channel(node, facility, channel, by=OPERATOR)
