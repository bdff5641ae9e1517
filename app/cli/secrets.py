"""Secrets of others under our own key: `balai secrets reseal`."""

from typing import Annotated

import typer

from app.actions.maintenance.reseal import Resealed, reseal
from app.cli import console
from app.config import Settings
from app.runtime.secret_box import SecretBox
from app.runtime.secret_keys import accept
from app.store.database import Database
from app.store.maintenance.migrate import check_migrated

verbs = typer.Typer(help="What hospitals entrusted to us, and the key that it is sealed under (BALAI_SECRET_KEY).")


@verbs.command("reseal")
def reseal_() -> None:
    """Seal all under the first key of BALAI_SECRET_KEY, once every node has it; says what still needs an old one."""
    settings = console.settings()
    done = console.run(_reseal(settings))
    console.out(f"{done.keys:,} keys of doors and {done.accounts:,} relay accounts were sealed anew.")
    for name in done.unreadable:
        console.out(f"NOT sealed anew, for no given key opens it: {name}")
    if len(settings.secret_keys()) > 1 and done.digests:
        _tell_digests(done)
    if done.unreadable:
        console.fail(f"{len(done.unreadable):,} secrets are sealed under a key that is not in BALAI_SECRET_KEY.")


@verbs.command("accept-new-key")
def accept_new_key(
    *, yes: Annotated[bool, typer.Option("--yes", help="Do not ask: the old key is lost for good.")] = False
) -> None:
    """After the secret key was lost: go on with the one that is set now, or with a new one.

    What the lost key sealed stays unreadable. Every hospital needs new credentials (`balai hospital rotate`).
    """
    settings = console.settings()
    url = console.database(settings)
    if not yes:
        typer.confirm("Secrets sealed under the old key can never be read again. Go on?", abort=True)
    secret_box = SecretBox(settings.secret_keys() or settings.make_secret_key())
    console.run(_accept(url, secret_box))
    console.out(f"The secret key with the fingerprint {secret_box.fingerprints[0]} is the right one from now on.")
    console.note("Restart every node. Then give each hospital new credentials: balai hospital rotate.")


async def _accept(url: str, secret_box: SecretBox) -> None:
    database = Database(url)
    try:
        async with database.reading() as connection:
            await check_migrated(connection)
        await accept(database, secret_box)
    finally:
        await database.close()


def _tell_digests(done: Resealed) -> None:
    console.out(
        f"{len(done.digests):,} passwords are kept as digests, which cannot be made anew. Those that were issued "
        "before the first key came need the old one until they are rotated (`balai hospital rotate`):"
    )
    for key in done.digests:
        console.out(f"  {key.actor.scope.id}  {key.channel}  {key.prefix}  {key.created_at:%Y-%m-%d}")


async def _reseal(settings: Settings) -> Resealed:
    async with console.node(settings) as node:
        done = await reseal(node)
        if not done.unreadable and not done.digests:
            await accept(node.database, node.secret_box)
        return done
