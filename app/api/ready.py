"""Answers kept ready: the bytes of roll-ups that were asked for, for as long as they are true.

A route makes an answer and leaves it here; whoever asks the same again, while nothing below that area changed, gets
the same bytes with the board's position and the time set in anew. Nothing is decided here: who may read is asked of
the same functions, and any doubt goes to the route.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from starlette.types import Scope

from app.actions.node import Node
from app.domain.actor import Target

ANSWERS_MAX = 2_000
BYTES_MAX = 64 * 1024 * 1024

Question = tuple[bytes, bytes, bytes | None]  # path and query as they were sent, and the Accept header


@dataclass(frozen=True, slots=True)
class Answer:
    """A JSON answer about an area, cut where position and time stand in it; true while the area keeps its version."""

    code: str
    version: int
    target: Target
    tag: str
    parts: Sequence[bytes]

    @classmethod
    def of(cls, node: Node, code: str, tag: str, parts: Sequence[bytes]) -> Self:
        """An answer that was made just now."""
        return cls(code, node.board.version(code), node.board.area_target(code), tag, parts)

    @property
    def size(self) -> int:
        """Bytes that it takes, more or less."""
        return sum(map(len, self.parts))


@dataclass(slots=True)
class ReadyAnswers:
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


def moment_of(position: int, as_of: datetime) -> bytes:
    """Position and time as they stand in a capacity document."""
    return f'"position":{position},"as_of":"{as_of.isoformat().removesuffix("+00:00")}Z"'.encode()
