"""Where distances are measured from: the reader's location, an area that was typed or linked, or the home area."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from app.board.board import Board
from app.board.grid import Place
from app.domain.errors import NotFound
from app.domain.registry.area import Area, AreaLevel

TYPED_MAX = 100
CHOICES_MAX = 12
_LOOKED_AT = 200
_TOWNS = (AreaLevel.city, AreaLevel.kecamatan, AreaLevel.kelurahan)


@dataclass(frozen=True, kw_only=True)
class StartPlace:
    """A place and how it was found.

    `how` is a text key under `public.from.`; None where an area answers what was asked. `label` is what the field
    shows. `choices` are areas that may be meant, each as the path from the country down.
    """

    point: Place | None
    how: str | None = None
    label: str = ""
    area: Area | None = None
    choices: Sequence[tuple[Area, ...]] = ()


def find_start(board: Board, query: Mapping[str, str], home: str | None) -> StartPlace:
    """Find the place that a query names; what cannot be understood falls back to the home area and says so."""
    located = _location(query.get("lat"), query.get("lon"))
    if located is not None:
        return StartPlace(point=located, how="located")
    typed = " ".join(query.get("q", "").split())[:TYPED_MAX]
    if typed:
        return _named(board, typed, home)
    code = query.get("area")
    if code:
        try:
            return _at(board.path(code))
        except NotFound:
            return _named(board, code[:TYPED_MAX], home)
    return _home(board, home)


def _location(lat: str | None, lon: str | None) -> Place | None:
    try:
        place = float(lat or ""), float(lon or "")
    except ValueError:
        return None
    is_on_earth = all(map(isfinite, place)) and abs(place[0]) <= 90 and abs(place[1]) <= 180
    return place if is_on_earth else None


def _named(board: Board, typed: str, home: str | None) -> StartPlace:
    """`Sendangmulyo, Tembalang`: the first part is the name, the others are of areas around it."""
    name, *around = [part.strip().casefold() for part in typed.split(",")]
    found = board.find_areas(q=name, limit=_LOOKED_AT) if name else []
    paths = [board.path(area.code) for area in found if area.level in _TOWNS]
    paths = [path for path in paths if all(_is_around(path, part) for part in around if part)]
    exact = [path for path in paths if path[-1].name.casefold() == name or path[-1].code == typed]
    candidates = _inside(exact, home) or exact or _inside(paths, home) or paths
    if len(candidates) == 1:
        return _at(candidates[0])
    fallback = _home(board, home)
    if not candidates:
        below = board.find_areas(parent=home, limit=CHOICES_MAX) if home else []
        choices = [board.path(area.code) for area in below]
        return StartPlace(point=fallback.point, how="none", label=typed, area=fallback.area, choices=choices)
    choices = candidates[:CHOICES_MAX]
    return StartPlace(point=fallback.point, how="several", label=typed, area=fallback.area, choices=choices)


def _is_around(path: tuple[Area, ...], part: str) -> bool:
    return any(part in area.name.casefold() for area in path[:-1])


def _inside(paths: Iterable[tuple[Area, ...]], home: str | None) -> list[tuple[Area, ...]]:
    return [path for path in paths if any(area.code == home for area in path)]


def _home(board: Board, home: str | None) -> StartPlace:
    if home is None:
        return StartPlace(point=None, how="nowhere")
    path = board.path(home)
    point = _point(path[-1:])
    return StartPlace(point=point, how="center" if point else "nowhere", area=path[-1])


def _at(path: tuple[Area, ...]) -> StartPlace:
    point = _point(reversed(path))
    return StartPlace(point=point, how=None if point else "nowhere", label=label_of(path), area=path[-1])


def _point(areas: Iterable[Area]) -> Place | None:
    """The point of the first area that has one."""
    return next(((area.lat, area.lon) for area in areas if area.lat is not None and area.lon is not None), None)


def label_of(path: tuple[Area, ...]) -> str:
    """`Sendangmulyo, Tembalang`: an area with the one around it, as people write it."""
    shown = [area.name for area in path[-2:] if area.level.depth > AreaLevel.city.depth or area is path[-1]]
    return ", ".join(reversed(shown))
