"""Sessions: a browser shows a key once and gets a signed cookie, which has the rights of that key until it ends.

The cookie is `<prefix of the key>.<session id>.<started>.<last use>.<signature>`, times in milliseconds. The signature
is an HMAC under the installation's secret key over this and the key's digest, so it is bound to this very key, and
every node with that secret key accepts it. Whether the key is valid, what it may do, and whether the session was ended
is read from the board on each request.
"""

import re
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from app.actions.keys import authenticate, store_key
from app.domain.errors import NotFound
from app.domain.permissions import Actor, Credential
from app.domain.sessions import EndedSessions, Session, milliseconds
from app.runtime.node import Node
from app.store.database import Transaction

ID_BYTES = 12
_Ending = Callable[[Credential, datetime], EndedSessions]
_COOKIE = re.compile(r"(([0-9a-f]{12})\.([A-Za-z0-9_-]{16})\.([0-9]{1,15})\.([0-9]{1,15}))\.([0-9a-f]{64})")


async def begin_session(node: Node, key: str) -> tuple[Actor, Session]:
    """Begin a session for the holder of this key. Raises: Unauthenticated; Unavailable, without a secret key."""
    actor = await authenticate(node, key)
    credential = _credential(node, actor)
    started = max(milliseconds(node.clock()), credential.ended_sessions.until + 1)
    return actor, Session(credential.prefix, secrets.token_urlsafe(ID_BYTES), started, started)


def write_cookie(node: Node, session: Session) -> str:
    """The cookie of a session. Raises: Unavailable, without a secret key."""
    signed = f"{session.prefix}.{session.session_id}.{session.started}.{session.active}"
    credential = node.board.credential(session.prefix)
    return f"{signed}.{node.secret_box.sign_session(_bound(signed, credential))}"


def recognise_session(node: Node, cookie: str) -> tuple[Actor, Session] | None:
    """The holder and the session of a cookie, as far as this node's board knows; None if it is not valid."""
    match = _COOKIE.fullmatch(cookie)
    credential = node.board.credential(match[2]) if match else None
    if match is None or not node.secret_box.is_session(match[6], _bound(match[1], credential)) or credential is None:
        return None
    session = Session(match[2], match[3], int(match[4]), int(match[5]))
    return (credential.actor, session) if is_open(node, session) else None


def is_open(node: Node, session: Session) -> bool:
    """Whether the session has time left, was not ended, and its key is valid, as far as this node's board knows."""
    return session.has_time_left(node.clock()) and may_stay_open(node, session)


def may_stay_open(node: Node, session: Session) -> bool:
    """The same for a stream of this session, which goes on while nobody sends requests."""
    credential, now = node.board.credential(session.prefix), node.clock()
    return (
        credential is not None
        and credential.is_valid(now)
        and milliseconds(now) < session.ends_at
        and not credential.ended_sessions.has(session)
    )


def may_be_new(node: Node, cookie: str) -> bool:
    """Whether another process may have issued the key of this cookie a moment ago."""
    match = _COOKIE.fullmatch(cookie)
    return match is not None and node.board.credential(match[2]) is None


async def end_session(node: Node, session: Session, *, by: Actor) -> None:
    """End one session, on every node, also for copies of its cookie. Ending it again has no effect."""
    await _end(node, by, lambda credential, now: credential.ended_sessions.with_one(session, now))


async def end_all_sessions(node: Node, *, by: Actor) -> None:
    """End all sessions of this key, on every node. The key itself stays valid."""
    await _end(node, by, lambda credential, now: credential.ended_sessions.with_all(now))


async def _end(node: Node, by: Actor, ended: _Ending) -> None:
    async def end(transaction: Transaction, now: datetime) -> None:
        credential = _credential(node, by)
        sessions = ended(credential, now)
        if sessions != credential.ended_sessions:
            await store_key(transaction, replace(credential, ended_sessions=sessions), by, now)

    await node.write_queue.change(end, by=by)


def _credential(node: Node, actor: Actor) -> Credential:
    credential = node.board.credential(actor.key) if actor.key is not None else None
    if credential is None:
        raise NotFound("There is no such key.")
    return credential


def _bound(signed: str, credential: Credential | None) -> str:
    return f"{signed}.{credential.digest if credential else ''}"
