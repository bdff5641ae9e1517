"""Adding areas to a tree: validation, and which areas are new or changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.domain.errors import Fault, InvalidInput
from app.domain.registry.area import INDONESIA, Area, AreaLevel, is_area_code


@dataclass(frozen=True, slots=True)
class PlacedArea:
    """An area and its depth: the number of its ancestors."""

    area: Area
    depth: int


def country_for(areas: Sequence[Area], countries: Sequence[str]) -> Area | None:
    """The country to add above provinces that name no parent: Indonesia, if there is no country yet; else None.

    The ministry's tables start with provinces; ours starts with the country.
    """
    has_root = bool(countries) or any(area.level is AreaLevel.country for area in areas)
    orphans = any(area.parent is None and area.level is AreaLevel.province for area in areas)
    return INDONESIA if orphans and not has_root else None


def plan(areas: Sequence[Area], known: Mapping[str, PlacedArea], countries: Sequence[str]) -> list[PlacedArea]:
    """The areas that are new or changed, each with its depth, parents before children.

    `known` holds every registered area that `areas` names, itself or as a parent; `countries` holds the roots.
    A province without a parent is placed under the country, if there is only one.
    Raises: InvalidInput, naming every fault by its index in `areas`.
    """
    roots = [*countries, *(a.code for a in areas if a.level is AreaLevel.country and a.code not in countries)]
    given = {area.code: _with_parent(area, roots) for area in areas}
    faults: list[Fault] = []
    seen: set[str] = set()
    for n, area in enumerate(areas):
        faults += [Fault(f"#/{n}/{field}", why) for field, why in _faults(given[area.code], given, known)]
        if area.code in seen:
            faults.append(Fault(f"#/{n}/code", f"{area.code} is named twice"))
        seen.add(area.code)
    if faults:
        raise InvalidInput(*faults)
    placed: dict[str, PlacedArea] = {}
    for area in sorted(given.values(), key=lambda a: (a.level.depth, a.code)):
        above = None if area.parent is None else placed.get(area.parent) or known[area.parent]
        placed[area.code] = PlacedArea(area, 0 if above is None else above.depth + 1)
    return [p for p in placed.values() if known.get(p.area.code) != p]


def _with_parent(area: Area, roots: Sequence[str]) -> Area:
    orphan = area.parent is None and area.level is AreaLevel.province
    return replace(area, parent=roots[0]) if orphan and len(roots) == 1 else area


def _faults(area: Area, given: Mapping[str, Area], known: Mapping[str, PlacedArea]) -> list[tuple[str, str]]:
    found = []
    if not is_area_code(area.code):
        found.append(("code", "must be segments of letters and digits with dots between them"))
    if area.lat is not None and not -90 <= area.lat <= 90:
        found.append(("lat", "must be from -90 to 90"))
    if area.lon is not None and not -180 <= area.lon <= 180:
        found.append(("lon", "must be from -180 to 180"))
    if area.parent is None:
        if area.level is not AreaLevel.country:
            found.append(("parent", f"a {area.level} needs a parent"))
        return found
    above = given.get(area.parent) or (known[area.parent].area if area.parent in known else None)
    if above is None:
        found.append(("parent", f"there is no area {area.parent!r}"))
    elif above.level.depth >= area.level.depth:
        found.append(("parent", f"a {area.level} cannot lie in a {above.level}"))
    return found
