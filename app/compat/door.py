"""What all doors for foreign software share: tolerant paths, an envelope for every answer, and a note of each message.

A door never redirects and never answers in our own words: whatever is wrong is told in its envelope, in Indonesian. It
opens for a hospital that has a key for it. Rules: `protocols/indonesia.md` section 1.
"""

import json
import logging
import random
import re
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any, ClassVar
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send

from app.actions.door_secrets import holder_of_password
from app.actions.node import Node
from app.bodies import IncompleteBody, read_body
from app.dependencies import Rates, spend
from app.domain.actor import Actor, Credential
from app.domain.channels import Channel
from app.domain.errors import (
    Conflict,
    FacilityClosed,
    InvalidInput,
    Malformed,
    NotFound,
    NotPermitted,
    Overloaded,
    RateLimited,
    Refusal,
    TooLarge,
    Unauthenticated,
    Unavailable,
    Uncertain,
)
from app.domain.facility import Facility
from app.domain.message import DETAIL_LENGTH_MAX, REQUEST_LENGTH_MAX, Message, MessageOutcome
from app.domain.relay import Onward, is_relayed
from app.domain.report import Receipt
from app.domain.rows import Written
from app.domain.tolerant import Unreadable, decoded, fields_of, moment_of, plain

BYTES_MAX = 64 * 1024
SKEW_SECONDS_MAX = 300  # more is a wrong clock, not a slow line

log = logging.getLogger(__name__)

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
_NOTE = "balai.note"


@dataclass(slots=True)
class Note:
    """What is known of a message while it is answered: whose it is, what is odd, its place in the ledger, its body."""

    facility_id: str | None = None
    odd: str | None = None
    skew_seconds: int | None = None
    seq: int | None = None
    body: bytes = b""
    kept: bool = True  # reading leaves no note, unless it was refused


@dataclass(frozen=True, slots=True)
class Door:
    """One protocol's place: what is below `prefix` is told in its `envelope` (path, status, message).

    `base` is where its paths begin, `words` are the fixed parts of them, in any letter case.
    """

    channel: Channel
    prefix: str
    base: str
    words: frozenset[str]
    unauthenticated: str
    envelope: Callable[[Scope, int, str], Mapping[str, Any]]
    bytes_max: int = BYTES_MAX

    def holds(self, path: str) -> bool:
        """Whether this path is below this door."""
        return path == self.prefix or path.startswith(self.prefix + "/")

    def tidied(self, path: str) -> str:
        """The path as its routes have it: no stray slashes, backslashes or spaces, the base once, words cased."""
        parts = [part for part in (part.strip(" \\\t") for part in path.split("/")) if part]
        base = self.base.split("/")[1:]
        rest = parts[len(base) :]
        # An address that had the base already, or its end, and got it again from the software.
        again = [base[start:] for start in range(len(base))]
        while end := next((len(each) for each in again if rest[: len(each)] == each), 0):
            rest = rest[end:]
        cased = {word.lower(): word for word in self.words}
        return "/" + "/".join([*parts[: len(base)], *(cased.get(part.lower(), part) for part in rest)])

    def refusal(self, scope: Scope, refusal: Refusal, *, status: int | None = None) -> Response:
        """A refusal in this door's words."""
        status = status or status_of(refusal)
        headers = {"cache-control": "no-store"}
        if isinstance(refusal, RateLimited | Unavailable):
            # With jitter, or all who were refused together come back together.
            headers["retry-after"] = str(ceil(refusal.retry_after_seconds * random.uniform(1, 2)))  # noqa: S311
        if isinstance(refusal, TooLarge | IncompleteBody):
            headers["connection"] = "close"  # the rest of the body will not be read
        message = f"Gagal: {self.sentence(scope, refusal)}"
        return answer(self.envelope(scope, status, message), status=status, headers=headers)

    def sentence(self, scope: Scope, refusal: Refusal) -> str:
        """Why, for a tired person at the hospital."""
        if isinstance(refusal, InvalidInput):
            return "; ".join(f"{fault.pointer.rpartition('/')[2]}: {fault.detail}" for fault in refusal.faults)
        said = _WORDS.get(type(refusal), refusal.detail)
        if type(refusal) is Unauthenticated and said == Unauthenticated().detail:
            said = self.unauthenticated
        elif type(refusal) is RateLimited:
            said += f" {refusal.retry_after_seconds} detik"
        elif type(refusal) is NotFound and said == NotFound().detail:
            said = f"alamat {plain(scope['path'])[:200]} tidak ada; periksa URL"
        elif type(refusal) is Refusal:
            said += f" {scope['state']['request_id']} kepada petugas"
        return said


