"""Response cache: the encoded capacity documents of areas, as long as they are valid.

A route stores its response here; the same request, as long as nothing below that area has changed, gets the same bytes
with the current position and time inserted. No decision is made here: permissions are checked by the same functions,
and any doubtful request goes to the route.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from starlette.types import Scope

from app.api.http.gzip import GZIP_BYTES_MIN, gzipped
from app.runtime.node import Node

ANSWERS_MAX = 2_000
BYTES_MAX = 64 * 1024 * 1024

Question = tuple[bytes, bytes, bytes | None]  # path and query as sent, and the Accept header


Headers = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Copy:
    """A response ready to send, with its own headers; `lines` has these headers encoded."""

    status: int
    headers: Headers
    lines: bytes
    body: bytes

    @classmethod
    def of(cls, status: int, headers: Headers, body: bytes) -> Self:
        """Create a copy and encode its headers."""
        return cls(status, headers, lines_of(headers), body)


@dataclass(slots=True)
class Answer:
    """A JSON document about an area, split at position and time; valid while the area keeps its version."""

    code: str
    version: int
    tag: str
    parts: Sequence[bytes]
    unchanged: Copy
    _moment: tuple[int, datetime] | None = None
    _copies: dict[bool, Copy] = field(default_factory=dict)

    @classmethod
    def of(cls, node: Node, code: str, tag: str, parts: Sequence[bytes]) -> Self:
        """Create a cached response from a new document."""
        unchanged = Copy.of(304, [(b"etag", tag.encode())], b"")
        return cls(code, node.board.version(code), tag, parts, unchanged)

    def copy(self, position: int, as_of: datetime, *, takes_gzip: bool) -> Copy:
        """Return the complete response of that moment, joined and compressed once until position or time changes."""
        moment = position, as_of
        if moment != self._moment:
            self._moment = moment
            self._copies.clear()
        copy = self._copies.get(takes_gzip)
        if copy is None:
            copy = self._copies[takes_gzip] = self._join(moment, takes_gzip=takes_gzip)
        return copy

    def _join(self, moment: tuple[int, datetime], *, takes_gzip: bool) -> Copy:
        headers = [(b"etag", self.tag.encode()), (b"content-type", b"application/json")]
        if takes_gzip:
            plain = self.copy(*moment, takes_gzip=False)
            if len(plain.body) < GZIP_BYTES_MIN:
                return plain
            headers.append((b"content-encoding", b"gzip"))
            body = gzipped(plain.body)
        else:
            body = moment_of(*moment).join(self.parts)
        return Copy.of(200, [*headers, (b"content-length", b"%d" % len(body))], body)

    @property
    def size(self) -> int:
        """Approximate size in bytes: in parts, and joined."""
        return 2 * sum(map(len, self.parts))


@dataclass(slots=True)
class ResponseCache:
    """The cached responses of one process, oldest first."""

    _answers: dict[Question, Answer] = field(default_factory=dict)
    _bytes: int = 0

    def find(self, question: Question, node: Node) -> Answer | None:
        """Return the cached response if it is still valid."""
        answer = self._answers.get(question)
        if answer is not None and node.board.version(answer.code) != answer.version:
            self._drop(question)
            return None
        return answer

    def keep(self, question: Question, answer: Answer) -> None:
        """Store a response; the oldest ones are evicted."""
        self._drop(question)
        self._answers[question] = answer
        self._bytes += answer.size
        while len(self._answers) > ANSWERS_MAX or self._bytes > BYTES_MAX:
            self._drop(next(iter(self._answers)))

    def _drop(self, question: Question) -> None:
        answer = self._answers.pop(question, None)
        if answer is not None:
            self._bytes -= answer.size


def question_of(scope: Scope) -> Question:
    """Return the cache key of a request, byte for byte."""
    accept = next((value for name, value in scope["headers"] if name == b"accept"), None)
    return scope["raw_path"], scope["query_string"], accept


def lines_of(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Encode headers as sent."""
    return b"".join(b"%b: %b\r\n" % header for header in headers)


def moment_of(position: int, as_of: datetime) -> bytes:
    """Encode position and time as in a capacity document."""
    return f'"position":{position},"as_of":"{as_of.isoformat().removesuffix("+00:00")}Z"'.encode()
