"""Sessions of browsers: sign in with a key, sign out, and who the caller is."""

from typing import Annotated

from fastapi import Body, Query, Request, Response

from app.actions.sessions import begin_session, end_all_sessions, end_session, write_cookie
from app.api.http.documented_errors import OPTIONAL_KEY, refusals
from app.api.http.problems import UnsupportedMediaType
from app.api.http.strict_json import strict_router
from app.api.schemas.session import EndSessionQuery, MeOut, SessionIn
from app.dependencies import CallerDep, NodeDep, Now, session_of
from app.domain.errors import Malformed, NotPermitted, TooLarge, Unauthenticated, Unavailable
from app.limits.rate_limits import Source, give_back_sign_in, spend_sign_in
from app.session_cookies import check_same_site, cookie_header, is_protected

router = strict_router("keys")


@router.post(
    "/session",
    status_code=201,
    summary="Sign in with a key",
    response_description="Who you are. The session is in the cookie.",
    responses=refusals(Malformed, NotPermitted, TooLarge, UnsupportedMediaType, Unavailable),
    openapi_extra=OPTIONAL_KEY,
)
async def sign_in(
    *,
    body: Annotated[SessionIn, Body(openapi_examples={"key": {"value": {"key": "balai_3f9a51c2f4f9_..."}}})],
    request: Request,
    response: Response,
    node: NodeDep,
    now: Now,
) -> MeOut:
    """Begin a session (*masuk*): the cookie in the response has the rights of the key, for requests and streams.

    It lasts until no request has used it for 30 minutes, and at most 12 hours; it ends at once when the key is revoked
    or expires. Needs HTTPS, except on the machine itself.
    """
    if not is_protected(request.scope):
        raise NotPermitted(
            "Signing in needs HTTPS: over plain HTTP everybody on the way can read the key. A proxy with TLS in front "
            "must be in BALAI_TRUSTED_PROXIES and send X-Forwarded-Proto."
        )
    check_same_site(request.scope, must_be_said=False)
    source, rates = Source.of(request.scope), request.state["rates"]
    spend_sign_in(rates, source)
    actor, session = await begin_session(node, body.key)
    give_back_sign_in(rates, source)
    cookie = write_cookie(node, session)
    response.headers.append("set-cookie", cookie_header(request.scope, cookie).decode())
    response.headers["cache-control"] = "no-store"
    return MeOut.of(actor, session, now, public_read=node.public_read)


@router.delete(
    "/session",
    status_code=204,
    summary="Sign out",
    response_description="The session has ended, and the cookie is removed.",
    responses=refusals(NotPermitted, Unavailable),
    openapi_extra=OPTIONAL_KEY,
)
async def sign_out(
    query: Annotated[EndSessionQuery, Query()], request: Request, node: NodeDep, caller: CallerDep
) -> Response:
    """End this session (*keluar*), or with `all=true` all sessions of its key, also with the key itself.

    It ends on every node, also for copies of the cookie. The key stays valid.
    """
    session = session_of(request.scope)
    if query.all:
        if caller is None:
            raise Unauthenticated
        await end_all_sessions(node, by=caller)
    elif caller is not None and session is not None:
        await end_session(node, session, by=caller)
    headers = {"set-cookie": cookie_header(request.scope, "").decode(), "cache-control": "no-store"}
    return Response(status_code=204, headers=headers)


@router.get(
    "/me",
    summary="Who you are",
    response_description="The holder of your key or session, and what it may do.",
    responses=refusals(),
    openapi_extra=OPTIONAL_KEY,
)
async def read_me(request: Request, response: Response, node: NodeDep, caller: CallerDep, now: Now) -> MeOut:
    """Who you are to this service, and what you may do (*hak akses*): pages offer nothing else. Answers everybody."""
    response.headers["cache-control"] = "no-store"
    return MeOut.of(caller, session_of(request.scope), now, public_read=node.public_read)
