"""The outlines of areas in memory. A new import by any node on the database is used from the next request on."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from app.domain.errors import Unavailable
from app.domain.registry.area import Area
from app.store.database import Database
from app.store.repositories import outlines
from app.store.repositories.outlines import StoredOutline

# Of geometries; beyond it the oldest are read again when they are needed.
CHARACTERS_MAX = 32 * 1024 * 1024
LABEL_DIGITS = 5


@dataclass(slots=True)
class KnownOutline:
    """An outline with the label point that was last computed, and the registered point for which it was."""

    stored: StoredOutline
    label: tuple[float, float] | None = None
    label_of: tuple[float | None, float | None] = (None, None)

    def label_for(self, area: Area) -> tuple[float, float]:
        """Where to write the name (lat, lon): the registered point of the area, or one that lies inside."""
        own = area.lat, area.lon
        if self.label is None or self.label_of != own:
            lat, lon = own
            is_inside = lat is not None and lon is not None and self.stored.outline().contains(lat, lon)
            point = (lat, lon) if is_inside and lat is not None and lon is not None else self.stored.inner_point
            self.label, self.label_of = (round(point[0], LABEL_DIGITS), round(point[1], LABEL_DIGITS)), own
        return self.label


class Outlines:
    """The outlines that were asked for, and the codes of all."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._import = -1
        self._codes: Sequence[str] = ()
        self._all: frozenset[str] = frozenset()
        self._known: dict[str, KnownOutline] = {}
        self._characters = 0

    async def codes(self) -> Sequence[str]:
        """The areas that have an outline now, in order. Raises: Unavailable, if they were never read."""
        try:
            async with self._database.reading() as connection:
                newest = await outlines.newest_import(connection)
                if newest != self._import:
                    self._codes = await outlines.codes(connection)
                    self._all = frozenset(self._codes)
                    self._known, self._characters, self._import = {}, 0, newest
        except Unavailable:
            if self._import < 0:
                raise
        return self._codes

    def include(self, areas: Collection[Area]) -> bool:
        """Whether one of these areas has an outline, as far as the last request for outlines saw; reads nothing."""
        return any(area.code in self._all for area in areas)

    async def find(self, wanted: Collection[str]) -> dict[str, KnownOutline]:
        """The outlines of these areas, by code; those that have none are absent. Raises: Unavailable."""
        found = {code: known for code in wanted if (known := self._known.get(code)) is not None}
        if len(found) < len(wanted):
            at = self._import
            async with self._database.reading() as connection:
                read = await outlines.outlines(connection, [code for code in wanted if code not in found])
            for stored in read:
                found[stored.code] = KnownOutline(stored)
            if at == self._import:
                self._keep([found[stored.code] for stored in read])
        return found

    def _keep(self, read: Sequence[KnownOutline]) -> None:
        for known in read:
            size = len(known.stored.geometry)
            if self._characters + size > CHARACTERS_MAX:
                self._known, self._characters = {}, 0
            if size <= CHARACTERS_MAX and known.stored.code not in self._known:
                self._known[known.stored.code] = known
                self._characters += size
