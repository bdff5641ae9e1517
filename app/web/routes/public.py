"""The page for citizens: the nearest free bed. It works without scripts, from one answer of the board."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from app.actions.resolve import area_for
from app.board.facility.state import thresholds_of
from app.board.grid import Place
from app.board.nearest import NearestQuery, NearestRow
from app.board.offers import Offer, Standing
from app.dependencies import CallerDep, NodeDep, Now
from app.domain.beds.bed_types import BedGroup
from app.domain.capacity import Capacity, Filters
from app.domain.display import Display
from app.domain.errors import NotFound
from app.domain.permissions import Actor, Verb
from app.domain.registry.area import Area, AreaLevel
from app.domain.registry.facility import Facility, FacilityKind
from app.domain.registry.location import LocationIs
from app.limits.time_slices import TimeSlices
from app.runtime.node import Node
from app.web import languages, needs
from app.web.pages import Page, text
from app.web.routes.areas import message_page
from app.web.served_pages import serve
from app.web.start_place import find_start, label_of
from app.web.words import Words

PATH = "/publik"
LIMIT = 50  # of each list
SHOWN = {Standing.free: 5, Standing.full: 3, Standing.not_fresh: 3}
_ALL = "all"
_GROUPS = (BedGroup.intensive, BedGroup.isolation, BedGroup.ward, BedGroup.maternal_newborn, BedGroup.emergency)

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A facility in a list.

    `distance_km` is None where only its city is known, and `is_about` if it is that of its kelurahan or kecamatan.
    `reason` is a text key under `public.full.`; `stale_at` is when it turns late by the clock.
    """

    facility: Facility
    offer: Offer
    distance_km: float | None
    is_about: bool
    place: str
    reason: str | None
    stale_at: datetime
    phone: str | None
    contact: str | None


@dataclass(frozen=True, kw_only=True)
class List:
    """One of the three lists: what is shown of it, and how many more there are."""

    rows: Sequence[Row]
    count: int
    more: str | None  # the address that shows all of them

    @property
    def label(self) -> str:
        """How many there are, as far as is known."""
        return f"{LIMIT}+" if self.count == LIMIT else str(self.count)

    @property
    def main(self) -> Row | None:
        """The first one that can be called."""
        return next((row for row in self.rows if row.phone), None)

    @property
    def hidden(self) -> int:
        """How many are not shown."""
        return self.count - len(self.rows)


@router.get(PATH)
async def read_public_page(request: Request, node: NodeDep, caller: CallerDep, now: Now) -> Response:
    """The nearest free beds, the full facilities, and those with old figures."""
    if caller is None and not node.public_read:
        return message_page(request, status=401, key="private")
    display: Display = request.state["display"]
    home = node.board.home_area(display.home_area)
    query = request.query_params
    need = query.get("need", "") if query.get("need") in needs.CARE else needs.USUAL
    start = find_start(node.board, query, home)
    slices: TimeSlices = request.state["slices"]
    nearest = _nearest(node, caller, start.point, need, now) if start.point else iter(())
    found = [row async for part in slices.run(nearest, lambda row: _row(node, row)) for row in part]
    language = languages.language_of(request)
    area = node.board.path(home)[-1] if home else None
    page = Page(
        template="public.html",
        title=text(request, "title.public", area=area.name if area else "Balai"),
        style="p-pub",
        entry="js/pages/served.js",
        menu="public",
        data={"zone": display.time_zone},
        values={
            "words": Words(language, display.time_zone, now),
            "as_of": now.replace(second=0, microsecond=0),
            "home": area,
            "need": need,
            "needs": [(code, _address(query, need=code, show=None)) for code in needs.CARE],
            "start": start,
            "choices": [(label_of(path), _address(query, area=path[-1].code, q=None)) for path in start.choices],
            "lists": {standing: _list(request, standing, found) for standing in Standing},
            "city": _city(node, home, caller, now),
            "groups": _GROUPS,
            "kept": [(name, query[name]) for name in ("need", languages.PARAMETER) if name in query],
            "tel": telephone,
        },
    )
    return serve(request, page, is_public=node.public_read)


def _nearest(node: Node, caller: Actor | None, place: Place, need: str, now: datetime) -> Iterator[NearestRow | None]:
    """The rows of all lists, of facilities that the reader may see."""

    def may_see(facility: Facility) -> bool:
        if node.public_read:
            return True
        try:
            node.authorise(caller, Verb.read, node.board.target(facility))
        except NotFound:
            return False
        return True

    care = needs.CARE[need]
    return node.board.nearest(now, NearestQuery(place=place, needs=care.needs, kind=care.kind, limit=LIMIT), may_see)


def _row(node: Node, row: NearestRow) -> Row:
    facility, offer = row.facility, row.offer
    path = node.board.path(facility.area_code)
    location = node.board.location(facility)
    is_about = location is not None and location.is_of is LocationIs.area
    is_near = not is_about or any(area.lat is not None and area.level.depth > AreaLevel.city.depth for area in path)
    contact = facility.contact
    phones = contact.phones if contact and contact.phones else (facility.phone,)
    reason = ("queue" if offer.beds_available else "none") if row.standing is Standing.full else None
    return Row(
        facility=facility,
        offer=offer,
        distance_km=row.distance_km if is_near else None,
        is_about=is_about,
        place=_place_of(path),
        reason=reason,
        stale_at=offer.observed_at + thresholds_of(facility, node.board.thresholds).stale_after,
        phone=phones[0],
        contact=contact.name if contact else None,
    )


def _place_of(path: Sequence[Area]) -> str:
    """The kecamatan, else the lowest area that is known."""
    return next((area.name for area in path if area.level is AreaLevel.kecamatan), path[-1].name)


def _list(request: Request, standing: Standing, found: Sequence[Row]) -> List:
    rows = [row for row in found if row.offer.standing() is standing]
    rows.sort(key=lambda row: row.distance_km is None)  # nobody is sent first to a place that nobody knows
    if request.query_params.get("show") == _ALL:
        return List(rows=rows, count=len(rows), more=None)
    shown = rows[: SHOWN[standing]]
    more = _address(request.query_params, show=_ALL) + f"#{standing}" if len(shown) < len(rows) else None
    return List(rows=shown, count=len(rows), more=more)


def _address(query: Any, **changed: str | None) -> str:
    """This page with other parameters; None removes one. Only parameters that the page knows are kept."""
    names = ("need", "q", "area", "lat", "lon", "show", languages.PARAMETER)
    known = {name: query[name] for name in names if query.get(name)} | changed
    kept = {name: value for name, value in known.items() if value}
    return f"{PATH}?{urlencode(kept)}" if kept else PATH


def _city(node: Node, home: str | None, caller: Actor | None, now: datetime) -> Capacity | None:
    """The hospitals of the home area, where the reader may see them."""
    try:
        code = area_for(node, home or "", caller, Verb.read).code
    except NotFound:
        return None
    return node.board.roll_up(code, now, Filters(kind=frozenset({FacilityKind.hospital})))


def telephone(phone: str) -> str:
    """The address for a phone: digits, and a plus at the beginning."""
    return f"tel:{'+' if phone.strip().startswith('+') else ''}{''.join(filter(str.isdigit, phone))}"
