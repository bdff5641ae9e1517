"""Where a reader begins: the home area, or what the reader's key covers where reading needs one."""

from urllib.parse import quote

from app.actions.resolve import area_for
from app.domain.display import Display
from app.domain.errors import Refusal
from app.domain.permissions import Actor, ScopeKind, Verb
from app.runtime.node import Node


def home_area_of(node: Node, caller: Actor | None, display: Display) -> str | None:
    """The code of the area to show first: the home area if the caller may read it, else that of an area's key.

    None without areas, and for the key of a facility.
    """
    code = node.board.home_area(display.home_area)
    if code is None or may_read(node, caller, code):
        return code
    return caller.scope.id if caller is not None and caller.scope.kind is ScopeKind.area else None


def own_facility_of(caller: Actor | None) -> str | None:
    """The path of the page of the caller's only facility; None for other callers."""
    if caller is None or caller.scope.facility_id is None:
        return None
    return f"/facility/{quote(caller.scope.facility_id)}"


def may_read(node: Node, caller: Actor | None, code: str) -> bool:
    """Whether the caller may read the figures of this area; False also if there is no such area."""
    try:
        area_for(node, code, caller, Verb.read)
    except Refusal:
        return False
    return True
