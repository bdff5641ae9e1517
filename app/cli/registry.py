"""Load the registry from files: `balai import areas`, `balai import facilities`, `balai seed semarang`."""

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from app.actions.register_areas import register_areas
from app.actions.register_facilities import register_facilities
from app.cli import console
from app.cli.csv_rows import Faults
from app.cli.registry_rows import read_areas, read_facilities
from app.domain.errors import InvalidInput
from app.domain.permissions import OPERATOR
from app.domain.registry.area import Area, AreaLevel
from app.domain.registry.area_changes import country_for
from app.domain.registry.facility import Facility
from app.runtime.node import Node
from app.store.database import Database
from app.store.repositories import registry as stored

SEMARANG = Path(__file__).parents[1] / "data" / "semarang"

import_verbs = typer.Typer(help="Register areas or facilities from a CSV file: all rows or none.")

CsvFile = Annotated[Path, typer.Argument(metavar="FILE", help="CSV with a header line; may be gzipped.")]


@import_verbs.command("areas")
def import_areas(file: CsvFile) -> None:
    """Register areas: columns code,name,level,type,parent_code,lat,lon."""
    found = read_areas(file)
    changed = console.run(_import_areas(found))
    console.out(f"{len(found):,} areas read, {changed:,} new or changed in the registry.")


@import_verbs.command("facilities")
def import_facilities(file: CsvFile) -> None:
    """Register facilities: columns facility_id,kind,name,area_code,operated_by,lat,lon,phone,identifiers."""
    found = read_facilities(file)
    new = console.run(_import_facilities(found))
    console.out(f"{len(found):,} facilities read, {new:,} new in the registry.")


def seed(place: Annotated[str, typer.Argument(help="The data set to load; only semarang is available.")]) -> None:
    """Load Kota Semarang: areas, hospitals, puskesmas, isolation sites and RW halls. Safe to repeat."""
    check_place(place)
    areas, facilities = console.run(_seed())
    console.out(f"Kota Semarang: {areas:,} areas and {facilities:,} facilities were new.")


def check_place(place: str) -> None:
    """Fail if there is no data set of that name."""
    if place != "semarang":
        console.fail(f"There is no data set named {place!r}; available: semarang.", code=console.WRONG_USAGE)


Areas = list[tuple[int, Area]]
Facilities = list[tuple[int, Facility]]


async def missing_of_semarang(database: Database) -> tuple[Areas, Facilities]:
    """Return what is missing of Kota Semarang. Reads the tables: a board takes longer to load."""
    areas = read_areas(SEMARANG / "areas.csv")
    facilities = read_facilities(SEMARANG / "facilities.csv")
    async with database.reading() as connection:
        codes = await stored.areas(connection, [area.code for _, area in areas])
        ids = await stored.facilities(connection, [facility.facility_id for _, facility in facilities])
    return (
        [(line, area) for line, area in areas if area.code not in codes],
        [(line, facility) for line, facility in facilities if facility.facility_id not in ids],
    )


async def seed_semarang(node: Node) -> tuple[int, int]:
    """Register what is missing and keep what officers changed; return how many areas and facilities were missing."""
    areas, facilities = await missing_of_semarang(node.database)
    if areas:
        await _put_areas(node, areas)
    if facilities:
        await _put_facilities(node, facilities)
    return len(areas), len(facilities)


async def _seed() -> tuple[int, int]:
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


async def _import_facilities(facilities: Facilities) -> int:
    async with console.node(console.settings()) as node:
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


async def _put_facilities(node: Node, facilities: Facilities) -> list[Facility]:
    with console.progress("Facilities", len(facilities)) as advance:
        try:
            found = await register_facilities(node, [facility for _, facility in facilities], by=OPERATOR)
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
