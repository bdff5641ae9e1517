"""Answers kept ready: the bytes of roll-ups that were asked for, for as long as they are true.

A route makes an answer and leaves it here; whoever asks the same again, while nothing below that area changed, gets
the same bytes with the board's position and the time set in anew. Nothing is decided here: who may read is asked of
the same functions, and any doubt goes to the route.
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

Question = tuple[bytes, bytes, bytes | None]  # path and query as they were sent, and the Accept header


Headers = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Copy:
    """An answer as it goes out, with the headers that are its own; `lines` is those as they stand on the wire."""

    status: int
    headers: Headers
    lines: bytes
    body: bytes

    @classmethod
    def of(cls, status: int, headers: Headers, body: bytes) -> Self:
        """A copy with its lines."""
        return cls(status, headers, lines_of(headers), body)


@dataclass(slots=True)
class Answer:
    """A JSON answer about an area, cut where position and time stand in it; true while the area keeps its version."""

    code: str
    version: int
    tag: str
    parts: Sequence[bytes]
    unchanged: Copy
    _moment: tuple[int, datetime] | None = None
    _copies: dict[bool, Copy] = field(default_factory=dict)

    @classmethod
    def of(cls, node: Node, code: str, tag: str, parts: Sequence[bytes]) -> Self:
        """An answer that was made just now."""
        unchanged = Copy.of(304, [(b"etag", tag.encode())], b"")
        return cls(code, node.board.version(code), tag, parts, unchanged)

    def copy(self, position: int, as_of: datetime, *, takes_gzip: bool) -> Copy:
        """The whole answer of that moment; joined and compressed once for all who ask until the next."""
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
        """Bytes that it takes, more or less: in parts, and joined."""
        return 2 * sum(map(len, self.parts))


@dataclass(slots=True)
class ResponseCache:
    """What is ready, the question asked longest ago first."""

    _answers: dict[Question, Answer] = field(default_factory=dict)
    _bytes: int = 0

    def find(self, question: Question, node: Node) -> Answer | None:
        """The answer, if there is one that still holds."""
        answer = self._answers.get(question)
        if answer is not None and node.board.version(answer.code) != answer.version:
            self._drop(question)
            return None
        return answer

    def keep(self, question: Question, answer: Answer) -> None:
        """Keep an answer; those that were kept longest make room for it."""
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
    """What a request asks, byte for byte."""
    accept = next((value for name, value in scope["headers"] if name == b"accept"), None)
    return scope["raw_path"], scope["query_string"], accept


def lines_of(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Headers as they stand on the wire."""
    return b"".join(b"%b: %b\r\n" % header for header in headers)


def moment_of(position: int, as_of: datetime) -> bytes:
    """Position and time as they stand in a capacity document."""
    return f'"position":{position},"as_of":"{as_of.isoformat().removesuffix("+00:00")}Z"'.encode()