_WORDS: Mapping[type[Refusal], str] = {
    RateLimited: "terlalu banyak permintaan; coba lagi setelah",
    FacilityClosed: "fasyankes ini sudah ditutup; hubungi petugas",
    TooLarge: "isi permintaan terlalu besar",
    IncompleteBody: "isi permintaan tidak lengkap",
    Unavailable: "layanan belum siap; kirim lagi sebentar lagi",
    Overloaded: "layanan sedang penuh; kirim lagi sebentar lagi",
    Uncertain: "layanan belum siap; kirim lagi sebentar lagi",
    Refusal: "kesalahan di server kami; sebutkan",
}
_STATUSES: Mapping[type[Refusal], int] = {
    Unauthenticated: 401,
    NotPermitted: 403,
    FacilityClosed: 403,
    NotFound: 404,
    Conflict: 409,
    TooLarge: 413,
    InvalidInput: 422,
    RateLimited: 429,
    Malformed: 400,
    Unavailable: 503,
}


def status_of(refusal: Refusal) -> int:
    """The HTTP status of a refusal."""
    return next((_STATUSES[kind] for kind in type(refusal).__mro__ if kind in _STATUSES), 500)


def answer(content: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON as these clients know it: compact, no charset in its type."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    # Half a surrogate pair has no bytes; nothing that we keep has one.
    return Response(text.encode(errors="replace"), status, headers, "application/json")


class DoorRoute(APIRoute):
    """A route of a door: refusals and mishaps leave in its envelope, and a note of the message stays."""

    door: ClassVar[Door]

    def get_route_handler(self) -> Handler:
        """The framework's handler, inside all that."""
        handle = super().get_route_handler()
        door = self.door

        async def told(request: Request) -> Response:
            note = request.scope[_NOTE] = Note()
            try:
                response = await handle(request)
            except Refusal as refusal:
                note.kept, note.odd = True, door.sentence(request.scope, refusal)
                response = door.refusal(request.scope, refusal)
            except Exception:
                log.exception("internal error")
                note.kept, note.odd = True, "internal error"
                response = door.refusal(request.scope, Refusal())
            _keep(request, door, note, response)
            return response

        return told


class NothingHere:
    """Whatever is below a door and no path of it: 404 in its envelope, for every method."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._door.refusal(scope, NotFound())(scope, receive, send)


def note_of(request: Request) -> Note:
    """The note of this message."""
    note: Note = request.scope[_NOTE]
    return note


def _keep(request: Request, door: Door, note: Note, response: Response) -> None:
    if note.facility_id is None or not note.kept:
        return
    node: Node = request.state["node"]
    outcome = MessageOutcome.accepted if note.odd is None else MessageOutcome.flagged
    if response.status_code >= 400 or (note.seq is None and note.odd is not None):
        outcome = MessageOutcome.refused
    node.messages.note(
        Message(
            facility_id=note.facility_id,
            channel=door.channel,
            received_at=node.clock(),
            request=f"{request.method} {plain(request.url.path)}"[:REQUEST_LENGTH_MAX],
            outcome=outcome,
            status=response.status_code,
            detail=note.odd and plain(note.odd)[:DETAIL_LENGTH_MAX],
            clock_skew_seconds=note.skew_seconds,
            address=request.client.host if request.client else None,
            request_id=request.scope["state"]["request_id"],
            seq=note.seq,
        )
    )


# What every door does with a request.


async def admitted(request: Request, key: Credential) -> Facility:
    """The facility that this key opens the door for; the request is counted, and its note knows whose it is.

    Raises: RateLimited, FacilityClosed.
    """
    node: Node = request.state["node"]
    rates: Rates = request.state["rates"]
    facility = node.board.facility(key.actor.scope.id or "")
    note_of(request).facility_id = facility.facility_id
    request.state["actor"] = key.actor
    spend(rates, key.actor, request.client.host if request.client else None, rates.door)
    if not facility.is_open:
        raise FacilityClosed
    return facility


async def by_password(request: Request, channel: Channel, shown: str) -> tuple[Facility, Actor]:
    """The hospital of `X-rs-id`, where `shown` proves its password.

    Raises: Unauthenticated, RateLimited, FacilityClosed.
    """
    code = header(request, "x-rs-id")
    try:
        key = await holder_of_password(request.state["node"], code, channel, shown)
    except Unauthenticated:
        turned_away(request, f"sirs:{code}")
        raise
    return await admitted(request, key), key.actor


def turned_away(request: Request, reference: str) -> None:
    """Count a request that nobody stands for; if it names a hospital, its people will see it.

    Raises: RateLimited, when there were too many from this address.
    """
    node: Node = request.state["node"]
    with suppress(NotFound):
        note_of(request).facility_id = node.board.facility(reference).facility_id
    spend(request.state["rates"], None, request.client.host if request.client else None)


def header(request: Request, name: str) -> str:
    """A header without outer spaces; empty where it was not sent."""
    return request.headers.get(name, "").strip()


async def fields(request: Request, door: Door, *, may_be_empty: bool = False) -> dict[str, Any]:
    """The members of the body, JSON or form, whatever its type says it is. Raises: Malformed, TooLarge."""
    body = await read_body(request, bytes_max=door.bytes_max)
    if may_be_empty and not body.strip():
        return {}
    try:
        said = fields_of(body)
    except Unreadable:
        raise Malformed("isi permintaan bukan JSON") from None
    is_json = decoded(body[:10]).lstrip().startswith("{")
    note_of(request).body = body if is_json else json.dumps(said).encode()
    return said


def onward(request: Request, facility: Facility, channel: Channel) -> Callable[[Written], Onward] | None:
    """What is to be sent on with a message that is stored, as it came; None where this facility has no relay."""
    node: Node = request.state["node"]
    if not is_relayed(facility, channel) or not node.relay.has_upstream(channel):
        return None
    query = request.scope["query_string"].decode("latin-1")
    path = quote(request.scope["path"]) + (f"?{query}" if query else "")
    body, now = note_of(request).body, node.clock()
    return lambda written: Onward(facility.facility_id, channel, written.row_id, request.method, path, body, now)


def skew_of(request: Request, timestamp: str) -> tuple[datetime | None, int | None]:
    """The moment that a time stamp names, and how many seconds it is ahead of our clock; noted."""
    node: Node = request.state["node"]
    moment = moment_of(timestamp)
    skew = None if moment is None else round((moment - node.clock()).total_seconds())
    note_of(request).skew_seconds = skew
    return moment, skew


def odd_clock(timestamp: str, skew: int | None) -> list[str]:
    """What is wrong with the clock of the sender, if anything."""
    if not timestamp:
        return []
    if skew is None:
        return ["clock_unreadable: the time stamp is no Unix time"]
    if abs(skew) > SKEW_SECONDS_MAX:
        return [f"clock_skew: the sender's clock is {abs(skew)} s {'ahead' if skew > 0 else 'behind'}"]
    return []


def stored(request: Request, receipt: Receipt, *odd: str) -> list[str]:
    """What is odd about a message that is on disk now, in words; noted."""
    note = note_of(request)
    told = [*odd, *(f"{warning.code}: {warning.detail}" for warning in receipt.warnings)]
    note.seq, note.odd = receipt.seq, "; ".join(told) or None
    return told


_SLASHES = re.compile("//+")


def collapsed(path: str) -> str:
    """A path without repeated slashes."""
    return _SLASHES.sub("/", path)
