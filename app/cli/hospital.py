"""Hospitals and their logins: `balai hospital add`, `rotate`, `revoke`, `list`, `import-rows`, `waiting`, and more.

Results are on standard output, as text or with `--json` as JSON.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from app.actions.hospital_logins import GivenSecret
from app.actions.hospitals import BASE_OF_CHANNEL, Hospital, Logins, add_hospital, revoke_logins, rotate_logins
from app.cli import console
from app.config import Settings
from app.domain.channels import Channel
from app.domain.permissions import OPERATOR
from app.domain.registry.facility import FacilityKind
from app.domain.text import cleaned
from app.protocols.lenient_parsing import decoded, wib
from app.protocols.sirs.held_rows import complete_held_row, held_rows_of
from app.protocols.sirs.import_rows import Imported, drop_rows, import_rows

verbs = typer.Typer(help="Hospitals that use their own software: logins, messages, rows.")

Which = Annotated[
    str, typer.Argument(metavar="FACILITY", help="The hospital: its id, or its code such as sirs:3374999.")
]
MaybeWhich = Annotated[
    str | None, typer.Argument(metavar="FACILITY", help="The hospital: its id, or its code such as sirs:3374999.")
]
ById = Annotated[str | None, typer.Option("--facility-id", help="The id of the hospital, as in `add`.")]
Channels = Annotated[
    list[Channel] | None,
    typer.Option("--door", help="Protocol: sirs, aplicares or siranap_v1; repeat for several. Default: all."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
Address = Annotated[
    str | None, typer.Option(help="URL at which the hospital reaches this service; default: BALAI_PUBLIC_URL.")
]


@verbs.command()
def add(
    *,
    facility_id: Annotated[str | None, typer.Option(help="Its id; default: found or derived by its codes.")] = None,
    name: Annotated[
        str | None, typer.Option(help="Its name, if it is not registered yet.", callback=console.shown)
    ] = None,
    sirs: Annotated[str | None, typer.Option(help="The ministry's code, such as 3374999.")] = None,
    bpjs: Annotated[str | None, typer.Option(help="The insurer's code, such as 1199R001.")] = None,
    area: Annotated[
        str | None, typer.Option(help="Its area, such as 33.74.01.1001, if it is not registered yet.")
    ] = None,
    operated_by: Annotated[
        str | None, typer.Option(help="Who runs it: city, private, ...", callback=console.shown)
    ] = None,
    keep_sirs: Annotated[
        bool, typer.Option("--keep-sirs", help="Keep using its ministry password here; you are prompted for it.")
    ] = False,
    keep_aplicares: Annotated[
        str | None,
        typer.Option(metavar="CONS_ID", help="Keep using this consumer id here; you are prompted for the secret."),
    ] = None,
    public_url: Address = None,
    as_json: AsJson = False,
) -> None:
    """Register a hospital if needed, create its logins, and print once what to type into its software."""
    given = {}
    if keep_sirs:
        given[Channel.sirs] = given[Channel.siranap_v1] = GivenSecret(_prompt_secret("Its ministry password"))
    if keep_aplicares is not None:
        given[Channel.aplicares] = GivenSecret(_prompt_secret("Its BPJS secret"), keep_aplicares)
    hospital = Hospital(facility_id, name, sirs, bpjs, area, FacilityKind.hospital, operated_by, given)
    console.run(_add(hospital, public_url, as_json=as_json))


def _require_one(*named: str | None) -> str:
    """Return the only name that was given. Fails if there is none or more than one."""
    found = [name for name in named if name]
    if len(found) != 1:
        console.fail("Name one hospital: its id, or its code such as sirs:3374999.", code=console.WRONG_USAGE)
    return found[0]


def _prompt_secret(what: str) -> str:
    """Read a secret from the terminal or standard input; never from an argument, which others can see."""
    secret: str = typer.prompt(what, hide_input=True, err=True)
    return secret


async def _add(hospital: Hospital, address: str | None, *, as_json: bool) -> None:
    settings = console.settings()
    async with console.node(settings) as node:
        _print_logins(
            await add_hospital(node, hospital, by=OPERATOR), _public_address(settings, address), as_json=as_json
        )


@verbs.command()
def rotate(
    facility: MaybeWhich = None,
    *,
    facility_id: ById = None,
    door: Channels = None,
    public_url: Address = None,
    as_json: AsJson = False,
) -> None:
    """Create a second login per protocol, printed once; when it is in use, revoke the first with `revoke --old`."""
    console.run(_rotate(_require_one(facility, facility_id), door or [], public_url, as_json=as_json))


async def _rotate(facility: str, channels: list[Channel], address: str | None, *, as_json: bool) -> None:
    settings = console.settings()
    async with console.node(settings) as node:
        _print_logins(
            await rotate_logins(node, facility, channels, by=OPERATOR),
            _public_address(settings, address),
            as_json=as_json,
        )


@verbs.command()
def revoke(
    facility: MaybeWhich = None,
    *,
    facility_id: ById = None,
    door: Channels = None,
    old: Annotated[bool, typer.Option("--old", help="Only logins that a rotation replaced.")] = False,
) -> None:
    """Revoke its logins; takes effect with the next request."""
    console.run(_revoke(_require_one(facility, facility_id), door or [], old=old))


async def _revoke(facility: str, channels: list[Channel], *, old: bool) -> None:
    async with console.node(console.settings()) as node:
        for key in await revoke_logins(node, facility, channels, by=OPERATOR, keep_newest=old):
            console.out(f"{key.channel} {key.prefix} revoked")


@verbs.command("list")
def list_() -> None:
    """List all logins by the public part of their key, with state and date of creation, without secrets."""
    console.run(_list())


async def _list() -> None:
    async with console.node(console.settings()) as node:
        now = node.clock()
        for facility_id, channel in sorted(node.board.channels_with_keys()):
            for key in node.board.keys_of_channel(facility_id, channel):
                state = "valid" if key.is_valid(now) else "revoked"
                console.out(f"{facility_id}  {channel}  {key.prefix}  {state}  {key.created_at:%Y-%m-%d}")


@verbs.command("import-rows")
def import_rows_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The ministry's response to GET Fasyankes, as JSON.")],
    facility_id: Annotated[str | None, typer.Option(help="The hospital whose rows they are: its id.")] = None,
    sirs: Annotated[str | None, typer.Option(help="The hospital by its ministry code, such as 3374999.")] = None,
) -> None:
    """Import the ministry's rows, so that the id_t_tt stored in the hospital's software keep working."""
    try:
        answer = json.loads(decoded(file.read_bytes()))
    except OSError as error:
        console.fail(f"{file} cannot be read: {error.strerror}.")
    except ValueError:
        console.fail(f"{file} is not JSON.")
    console.run(_import(_require_one(facility_id, sirs and f"sirs:{sirs}"), answer))


async def _import(facility: str, answer: Any) -> None:
    async with console.node(console.settings()) as node:
        imported = await import_rows(node, facility, answer, by=OPERATOR)
    for line in _describe_import(imported):
        console.out(line)


def _describe_import(imported: Imported) -> Iterator[str]:
    moments = sorted(wib(row.observed_at) for row in imported.rows)
    when = f", as of {moments[0]} to {moments[-1]} WIB" if moments else ""
    yield f"{len(imported.rows)} rows of {imported.facility_id} were imported{when}."
    if imported.empty_types:
        yield f"{len(imported.empty_types)} bed types have no row (id_tt {', '.join(imported.empty_types)})."
    if imported.without_id:
        yield f"{len(imported.without_id)} rows have beds but no usable id_t_tt. They were NOT imported:"
        yield from (f"  id_tt {row.id_tt}  {cleaned(row.ruang or '-')}" for row in imported.without_id)
    if imported.without_type:
        ids = ", ".join(row.id_t_tt for row in imported.without_type)
        yield f"{len(imported.without_type)} rows have no bed type (id_tt). They were NOT imported: {ids}."
    if flagged := [row for row in imported.rows if row.receipt.warnings]:
        yield f"{len(flagged)} rows have warnings:"
        for row in flagged:
            warnings = "; ".join(f"{warning.code}: {warning.detail}" for warning in row.receipt.warnings)
            yield f"  {row.sent.id_t_tt}  {cleaned(warnings)}"
    if undated := [row.sent.id_t_tt for row in imported.rows if not row.is_dated]:
        yield f"{len(undated)} rows have no date and get that of the newest row: {', '.join(undated)}."
    if older := imported.older_than_30_days:
        yield f"{len(older)} rows are older than 30 days; `balai hospital drop-rows` ends those whose rooms are gone:"
        for row in older:
            room = cleaned(row.sent.ruang or "") or f"id_tt {row.sent.id_tt}"
            yield f"  {row.sent.id_t_tt}  {wib(row.observed_at)}  {imported.age_days(row)} days  {room}"


@verbs.command("drop-rows")
def drop_rows_(
    facility: Which,
    rows: Annotated[list[str], typer.Argument(metavar="ID_T_TT...", help="The rows, as listed by `import-rows`.")],
) -> None:
    """End rows of SIRS Online whose rooms are gone: their beds no longer count. All or none."""
    console.run(_drop(facility, rows))


async def _drop(facility: str, rows: list[str]) -> None:
    async with console.node(console.settings()) as node:
        receipts = await drop_rows(node, facility, rows, by=OPERATOR)
        console.out(f"{len(receipts)} rows of {receipts[0].facility_id} were dropped.")


@verbs.command()
def waiting(facility: Which) -> None:
    """List rows with unknown ids: id, time, number of messages and content of the last one."""
    console.run(_waiting(facility))


async def _waiting(facility: str) -> None:
    async with console.node(console.settings()) as node:
        for row in await held_rows_of(node, facility, by=OPERATOR):
            content = json.dumps(row.said, ensure_ascii=False)
            console.out(f"{row.row_id}  {wib(row.received_at)}  {row.times} times  {content}")


@verbs.command()
def complete(
    facility: Which,
    row: Annotated[str, typer.Argument(metavar="ID_T_TT", help="The row, as listed by `waiting`.")],
    id_tt: Annotated[str, typer.Option(help="The ministry's bed type, such as 24.")],
    ruang: Annotated[str | None, typer.Option(help="Its room; default: as sent.")] = None,
    covid: Annotated[bool | None, typer.Option(help="Whether it is for COVID; default: as sent.")] = None,
) -> None:
    """Assign a bed type to a held row: its last message is stored, and its id is known from then on."""
    console.run(_complete(facility, row, id_tt, ruang, None if covid is None else int(covid)))


async def _complete(facility: str, row: str, id_tt: str, ruang: str | None, covid: int | None) -> None:
    async with console.node(console.settings()) as node:
        receipt = await complete_held_row(node, facility, row, id_tt=id_tt, ruang=ruang, covid=covid, by=OPERATOR)
        console.out(f"Row {row} of {receipt.facility_id} is stored, as of {wib(receipt.observed_at)} WIB.")


@verbs.command()
def messages(
    facility: Which, limit: Annotated[int, typer.Option(min=1, max=200, help="Number of messages.")] = 20
) -> None:
    """List the last messages of its software by any channel, with their outcome, newest first."""
    console.run(_messages(facility, limit))


async def _messages(facility: str, limit: int) -> None:
    async with console.node(console.settings()) as node:
        facility_id = node.board.facility(facility).facility_id
        for message in await node.messages.last(facility_id, limit=limit):
            clock = "" if not message.clock_skew_seconds else f"  clock {message.clock_skew_seconds:+} s"
            detail = f"  {message.detail}" if message.detail else ""
            console.out(
                f"{wib(message.received_at)}  {message.channel}  {message.request}  {message.outcome} {message.status}"
                f"  {message.address or '-'}{clock}{detail}"
            )
        for counted in await node.rejections.last(facility_id):
            console.out(
                f"{wib(counted.last_at)}  no valid credential: {counted.count} times in the hour from"
                f" {wib(counted.hour)}, from {counted.address}"
            )


def _public_address(settings: Settings, given: str | None) -> str:
    address = given or settings.public_url
    if address is None:
        address = settings.listen_url
        console.note(f"BALAI_PUBLIC_URL is not set: the URLs below are those of this machine, {address}.")
    return address


_NAMES = {Channel.sirs: "SIRS Online", Channel.aplicares: "Aplicares", Channel.siranap_v1: "SIRANAP v1"}


def _print_logins(logins: Logins, address: str, *, as_json: bool) -> None:
    typed = logins.settings_for(address)
    if as_json:
        console.out(json.dumps(typed))
        return
    console.out(f"{logins.facility.name} ({typed['facility_id']}): type this into its software. It is shown only once.")
    for channel in BASE_OF_CHANNEL:
        if (content := typed[channel]) is not None:
            console.out("", _NAMES[channel])
            for name, value in content.items():
                console.out(f"  {name:<9} {value}")
    console.out("", "The URL is base_url, or host_url if the software adds the path itself. If unsure: base_url.")
