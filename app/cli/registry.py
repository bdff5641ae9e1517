"""Load the registry from files: `balai import areas|facilities|boundaries`, `balai seed semarang`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from app.actions.import_boundaries import import_boundaries as store_boundaries
from app.actions.register_areas import register_areas
from app.actions.register_facilities import register_facilities
from app.actions.update_facilities import update_facilities
from app.cli import console
from app.cli.boundary_files import read_boundary_file
from app.cli.csv_rows import Faults, FileRefused
from app.cli.registry_rows import read_areas, read_facilities
from app.cli.update_rows import read_updates
from app.domain.errors import InvalidInput
from app.domain.permissions import OPERATOR
from app.domain.registry.area import Area, AreaLevel
from app.domain.registry.area_changes import country_for
from app.domain.registry.boundary_file import BoundaryFile
from app.domain.registry.facility import Facility
from app.domain.registry.facility_update import FacilityUpdate, UpdateSummary
from app.runtime.node import Node
from app.store.database import Database
from app.store.repositories import outlines
from app.store.repositories import registry as stored

SEMARANG = Path(__file__).parents[1] / "data" / "semarang"

import_verbs = typer.Typer(help="Load areas, facilities or outlines from a file: all or none.")

CsvFile = Annotated[Path, typer.Argument(metavar="FILE", help="CSV with a header line; may be gzipped.")]


@import_verbs.command("areas")
def import_areas(file: CsvFile) -> None:
    """Register areas: columns code,name,level,type,parent_code,lat,lon."""
    found = read_areas(file)
    changed = console.run(_import_areas(found))
    console.out(f"{len(found):,} areas read, {changed:,} new or changed in the registry.")


@import_verbs.command("facilities")
def import_facilities(
    file: CsvFile,
    *,
    update: Annotated[
        bool,
        typer.Option(
            "--update",
            help="Change registered facilities: facility_id and any other columns. Only these change; an empty cell "
            "changes nothing.",
        ),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check the file and say what would change.")] = False,
) -> None:
    """Register facilities: columns facility_id,kind,name,area_code,operated_by,lat,lon,phone,identifiers.

    Optional: contact_name,phones (joined by ;),address,beds_stated,opened_at. With --update, change registered ones.
    """
    if update:
        _update(file, dry_run=dry_run)
        return
    found = read_facilities(file)
    new = console.run(_import_facilities(found, dry_run=dry_run))
    would_be = "would be new; nothing was registered (--dry-run)" if dry_run else "new in the registry"
    console.out(f"{len(found):,} facilities read, {new:,} {would_be}.")


def _update(file: Path, *, dry_run: bool) -> None:
    try:
        found = read_updates(file)
        summary = console.run(_update_facilities(found, dry_run=dry_run))
    except FileRefused as refused:
        console.fail(*str(refused).split("\n"), _refused(refused.rows))
    changed = "would change; nothing was changed (--dry-run)" if dry_run else "changed"
    console.out(
        f"{len(found):,} facilities read: {summary.changed:,} {changed}, {summary.unchanged:,} unchanged, 0 refused."
    )


def _refused(rows: int) -> str:
    if not rows:
        return "Nothing was changed."
    return f"Nothing was changed: {rows:,} {'row is' if rows == 1 else 'rows are'} refused."


@import_verbs.command("boundaries")
def import_boundaries(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="GeoJSON; each feature has properties.code.")],
    attribution: Annotated[
        str | None,
        typer.Option(
            callback=console.shown, help="Whom to name as the source; default: the file's member `attribution`."
        ),
    ] = None,
) -> None:
    """Load outlines of areas for maps from a GeoJSON FeatureCollection: all or none. They replace earlier ones."""
    found = read_boundary_file(file)
    console.run(_import_boundaries(found, attribution))
    console.out(f"{len(found.outlines):,} outlines imported.")


async def _import_boundaries(found: BoundaryFile, attribution: str | None) -> None:
    async with console.node(console.settings()) as node:
        await store_boundaries(node, found, by=OPERATOR, attribution=attribution)


def seed(place: Annotated[str, typer.Argument(help="The data set to load; only semarang is available.")]) -> None:
    """Load Kota Semarang: areas with outlines, hospitals, puskesmas, isolation sites, RW halls. Safe to repeat."""
    check_place(place)
    areas, facilities, outlines = console.run(_seed())
    console.out(f"Kota Semarang: {areas:,} areas, {facilities:,} facilities and {outlines:,} outlines were new.")


def check_place(place: str) -> None:
    """Fail if there is no data set of that name."""
    if place != "semarang":
        console.fail(f"There is no data set named {place!r}; available: semarang.", code=console.WRONG_USAGE)


Areas = list[tuple[int, Area]]
Facilities = list[tuple[int, Facility]]


async def missing_of_semarang(database: Database) -> tuple[Areas, Facilities, Sequence[BoundaryFile]]:
    """Return what is missing of Kota Semarang. Reads the tables: a board takes longer to load."""
    areas = read_areas(SEMARANG / "areas.csv")
    facilities = read_facilities(SEMARANG / "facilities.csv")
    boundaries = [read_boundary_file(file) for file in sorted((SEMARANG / "outlines").glob("*.geojson"))]
    async with database.reading() as connection:
        codes = await stored.areas(connection, [area.code for _, area in areas])
        ids = await stored.facilities(connection, [facility.facility_id for _, facility in facilities])
        outlined = set(await outlines.codes(connection))
    return (
        [(line, area) for line, area in areas if area.code not in codes],
        [(line, facility) for line, facility in facilities if facility.facility_id not in ids],
        [missing for file in boundaries if (missing := file.without(outlined)).outlines],
    )


async def seed_semarang(node: Node) -> tuple[int, int, int]:
    """Register what is missing and keep what officers changed.

    Returns how many areas, facilities and outlines were missing.
    """
    areas, facilities, boundaries = await missing_of_semarang(node.database)
    if areas:
        await _put_areas(node, areas)
    if facilities:
        await _put_facilities(node, facilities)
    for missing in boundaries:
        await store_boundaries(node, missing, by=OPERATOR)
    return len(areas), len(facilities), sum(len(missing.outlines) for missing in boundaries)


async def _seed() -> tuple[int, int, int]:
    async with console.node(console.settings()) as node:
        return await seed_semarang(node)


async def _import_areas(areas: Areas) -> int:
    async with console.node(console.settings()) as node:
        countries = [area.code for area in node.board.find_areas(level=AreaLevel.country)]
        # The registry would do this too, but then the indexes in its errors would not match the file.
        country = country_for([area for _, area in areas], countries)
        if country is not None:
            console.note(f"There was no country yet: {country.name} ({country.code}) is put above the provinces.")
            areas = [(1, country), *areas]
        return await _put_areas(node, areas)


async def _import_facilities(facilities: Facilities, *, dry_run: bool) -> int:
    async with console.node(console.settings()) as node:
        if dry_run:
            return len(await _put_facilities(node, facilities, dry_run=True))
        before = node.board.position
        known = {found.facility_id for found in await _put_facilities(node, facilities) if found.seq <= before}
        return len(facilities) - len(known)


async def _put_areas(node: Node, areas: Areas) -> int:
    with console.progress("Areas", len(areas)) as advance:
        try:
            changed = await register_areas(node, [area for _, area in areas], by=OPERATOR, progress=advance)
        except InvalidInput as refusal:
            _raise_by_line(refusal, [line for line, _ in areas])
        advance(len(areas) - len(changed))
        return len(changed)


async def _update_facilities(updates: list[tuple[int, FacilityUpdate]], *, dry_run: bool) -> UpdateSummary:
    async with console.node(console.settings()) as node:
        try:
            return await update_facilities(
                node, [update for _, update in updates], by=OPERATOR, reason="updated from a table", dry_run=dry_run
            )
        except InvalidInput as refusal:
            _raise_by_line(refusal, [line for line, _ in updates])


async def _put_facilities(node: Node, facilities: Facilities, *, dry_run: bool = False) -> list[Facility]:
    with console.progress("Facilities", len(facilities)) as advance:
        try:
            found = await register_facilities(
                node, [facility for _, facility in facilities], by=OPERATOR, dry_run=dry_run
            )
        except InvalidInput as refusal:
            _raise_by_line(refusal, [line for line, _ in facilities])
        advance(len(facilities))
        return found


def _raise_by_line(refusal: InvalidInput, lines: list[int]) -> NoReturn:
    """Convert list indexes to lines of the file. Raises: FileRefused."""
    faults = Faults()
    for fault in refusal.faults:
        place, _, field = fault.pointer.removeprefix("#/").partition("/")
        faults.add(lines[int(place)] if place.isdigit() else None, f"{field}: {fault.detail}")
    faults.check()
    raise refusal
