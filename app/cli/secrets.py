"""Secrets of hospitals, encrypted under our own key: `balai secrets reseal`, `balai secrets accept-new-key`."""

from typing import Annotated

import typer

from app.actions.maintenance.reseal import Resealed, reseal
from app.cli import console
from app.config import Settings
from app.runtime.secret_box import SecretBox
from app.runtime.secret_keys import accept
from app.store.database import Database
from app.store.maintenance.migrate import check_migrated

verbs = typer.Typer(help="Stored secrets of hospitals, and the key that encrypts them (BALAI_SECRET_KEY).")


@verbs.command("reseal")
def reseal_() -> None:
    """Encrypt all secrets under the first key of BALAI_SECRET_KEY, and list those that still need an old one.

    Run it once every node has that key.
    """
    settings = console.settings()
    done = console.run(_reseal(settings))
    console.out(f"{done.keys:,} logins and {done.accounts:,} relay accounts were resealed.")
    for name in done.unreadable:
        console.out(f"NOT resealed, because no given key decrypts it: {name}")
    if len(settings.secret_keys()) > 1 and done.digests:
        _list_digests(done)
    if done.unreadable:
        console.fail(f"{len(done.unreadable):,} secrets are sealed under a key that is not in BALAI_SECRET_KEY.")


@verbs.command("accept-new-key")
def accept_new_key(
    *, yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation: the old key is lost.")] = False
) -> None:
    """Continue after the loss of the secret key, with the one that is set now or a new one.

    Secrets encrypted under the lost key stay unreadable. Every hospital needs new logins (`balai hospital rotate`).
    """
    settings = console.settings()
    url = console.database(settings)
    if not yes:
        typer.confirm("Secrets sealed under the old key can never be read again. Continue?", abort=True)
    secret_box = SecretBox(settings.secret_keys() or settings.make_secret_key())
    console.run(_accept(url, secret_box))
    console.out(f"The secret key with the fingerprint {secret_box.fingerprints[0]} is now in use.")
    console.note("Restart every node. Then create new logins for each hospital: balai hospital rotate.")


async def _accept(url: str, secret_box: SecretBox) -> None:
    database = Database(url)
    try:
        async with database.reading() as connection:
            await check_migrated(connection)
        await accept(database, secret_box)
    finally:
        await database.close()


def _list_digests(done: Resealed) -> None:
    console.out(
        f"{len(done.digests):,} passwords are stored as digests, which cannot be recomputed. Those that were issued "
        "before the first key was added need the old one until they are rotated (`balai hospital rotate`):"
    )
    for key in done.digests:
        console.out(f"  {key.actor.scope.id}  {key.channel}  {key.prefix}  {key.created_at:%Y-%m-%d}")


async def _reseal(settings: Settings) -> Resealed:
    async with console.node(settings) as node:
        done = await reseal(node)
        if not done.unreadable and not done.digests:
            await accept(node.database, node.secret_box)
        return done
