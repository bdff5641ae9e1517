"""Dependencies of routes: the node, the time, the caller. The caller is also counted here, for the rate limits.

A caller is the holder of the key in the Authorization header; without that header, of the key of a session cookie.

A key that is sent must be valid, also on public routes: a hospital that mistyped its key gets an error instead of the
service of an anonymous client. Requests count per holder of a key, those without one per address (docs/limits.md).
"""

from contextlib import suppress
from contextvars import ContextVar
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.datastructures import Headers
from starlette.types import Scope

from app.actions.keys import authenticate, recognise
from app.actions.sessions import may_be_new, recognise_session
from app.actions.stream_tickets import StreamTickets
from app.domain.errors import Unauthenticated, Unavailable
from app.domain.permissions import Actor
from app.domain.sessions import Session
from app.limits.rate_limits import Source, spend
from app.runtime.node import Node
from app.session_cookies import check_same_site, read_cookie

# When the request came, for rules that are checked while its body is parsed (a report from the future).
REQUEST_TIME: ContextVar[datetime] = ContextVar("request_time")

_CALLER = "balai.caller"
_COUNTED = "balai.counted"


def count_request(scope: Scope) -> None:
    """Count a request of the native API, once: for the holder of its key, else for its address.

    Reads no database. A key that this process does not know counts for the address, so guessing is limited too. The
    caller is also in `scope["state"]["actor"]`, for the log.
    Raises: RateLimited.
    """
    if _COUNTED in scope:
        return
    scope[_COUNTED] = True
    state, source = scope["state"], Source.of(scope)
    header = _authorization(scope)
    cookie = read_cookie(scope) if header is None else None
    actor = _holder(scope, header) if cookie is None else _use_session(scope, cookie)
    if actor is not None or (header is None and (cookie is None or not may_be_new(state["node"], cookie))):
        scope[_CALLER] = state["actor"] = actor
    spend(state["rates"], actor, source)


def is_counted(scope: Scope) -> bool:
    """Whether this request was counted as one of the native API."""
    return _COUNTED in scope


async def admit(request: Request, *, ticket: str | None = None) -> Actor | None:
    """The caller: the holder of the key or ticket that was sent; None without one.

    Counts the request unless it was counted. One with a ticket counts for its address. A session that is not valid (any
    more) is none.
    Raises: Unauthenticated, RateLimited; NotPermitted, for a change with a session that another site sends.
    """
    count_request(request.scope)
    if ticket is not None:
        tickets: StreamTickets = request.state["tickets"]
        actor = await tickets.holder(request.state["node"], ticket)
        request.scope[_CALLER] = request.state["actor"] = actor
        request.scope["state"]["session"] = None
    elif _CALLER not in request.scope:
        # Unknown here: another process may have issued it a moment ago.
        node: Node = request.state["node"]
        header = request.headers.get("authorization")
        if header is not None:
            found: Actor | None = await authenticate(node, bearer_key(header))
        else:
            await node.follower.catch_up()
            found = _use_session(request.scope, read_cookie(request.scope) or "")
        request.scope[_CALLER] = request.state["actor"] = found
    if session_of(request.scope) is not None:
        check_same_site(request.scope)
    caller: Actor | None = request.scope[_CALLER]
    return caller


def session_of(scope: Scope) -> Session | None:
    """The session by which the caller was identified; None for a key, a ticket, and nobody."""
    session: Session | None = scope["state"].get("session")
    return session


def _use_session(scope: Scope, cookie: str) -> Actor | None:
    actor, session = recognise_session(scope["state"]["node"], cookie) or (None, None)
    scope["state"]["session"] = session
    return actor


async def look_up_caller(scope: Scope) -> Actor | None:
    """The caller of a request that was counted but admitted by no route: its key may be too new for this process.

    Reads the ledger only for what has the form of a key. None where it opens nothing, or no database says so.
    """
    header = _authorization(scope)
    if is_counted(scope) and _CALLER not in scope and header is not None:
        with suppress(Unauthenticated, Unavailable):
            scope[_CALLER] = scope["state"]["actor"] = await authenticate(scope["state"]["node"], bearer_key(header))
    caller: Actor | None = scope.get(_CALLER)
    return caller


def shown_actor(scope: Scope) -> Actor | None:
    """The holder of the key that was sent, as far as this node knows; reads no database."""
    return _holder(scope, _authorization(scope))


def _holder(scope: Scope, header: str | None) -> Actor | None:
    if header is None:
        return None
    with suppress(Unauthenticated):
        return recognise(scope["state"]["node"], bearer_key(header))
    return None


def _authorization(scope: Scope) -> str | None:
    return Headers(scope=scope).get("authorization")


def bearer_key(header: str) -> str:
    """The key in an Authorization header. Raises: Unauthenticated, when there is none."""
    scheme, _, key = header.partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise Unauthenticated
    return key.strip()


_bearer = HTTPBearer(
    scheme_name="key",
    description="The key that an officer issued for your facility, your area or the nation, as it was shown once. "
    "(*Kunci API yang diterbitkan petugas.*)",
    auto_error=False,
)


async def _node(request: Request) -> Node:
    node: Node = request.state["node"]
    return node


NodeDep = Annotated[Node, Depends(_node)]


async def _now(node: NodeDep) -> datetime:
    return REQUEST_TIME.get(None) or node.clock()


Now = Annotated[datetime, Depends(_now)]


async def _caller(
    request: Request, _documented: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Actor | None:
    return await admit(request)


CallerDep = Annotated[Actor | None, Depends(_caller)]


async def known_caller(caller: CallerDep) -> Actor:
    """The caller with a valid key. Raises: Unauthenticated, where none was sent."""
    if caller is None:
        raise Unauthenticated
    return caller


KnownCaller = Annotated[Actor, Depends(known_caller)]


async def known_reader(caller: CallerDep, node: NodeDep) -> Actor | None:
    """A caller who may read. Raises: Unauthenticated, without a key where figures are not public."""
    if caller is None and not node.public_read:
        raise Unauthenticated
    return caller


# Any client where figures are public, else any with a key. What that key may read is checked per target.
Reader = Annotated[Actor | None, Depends(known_reader)]
