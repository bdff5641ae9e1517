"""API keys: issue, list, rotate, revoke. The key itself is shown only once."""

from typing import Annotated

from fastapi import Body, Path, Query, Response

from app.actions.keys import issue_key, list_keys, revoke_key, rotate_key
from app.api.http import cursors
from app.api.http.documented_errors import refusals
from app.api.http.idempotency import IdempotencyKey, key_of
from app.api.http.problems import UnsupportedMediaType
from app.api.http.strict_json import strict_router
from app.api.schemas.key import KeyIn, KeyOut, KeysOut, KeysQuery, NewKeyOut, scope_of
from app.dependencies import KnownCaller, NodeDep
from app.domain.errors import (
    Conflict,
    InvalidReportId,
    Malformed,
    NotFound,
    NotPermitted,
    ReportConflict,
    TooLarge,
    Unavailable,
)

router = strict_router("keys")

Prefix = Annotated[str, Path(description="The public part of the key, as listed.", examples=["3f9a51c2f4f9"])]


@router.post(
    "/keys",
    status_code=201,
    summary="Issue a key",
    response_description="The key, shown only once.",
    responses=refusals(
        Malformed,
        InvalidReportId,
        NotPermitted,
        NotFound,
        Conflict,
        ReportConflict,
        TooLarge,
        UnsupportedMediaType,
        Unavailable,
    ),
)
async def issue_new_key(
    body: Annotated[
        KeyIn,
        Body(
            openapi_examples={
                "hospital": {"value": {"scope": "facility:rs-3374010", "name": "SIMRS RSUP Dr. Kariadi"}},
                "city": {"value": {"scope": "area:33.74", "name": "Dinas Kesehatan Kota Semarang"}},
            }
        ),
    ],
    node: NodeDep,
    caller: KnownCaller,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> NewKeyOut:
    """Issue a key for a facility, an area or the nation (*penerbitan kunci API*). Its scope cannot exceed yours.

    Only this response contains the key: pass it on safely. We store its SHA-256. If the response is lost, send the
    request again: with the same `Idempotency-Key` you get the same key, without one a second key.
    """
    kept, key = await issue_key(
        node,
        scope=scope_of(body.scope),
        role=body.role,
        name=body.name,
        expires_at=body.expires_at,
        by=caller,
        idempotency_key=key_of(idempotency_key),
    )
    response.headers["cache-control"] = "no-store"
    return NewKeyOut.shown(kept, key)


@router.get(
    "/keys",
    summary="List keys",
    response_description="A page of keys.",
    responses=refusals(Malformed, NotPermitted, NotFound),
)
async def list_issued_keys(
    query: Annotated[KeysQuery, Query()], node: NodeDep, caller: KnownCaller, response: Response
) -> KeysOut:
    """List the keys that you manage, without their secrets, sorted by prefix. Includes revoked and expired keys."""
    after = str(cursors.decode(query.cursor, str)[0]) if query.cursor else ""
    kept = sorted(await list_keys(node, by=caller), key=lambda each: each.prefix)
    rows = [each for each in kept if each.prefix > after]
    page = rows[: query.limit]
    response.headers["cache-control"] = "no-store"
    return KeysOut(
        keys=[KeyOut.of(each) for each in page],
        next_cursor=cursors.encode(page[-1].prefix) if len(rows) > len(page) else None,
    )


@router.post(
    "/keys/{prefix}/rotate",
    status_code=201,
    summary="Rotate a key",
    response_description="The second key of the same holder, shown only once.",
    responses=refusals(InvalidReportId, NotPermitted, NotFound, Conflict, ReportConflict, Unavailable),
)
async def rotate_issued_key(
    prefix: Prefix, node: NodeDep, caller: KnownCaller, response: Response, idempotency_key: IdempotencyKey = None
) -> NewKeyOut:
    """Issue a second key for the same holder; both work until you revoke the first. At most two at a time."""
    kept, key = await rotate_key(node, prefix, by=caller, idempotency_key=key_of(idempotency_key))
    response.headers["cache-control"] = "no-store"
    return NewKeyOut.shown(kept, key)


@router.delete(
    "/keys/{prefix}",
    summary="Revoke a key",
    response_description="The revoked key.",
    responses=refusals(NotPermitted, NotFound, Unavailable),
)
async def revoke_issued_key(prefix: Prefix, node: NodeDep, caller: KnownCaller) -> KeyOut:
    """Revoke a key (*pencabutan*): it is invalid from the next request. Revoking it again changes nothing."""
    return KeyOut.of(await revoke_key(node, prefix, by=caller))
