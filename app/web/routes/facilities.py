"""The page of one facility. Its figures come from `/v1/facilities/{id}` in the browser."""

from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from app.actions.resolve import facility_for
from app.dependencies import CallerDep, NodeDep
from app.domain.errors import NotFound, Unauthenticated
from app.domain.permissions import Verb
from app.web.pages import Crumb, Page, render, text
from app.web.routes.areas import message_page

router = APIRouter(include_in_schema=False)


@router.get("/facility/{facility_id}")
async def read_facility_page(facility_id: str, request: Request, node: NodeDep, caller: CallerDep) -> Response:
    """The page of one facility, by its id or another identifier (`sirs:3374010`)."""
    try:
        facility = facility_for(node, facility_id, caller, Verb.read)
    except Unauthenticated:
        return message_page(request, status=401, key="private")
    except NotFound:
        return message_page(request, status=404, key="not_found.facility", name=facility_id)
    path = node.board.path(facility.area_code)
    areas = path if len(path) < 2 else path[1:]  # the country says little
    page = Page(
        template="facility.html",
        title=text(request, "title.area", area=facility.name),
        style="p-fas",
        entry="js/pages/facility.js",
        menu="facilities",
        crumbs=[
            *(Crumb(name=area.name, path=f"/area/{area.code}") for area in areas),
            Crumb(name=facility.name),
        ],
        data={"facility": facility.facility_id, "name": facility.name},
        preload=["/v1/display", "/v1/bed-types", f"/v1/facilities/{quote(facility.facility_id, safe='')}"],
        values={"facility": facility},
    )
    return render(request, page)
