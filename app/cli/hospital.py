"""Hospitals and their doors: `balai hospital add`, `rotate`, `revoke`, `list`, `import-rows`, `waiting`, and more.

Results are on standard output, for a person or with `--json` for a script.
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

verbs = typer.Typer(help="Hospitals with the software they have: their doors, and what came in by them.")

Which = Annotated[str, typer.Argument(metavar="FACILITY", help="The hospital: its id, or its code as sirs:3374999.")]
MaybeWhich = Annotated[
    str | None, typer.Argument(metavar="FACILITY", help="The hospital: its id, or its code as sirs:3374999.")
]
ById = Annotated[str | None, typer.Option("--facility-id", help="The same, as `add` has it.")]
Channels = Annotated[
    list[Channel] | None, typer.Option("--door", help="sirs, aplicares or siranap_v1; may be repeated. Default: all.")
]
AsJson = Annotated[bool, typer.Option("--json", help="For a script.")]
Address = Annotated[str | None, typer.Option(help="Where the hospital reaches us; default: BALAI_PUBLIC_URL.")]


@verbs.command()
def add(
    *,
    facility_id: Annotated[str | None, typer.Option(help="Its id; default: found or made by its codes.")] = None,
    name: Annotated[
        str | None, typer.Option(help="For one that is not registered yet.", callback=console.shown)
    ] = None,
    sirs: Annotated[str | None, typer.Option(help="The ministry's code, as 3374999.")] = None,
    bpjs: Annotated[str | None, typer.Option(help="The insurer's code, as 1199R001.")] = None,
    area: Annotated[str | None, typer.Option(help="Where it stands, as 33.74.01.1001; where it is new.")] = None,
    operated_by: Annotated[
        str | None, typer.Option(help="Who runs it: city, private, ...", callback=console.shown)
    ] = None,
    keep_sirs: Annotated[
        bool, typer.Option("--keep-sirs", help="It goes on using its ministry password here; asked for.")
    ] = False,
    keep_aplicares: Annotated[
        str | None,
        typer.Option(metavar="CONS_ID", help="It goes on using this consumer id here; the secret is asked for."),
    ] = None,
    public_url: Address = None,
    as_json: AsJson = False,
) -> None:
    """Register a hospital where it is not known, open its doors, and print what to type into its software, once."""
    given = {}
    if keep_sirs:
        given[Channel.sirs] = given[Channel.siranap_v1] = GivenSecret(_asked("Its ministry password"))
    if keep_aplicares is not None:
        given[Channel.aplicares] = GivenSecret(_asked("Its BPJS secret"), keep_aplicares)
    hospital = Hospital(facility_id, name, sirs, bpjs, area, FacilityKind.hospital, operated_by, given)
    console.run(_add(hospital, public_url, as_json=as_json))


def _one(*named: str | None) -> str:
    """The one that was named. Ends with a sentence, where none or several were."""
    found = [each for each in named if each]
    if len(found) != 1:
        console.fail("Say which hospital, once: its id, or its code as sirs:3374999.", code=console.WRONG_USAGE)
    return found[0]


def _asked(what: str) -> str:
    """A secret from the terminal or from standard input; never an argument, which others can see."""
    secret: str = typer.prompt(what, hide_input=True, err=True)
    return secret


async def _add(hospital: Hospital, address: str | None, *, as_json: bool) -> None:
    settings = console.settings()
    async with console.node(settings) as node:
        _show(await add_hospital(node, hospital, by=OPERATOR), _address(settings, address), as_json=as_json)


@verbs.command()
def rotate(
    facility: MaybeWhich = None,
    *,
    facility_id: ById = None,
    door: Channels = None,
    public_url: Address = None,
    as_json: AsJson = False,
) -> None:
    """A second key for each door, printed once; when it is in use, `revoke --old` ends the first."""
    console.run(_rotate(_one(facility, facility_id), door or [], public_url, as_json=as_json))


async def _rotate(facility: str, doors: list[Channel], address: str | None, *, as_json: bool) -> None:
    settings = console.settings()
    async with console.node(settings) as node:
        _show(await rotate_logins(node, facility, doors, by=OPERATOR), _address(settings, address), as_json=as_json)


@verbs.command()
def revoke(
    facility: MaybeWhich = None,
    *,
    facility_id: ById = None,
    door: Channels = None,
    old: Annotated[bool, typer.Option("--old", help="Only what a rotation left behind.")] = False,
) -> None:
    """Close its doors, from the next request on."""
    console.run(_revoke(_one(facility, facility_id), door or [], old=old))


async def _revoke(facility: str, doors: list[Channel], *, old: bool) -> None:
    async with console.node(console.settings()) as node:
        for key in await revoke_logins(node, facility, doors, by=OPERATOR, keep_newest=old):
            console.out(f"{key.channel} {key.prefix} revoked")


@verbs.command("list")
def list_() -> None:
    """Hospitals with doors: each key by its public part, since when, and whether it opens. Never a secret."""
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
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The ministry's answer to GET Fasyankes, as JSON.")],
    facility_id: Annotated[str | None, typer.Option(help="Whose rows they are: its id.")] = None,
    sirs: Annotated[str | None, typer.Option(help="The same by its ministry code, as 3374999.")] = None,
) -> None:
    """Take over the ministry's rows, so that the id_t_tt that the hospital's software stores go on working."""
    try:
        answer = json.loads(decoded(file.read_bytes()))
    except OSError as error:
        console.fail(f"{file} cannot be read: {error.strerror}.")
    except ValueError:
        console.fail(f"{file} is not JSON.")
    console.run(_import(_one(facility_id, sirs and f"sirs:{sirs}"), answer))


async def _import(facility: str, answer: Any) -> None:
    async with console.node(console.settings()) as node:
        imported = await import_rows(node, facility, answer, by=OPERATOR)
    for line in _told_import(imported):
        console.out(line)


def _told_import(imported: Imported) -> Iterator[str]:
    moments = sorted(wib(row.observed_at) for row in imported.rows)
    when = f", as of {moments[0]} to {moments[-1]} WIB" if moments else ""
    yield f"{len(imported.rows)} rows of {imported.facility_id} were taken over{when}."
    if imported.empty_types:
        yield f"{len(imported.empty_types)} bed types have no row there (id_tt {', '.join(imported.empty_types)})."
    if imported.without_id:
        yield f"{len(imported.without_id)} rows have beds but no usable id_t_tt. They were NOT taken over:"
        yield from (f"  id_tt {row.id_tt}  {cleaned(row.ruang or '-')}" for row in imported.without_id)
    if imported.without_type:
        ids = ", ".join(row.id_t_tt for row in imported.without_type)
        yield f"{len(imported.without_type)} rows have no bed type (id_tt). They were NOT taken over: {ids}."
    if flagged := [row for row in imported.rows if row.receipt.warnings]:
        yield f"{len(flagged)} rows are flagged:"
        for row in flagged:
            told = "; ".join(f"{warning.code}: {warning.detail}" for warning in row.receipt.warnings)
            yield f"  {row.said.id_t_tt}  {cleaned(told)}"
    if undated := [row.said.id_t_tt for row in imported.rows if not row.is_dated]:
        yield f"{len(undated)} rows have no date and are dated as the newest row: {', '.join(undated)}."
    if older := imported.older_than_30_days:
        yield f"{len(older)} rows are older than 30 days. Their beds count; `balai hospital drop-rows` ends them:"
        for row in older:
            room = cleaned(row.said.ruang or "") or f"id_tt {row.said.id_tt}"
            yield f"  {row.said.id_t_tt}  {wib(row.observed_at)}  {imported.age_days(row)} days  {room}"


@verbs.command("drop-rows")
def drop_rows_(
    facility: Which,
    rows: Annotated[list[str], typer.Argument(metavar="ID_T_TT...", help="The rows, as `import-rows` lists them.")],
) -> None:
    """End rows of SIRS Online whose rooms are gone: their beds no longer count. All or none."""
    console.run(_drop(facility, rows))


async def _drop(facility: str, rows: list[str]) -> None:
    async with console.node(console.settings()) as node:
        receipts = await drop_rows(node, facility, rows, by=OPERATOR)
        console.out(f"{len(receipts)} rows of {receipts[0].facility_id} were dropped.")


@verbs.command()
def waiting(facility: Which) -> None:
    """Rows that nobody could place: their ids, what was last said, and since when."""
    console.run(_waiting(facility))


async def _waiting(facility: str) -> None:
    async with console.node(console.settings()) as node:
        for row in await held_rows_of(node, facility, by=OPERATOR):
            said = json.dumps(row.said, ensure_ascii=False)
            console.out(f"{row.row_id}  {wib(row.received_at)}  {row.times} times  {said}")


@verbs.command()
def complete(
    facility: Which,
    row: Annotated[str, typer.Argument(metavar="ID_T_TT", help="The row, as `waiting` shows it.")],
    id_tt: Annotated[str, typer.Option(help="The ministry's bed type, as 24.")],
    ruang: Annotated[str | None, typer.Option(help="Its room; default: as it was said.")] = None,
    covid: Annotated[bool | None, typer.Option(help="Whether it is for COVID; default: as it was said.")] = None,
) -> None:
    """Say what a waiting row is: it is stored as it was last said, and known from then on."""
    console.run(_complete(facility, row, id_tt, ruang, None if covid is None else int(covid)))


async def _complete(facility: str, row: str, id_tt: str, ruang: str | None, covid: int | None) -> None:
    async with console.node(console.settings()) as node:
        receipt = await complete_held_row(node, facility, row, id_tt=id_tt, ruang=ruang, covid=covid, by=OPERATOR)
        console.out(f"Row {row} of {receipt.facility_id} stands, as of {wib(receipt.observed_at)} WIB.")


@verbs.command()
def messages(facility: Which, limit: Annotated[int, typer.Option(min=1, max=200, help="How many.")] = 20) -> None:
    """What its software sent last by any door, and what became of it; newest first."""
    console.run(_messages(facility, limit))


async def _messages(facility: str, limit: int) -> None:
    async with console.node(console.settings()) as node:
        facility_id = node.board.facility(facility).facility_id
        for each in await node.messages.last(facility_id, limit=limit):
            clock = "" if not each.clock_skew_seconds else f"  clock {each.clock_skew_seconds:+} s"
            told = f"  {each.detail}" if each.detail else ""
            console.out(
                f"{wib(each.received_at)}  {each.channel}  {each.request}  {each.outcome} {each.status}"
                f"  {each.address or '-'}{clock}{told}"
            )
        for counted in await node.rejections.last(facility_id):
            console.out(
                f"{wib(counted.last_at)}  no valid credential: {counted.count} times in the hour from"
                f" {wib(counted.hour)}, from {counted.address}"
            )


def _address(settings: Settings, given: str | None) -> str:
    address = given or settings.public_url
    if address is None:
        address = settings.listen_url
        console.note(f"BALAI_PUBLIC_URL is not set: the addresses below are those of this machine, {address}.")
    return address


_NAMES = {Channel.sirs: "SIRS Online", Channel.aplicares: "Aplicares", Channel.siranap_v1: "SIRANAP v1"}


def _show(doors: Logins, address: str, *, as_json: bool) -> None:
    typed = doors.settings_for(address)
    if as_json:
        console.out(json.dumps(typed))
        return
    console.out(f"{doors.facility.name} ({typed['facility_id']}): type this into its software. It is shown this once.")
    for channel in BASE_OF_CHANNEL:
        if (said := typed[channel]) is not None:
            console.out("", _NAMES[channel])
            for name, value in said.items():
                console.out(f"  {name:<9} {value}")
    console.out("", "An address is base_url, or host_url where the software adds the path itself. If unsure: base_url.")
