"""The tree of areas: search it, read it, and add to it as an officer."""

from typing import Annotated

from fastapi import Body, Query, Request
from pydantic import Field

from app.actions.register_areas import add_rw, register_areas
from app.api.http import cursors
from app.api.http.documented_errors import OPTIONAL_KEY, refusals
from app.api.http.one_or_list import as_sent
from app.api.http.parameters import AreaCode
from app.api.http.problems import UnsupportedMediaType
from app.api.http.strict_json import BulkRoute, is_sent_alone, strict_router
from app.api.schemas.area import (
    AREA_EXAMPLE,
    AREAS_MAX,
    AreaIn,
    AreaOut,
    AreasOut,
    AreasQuery,
    RegisteredAreasOut,
    RwIn,
)
from app.api.schemas.fields import OneOrList
from app.dependencies import KnownCaller, NodeDep, Reader
from app.domain.errors import (
    Conflict,
    Malformed,
    NotFound,
    NotPermitted,
    TooLarge,
    Unavailable,
)

router = strict_router("areas", BulkRoute)

_CHANGE_REFUSALS = (Malformed, NotPermitted, Conflict, TooLarge, UnsupportedMediaType, Unavailable)


@router.get(
    "/areas",
    summary="Find areas",
    response_description="A page of areas, in order of their codes.",
    responses=refusals(Malformed, NotFound),
    openapi_extra=OPTIONAL_KEY,
)
async def list_areas(query: Annotated[AreasQuery, Query()], node: NodeDep, _reader: Reader) -> AreasOut:
    """Search the administrative tree (*wilayah administrasi*) by parent, level, name or start of the code."""
    after = str(cursors.decode(query.cursor, str)[0]) if query.cursor else None
    found = node.board.find_areas(parent=query.parent, level=query.level, q=query.q, after=after, limit=query.limit)
    return AreasOut(
        areas=[AreaOut.at(node.board.path(area.code)) for area in found],
        next_cursor=cursors.encode(found[-1].code) if len(found) == query.limit else None,
    )


@router.get(
    "/areas/{code}",
    summary="One area",
    response_description="The area, with its ancestors.",
    responses=refusals(NotFound),
    openapi_extra=OPTIONAL_KEY,
)
async def read_area(code: AreaCode, node: NodeDep, _reader: Reader) -> AreaOut:
    """Read an area and its ancestors, from the country down."""
    return AreaOut.at(node.board.path(code))


@router.post(
    "/areas",
    status_code=201,
    summary="Register areas",
    response_description="The registered areas, in the order in which they were sent.",
    responses=refusals(*_CHANGE_REFUSALS),
)
async def register_areas_of_tree(
    body: Annotated[
        list[AreaIn],
        Field(max_length=AREAS_MAX),  # checked before any element is validated
        OneOrList(),
        Body(openapi_examples={"one": {"value": AREA_EXAMPLE}}),
    ],
    request: Request,
    node: NodeDep,
    caller: KnownCaller,
) -> RegisteredAreasOut:
    """Add areas, or change those with a known code: one, or a list. All or none.

    Needs a national key. A province without a parent is placed under the country.
    """
    with as_sent(is_alone=is_sent_alone(request)):
        await register_areas(node, [area.to_domain() for area in body], by=caller)
    return RegisteredAreasOut(areas=[AreaOut.at(node.board.path(area.code)) for area in body])


@router.post(
    "/areas/{code}/rw",
    status_code=201,
    summary="Add RW under a kelurahan",
    response_description="The RW that were added.",
    responses=refusals(*_CHANGE_REFUSALS, NotFound),
)
async def add_rw_under_kelurahan(
    code: AreaCode,
    body: Annotated[
        RwIn,
        Body(
            openapi_examples={
                "the first 8": {"value": {"count": 8}},
                "one more": {"value": {"number": 9}},
            }
        ),
    ],
    node: NodeDep,
    caller: KnownCaller,
) -> RegisteredAreasOut:
    """Add RW to a kelurahan: RW 01 to a number, or one by its number. There is no public list of RW."""
    added = await add_rw(node, code, count=body.count, numbers=body.numbers, by=caller)
    return RegisteredAreasOut(areas=[AreaOut.at(node.board.path(area.code)) for area in added])
