"""The list of an area's facilities, with search. It works without scripts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.actions.resolve import area_for
from app.api.http import cursors
from app.board.index import Key
from app.board.names import NameKey
from app.board.search import FacilityQuery, FacilityRow
from app.dependencies import CallerDep, NodeDep, Now
from app.domain.beds.freshness import Freshness
from app.domain.capacity import Totals
from app.domain.display import Display
from app.domain.errors import Malformed, NotFound, Unauthenticated
from app.domain.permissions import Verb
from app.domain.registry.area import Area
from app.domain.registry.facility import Facility, FacilityKind
from app.domain.registry.names import fold
from app.limits.time_slices import TimeSlices, at_most
from app.runtime.node import Node
from app.web import languages
from app.web.bars import Bar, bar_of
from app.web.home import home_area_of, own_facility_of
from app.web.pages import Crumb, Page, text
from app.web.routes.areas import message_page
from app.web.routes.public import telephone
from app.web.served_pages import serve
from app.web.words import Words

PATH = "/facilities"
PAGE = 50
# A larger area is listed by id, as it is stored: sorting all names would take too long for one page.
SORTED_MAX = 500
_ALL = "all"
_TYPED_MAX = 100

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A facility in the list. `uncertain` are free beds by figures that are not fresh; None: there are none."""

    facility: Facility
    place: str
    freshness: Freshness
    observed_at: datetime | None
    stale_at: datetime | None
    free: int | None
    uncertain: int | None
    bar: Bar
    phone: str | None
    contact: str | None


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the address asks for. `kind` is None for all of them."""

    area: Area
    q: str
    kind: FacilityKind | None
    cursor: str | None

    @property
    def kinds(self) -> frozenset[FacilityKind]:
        """The filter of the board."""
        return frozenset() if self.kind is None else frozenset({self.kind})


@router.get(PATH)
async def read_facility_list(request: Request, node: NodeDep, caller: CallerDep, now: Now) -> Response:
    """The facilities of an area, by default the home area: 50 at a time, of one kind, or those that a name finds."""
    display: Display = request.state["display"]
    query = request.query_params
    code = query.get("area") or home_area_of(node, caller, display)
    if code is None and (own := own_facility_of(caller)) is not None:
        return RedirectResponse(own, 303)
    try:
        area = area_for(node, code or "", caller, Verb.read)
    except Unauthenticated:
        return message_page(request, status=401, key="private")
    except NotFound:
        key = "not_found.area" if code else "no_area"
        return message_page(request, status=404 if code else 200, key=key, name=code or "")
    counts = {kind: node.board.count_facilities(area.code, frozenset({kind})) for kind in FacilityKind}
    wanted = _wanted(query, area, counts)
    rows, after = await _find(node, request.state["slices"], wanted, now, sum(counts.values()))
    path = node.board.path(area.code)
    page = Page(
        template="facilities.html",
        title=text(request, "title.facilities", area=area.name),
        style="p-fas p-list",
        entry="js/pages/served.js",
        menu="facilities",
        crumbs=[Crumb(name=each.name, path=f"/area/{each.code}") for each in path[1:] or path],
        data={"zone": display.time_zone},
        values={
            "words": Words(languages.language_of(request), display.time_zone, now),
            "as_of": now.replace(second=0, microsecond=0),
            "area": area,
            "wanted": wanted,
            "kinds": _kinds(query, wanted, counts),
            "count": counts[wanted.kind] if wanted.kind else sum(counts.values()),
            "rows": [_row(node, row, display) for row in rows],
            "start": _start(wanted),
            "next": after and _address(query, cursor=after),
            "first": _address(query, cursor=None),
            "cleared": _address(query, q=None, cursor=None),
            "tel": telephone,
            "asked": query,
            "sorted": sum(counts.values()) <= SORTED_MAX,
        },
    )
    return serve(request, page, is_public=node.public_read)


def _wanted(query: Any, area: Area, counts: dict[FacilityKind, int]) -> Wanted:
    q = " ".join(query.get("q", "").split())[:_TYPED_MAX]
    kind = query.get("kind", "")
    chosen: FacilityKind | None
    if kind in {str(each) for each in FacilityKind}:
        chosen = FacilityKind(kind)
    else:
        # Hospitals first; a search looks everywhere.
        chosen = None if q or kind == _ALL else next((each for each in FacilityKind if counts[each]), None)
    return Wanted(area=area, q=q, kind=chosen, cursor=query.get("cursor"))


async def _find(
    node: Node, slices: TimeSlices, wanted: Wanted, now: datetime, there: int
) -> tuple[Sequence[FacilityRow], str | None]:
    """A page of rows, and the cursor of the next one."""
    if wanted.q or there > SORTED_MAX:
        after = _key_of(wanted)
        found = node.board.search(
            wanted.area.code, now, FacilityQuery(kind=wanted.kinds, q=wanted.q or None, after=after)
        )
        rows = [row async for part in slices.run(at_most(found, PAGE + 1), lambda row: row) for row in part]
        return rows[:PAGE], cursors.encode(*rows[PAGE - 1].key) if len(rows) > PAGE else None
    found = node.board.search(wanted.area.code, now, FacilityQuery(kind=wanted.kinds))
    rows = [row async for part in slices.run(found, lambda row: row) for row in part]
    rows.sort(key=_by_name)
    start = _start(wanted)
    shown = rows[start : start + PAGE]
    return shown, cursors.encode(start + PAGE) if len(rows) > start + PAGE else None


def _start(wanted: Wanted) -> int:
    """How many rows come before this page, in a list sorted by name."""
    try:
        return max(0, int(cursors.decode(wanted.cursor or "", int)[0]))
    except Malformed:
        return 0


def _key_of(wanted: Wanted) -> Key | NameKey | None:
    """The key after which the board continues; None, the beginning, for a cursor of another list."""
    try:
        if wanted.q:
            rank, name, facility_id = cursors.decode(wanted.cursor or "", float, str, str)
            return float(rank), str(name), str(facility_id)
        place, facility_id = cursors.decode(wanted.cursor or "", float, str)
        return float(place), str(facility_id)
    except Malformed:
        return None


def _by_name(row: FacilityRow) -> tuple[str, str]:
    facility = row.figures.facility
    return fold(facility.name), facility.facility_id


def _row(node: Node, row: FacilityRow, display: Display) -> Row:
    figures, facility = row.figures, row.figures.facility
    contact = facility.contact
    phones = contact.phones if contact and contact.phones else (facility.phone,)
    return Row(
        facility=facility,
        place=", ".join(area.name for area in reversed(node.board.path(facility.area_code)[3:])),
        freshness=figures.freshness,
        observed_at=figures.observed_at,
        stale_at=figures.stale_at,
        free=figures.totals.fresh.beds_available,
        uncertain=_uncertain(figures.totals),
        bar=bar_of(figures.totals, display),
        phone=phones[0],
        contact=contact.name if contact else None,
    )


def _uncertain(totals: Totals) -> int | None:
    """Free beds by figures that are not fresh, as `js/figures/figures.js` has them; None: there are none."""
    if totals.beds_available is None:
        return None
    difference = totals.beds_available - (totals.fresh.beds_available or 0)
    return max(0, difference) if difference > 0 or totals.facilities > totals.fresh.facilities else None


def _kinds(query: Any, wanted: Wanted, counts: dict[FacilityKind, int]) -> list[tuple[str, int, str, bool]]:
    """The choices of kinds that there are: text, how many, address, whether it is chosen."""
    there = [kind for kind in FacilityKind if counts[kind]]
    choices: list[FacilityKind | None] = [*there, None] if len(there) > 1 else [*there]
    return [
        (
            str(kind or _ALL),
            counts[kind] if kind else sum(counts.values()),
            _address(query, kind=str(kind or _ALL), cursor=None),
            kind is wanted.kind,
        )
        for kind in choices
    ]


def _address(query: Any, **changed: str | None) -> str:
    names = ("area", "q", "kind", "cursor", languages.PARAMETER)
    known = {name: query[name] for name in names if query.get(name)} | changed
    kept = {name: value for name, value in known.items() if value}
    return f"{PATH}?{urlencode(kept)}" if kept else PATH
