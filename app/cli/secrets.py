"""Secrets of others under our own key: `balai secrets reseal`."""

import typer

from app.actions.reseal import Resealed, reseal
from app.cli import say
from app.config import Settings

verbs = typer.Typer(help="What hospitals entrusted to us, and the key that it is sealed under (BALAI_SECRET_KEY).")


@verbs.callback()
def group() -> None:
    """A single verb would otherwise become the group itself."""


@verbs.command("reseal")
def reseal_() -> None:
    """Seal all under the first key of BALAI_SECRET_KEY, once every node has it; says what still needs an old one."""
    settings = say.settings()
    done = say.run(_reseal(settings))
    say.out(f"{done.keys:,} keys of doors and {done.accounts:,} relay accounts were sealed anew.")
    for name in done.unreadable:
        say.out(f"NOT sealed anew, for no given key opens it: {name}")
    if len(settings.secret_keys()) > 1 and done.digests:
        _tell_digests(done)
    if done.unreadable:
        say.fail(f"{len(done.unreadable):,} secrets are sealed under a key that is not in BALAI_SECRET_KEY.")


def _tell_digests(done: Resealed) -> None:
    say.out(
        f"{len(done.digests):,} passwords are kept as digests, which cannot be made anew. Those that were issued "
        "before the first key came need the old one until they are rotated (`balai hospital rotate`):"
    )
    for key in done.digests:
        say.out(f"  {key.actor.scope.id}  {key.channel}  {key.prefix}  {key.created_at:%Y-%m-%d}")


async def _reseal(settings: Settings) -> Resealed:
    async with say.node(settings) as node:
        return await reseal(node)
