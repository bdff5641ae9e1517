"""The command center and the page of every area: one page for all levels, and its wall mode."""

from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from app.dependencies import CallerDep, NodeDep
from app.domain.registry.area import Area, AreaLevel
from app.runtime.node import Node
from app.web.home import home_area_of, may_read, own_facility_of
from app.web.pages import Crumb, Later, Page, render, text

router = APIRouter(include_in_schema=False)

HOSPITALS = "kind=hospital&kind=clinic"
HALLS = "kind=isolation_site&kind=rw_hall"
# Around what somebody else wrote, in plain text: a character in it that turns the direction ends there.
_ISOLATE, _POP = "\u2068", "\u2069"
CALLS, WALL_CALLS = 5, 10  # rows of the list that a page reads first, as its script says
# What `outlines.js` imports after the figures, and what `map_drawing.js` needs where there is something to draw.
MAPS = "js/map/maps.js"
DRAWING = ("js/map/map_drawing.js", "vendor/leaflet/leaflet.js")
# An area whose halls are shown one by one.
_SMALL = frozenset({AreaLevel.kecamatan, AreaLevel.kelurahan, AreaLevel.rw})


@router.get("/")
async def read_center(
    request: Request, node: NodeDep, caller: CallerDep, wall: Annotated[str, Query()] = ""
) -> Response:
    """The command center: the page of the home area."""
    if caller is None and not node.public_read:
        return message_page(request, status=401, key="private")
    code = home_area_of(node, caller, request.state["display"])
    if code is None:
        own = own_facility_of(caller)
        return message_page(request, status=200, key="no_area") if own is None else RedirectResponse(own, 303)
    return _area_page(request, node, node.board.path(code), is_wall=wall == "1")


@router.get("/area/{code}")
async def read_area_page(
    code: str, request: Request, node: NodeDep, caller: CallerDep, wall: Annotated[str, Query()] = ""
) -> Response:
    """The page of one area."""
    if caller is None and not node.public_read:
        return message_page(request, status=401, key="private")
    if not may_read(node, caller, code):
        return _no_area(request, node, code)
    return _area_page(request, node, node.board.path(code), is_wall=wall == "1")


def _no_area(request: Request, node: Node, code: str) -> Response:
    if node.public_read:
        return message_page(request, status=404, key="not_found.area", name=code)
    return message_page(request, status=404, key="not_found.covered", name=code)


def _area_page(request: Request, node: Node, path: tuple[Area, ...], *, is_wall: bool) -> Response:
    area = path[-1]
    has_outlines = node.outlines.include(node.board.find_areas(parent=area.code, limit=1))
    is_small = area.level in _SMALL
    page = Page(
        template="wall.html" if is_wall else "area.html",
        title=text(request, "title.area", area=area.name),
        style="p-wall" if is_wall else "p-kec" if is_small else "p-pusat",
        entry="js/pages/wall.js" if is_wall else "js/pages/small_area.js" if is_small else "js/pages/area.js",
        menu="center",
        crumbs=_crumbs(path),
        data={"area": area.code, "level": area.level.value, "name": area.name},
        preload=_preload(area.code, has_halls=is_small and not is_wall, calls=WALL_CALLS if is_wall else CALLS),
        later=_map_of(area.code, has_outlines=has_outlines),
        values={"area": area},
    )
    return render(request, page, theme="dark" if is_wall else None)


def _preload(code: str, *, has_halls: bool, calls: int) -> list[str]:
    """What the script reads before it draws, in its own words: a browser uses a preload only for the same address."""
    area = f"/v1/areas/{quote(code)}"
    halls = [f"{area}/capacity/children?{HALLS}"] if has_halls else [f"{area}/reporting?limit={calls}"]
    totals = [f"{area}/capacity?{kinds}" for kinds in (HOSPITALS, HALLS)]
    return ["/v1/display", *totals, f"{area}/capacity/children?{HOSPITALS}", *halls]


def _map_of(code: str, *, has_outlines: bool) -> Later:
    if not has_outlines:
        return Later(modules=(MAPS,))
    return Later(modules=(MAPS, *DRAWING), documents=(f"/v1/areas/{quote(code)}/boundaries",))


def _crumbs(path: tuple[Area, ...]) -> list[Crumb]:
    """The path from below the country, which is of use only near it."""
    shown = path if len(path) < 3 else path[1:]
    return [*(Crumb(name=area.name, path=f"/area/{area.code}") for area in shown[:-1]), Crumb(name=shown[-1].name)]


def message_page(request: Request, *, status: int, key: str, name: str = "") -> Response:
    """A page with a sentence and a way on: `key` and `key.next` are texts, with `{name}`.

    The way leads to the start page, or to the page to sign in where a key is needed.
    """
    is_private = status == 401
    here = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
    values = {
        "heading": text(request, key, name=f"{_ISOLATE}{name}{_POP}"),
        "next": text(request, f"{key}.next"),
        "way": f"/masuk?{urlencode({'next': here})}" if is_private else "/",
        "way_name": text(request, "nav.sign_in") if is_private else text(request, "nav.center"),
    }
    page = Page(template="message.html", title=text(request, "title.brand"), style="p-message", values=values)
    return render(request, page, status=status)
