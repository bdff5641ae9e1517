"""API keys: `balai key create | list | rotate | revoke`. Only the key itself is on standard output."""

from datetime import datetime, timedelta
from typing import Annotated

import typer

from app.actions.keys import issue_key, list_keys, revoke_key, rotate_key
from app.cli import console
from app.domain.permissions import NATIONAL, OPERATOR, Credential, Scope, ScopeKind
from app.runtime.node import Node

verbs = typer.Typer(help="API keys: who may report, read and register what.")

Prefix = Annotated[str, typer.Argument(help="The public middle part of a key, as listed by `balai key list`.")]


@verbs.command()
def create(
    national: Annotated[bool, typer.Option("--national", help="A key for the whole nation.")] = False,
    area: Annotated[str | None, typer.Option(help="A key for an area and everything below it, such as 33.74.")] = None,
    facility: Annotated[
        str | None, typer.Option(help="A key for one facility: its id, or its code such as sirs:3374010.")
    ] = None,
    name: Annotated[str, typer.Option(help="Name of the holder, for lists and logs.", callback=console.shown)] = "",
    expires_days: Annotated[
        int | None, typer.Option(min=1, max=36_500, help="Days until it expires; default: never.")
    ] = None,
) -> None:
    """Create a key and print it once: it is not stored and cannot be shown again."""
    scopes = [
        *([NATIONAL] if national else []),
        *([Scope(ScopeKind.area, area)] if area else []),
        *([Scope(ScopeKind.facility, facility)] if facility else []),
    ]
    if len(scopes) != 1:
        console.fail("Choose one scope: --national, --area CODE or --facility ID.", code=console.WRONG_USAGE)
    console.run(_create(scopes[0], name, expires_days))


async def _create(scope: Scope, name: str, expires_days: int | None) -> None:
    async with console.node(console.settings()) as node:
        expires_at = None if expires_days is None else node.clock() + timedelta(days=expires_days)
        _print_key(*await issue_key(node, scope=scope, name=name, by=OPERATOR, expires_at=expires_at))


@verbs.command("list")
def list_() -> None:
    """List all keys, oldest first: public part, state, scope, role, expiry and holder, without secrets."""
    console.run(_list())


async def _list() -> None:
    async with console.node(console.settings()) as node:
        now = node.clock()
        rows = [_format_row(key, now) for key in await list_keys(node, by=OPERATOR)]
    header = ("prefix", "state", "scope", "role", "channel", "created", "expires", "name")
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    for row in [header, *rows]:
        console.out("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _format_row(key: Credential, now: datetime) -> tuple[str, ...]:
    state = "valid" if key.is_valid(now) else "expired" if key.revoked_at is None else "revoked"
    expires = f"{key.expires_at:%Y-%m-%d}" if key.expires_at else "-"
    actor = key.actor
    channel = key.channel or "-"
    return (key.prefix, state, str(actor.scope), actor.role, channel, f"{key.created_at:%Y-%m-%d}", expires, actor.name)


@verbs.command()
def rotate(prefix: Prefix) -> None:
    """Create a second key for the same holder; when it is in use everywhere, revoke the first."""
    console.run(_rotate(prefix))


async def _rotate(prefix: str) -> None:
    async with console.node(console.settings()) as node:
        _print_key(*await rotate_key(node, _public_part(prefix), by=OPERATOR))


@verbs.command()
def revoke(prefix: Prefix) -> None:
    """Revoke a key; takes effect with the next request."""
    console.run(_revoke(prefix))


async def _revoke(prefix: str) -> None:
    async with console.node(console.settings()) as node:
        revoked = await revoke_key(node, _public_part(prefix), by=OPERATOR)
    console.note(f"The key {revoked.prefix} for {revoked.actor.scope} is revoked.")


async def first_key(node: Node) -> str:
    """Create the national key of the first start."""
    _, key = await issue_key(node, scope=NATIONAL, name="first key", by=OPERATOR)
    return key


def _public_part(prefix: str) -> str:
    """Return only the public part if a whole key was pasted by mistake."""
    parts = prefix.split("_")
    return parts[1] if parts[0] == "balai" and len(parts) > 1 else prefix


def _print_key(made: Credential, key: str) -> None:
    expires = f", until {made.expires_at:%Y-%m-%d %H:%M} UTC" if made.expires_at else ""
    console.note(f"A {made.actor.role} key for {made.actor.scope}{expires}. It is shown only now:")
    console.out(key)
