"""Requests of the simulator: sent again until the server has stored them, and counted by outcome."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx2

ATTEMPTS_MAX = 6
LATER = frozenset({429, 503})
REFUSALS_SHOWN = 10

# Whether a document says that the message was stored: hospital protocols also say no with HTTP 200.
IsAccepted = Callable[[Any], bool]


@dataclass(slots=True)
class Tally:
    """How many messages were accepted, refused or given up, by protocol."""

    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    refusals: list[str] = field(default_factory=list)

    def of(self, outcome: str) -> int:
        """The number of messages with this outcome."""
        return sum(number for (_, word), number in self.outcomes.items() if word == outcome)

    def summary(self) -> str:
        """One line: what each protocol accepted, and the total of what was refused."""
        accepted = ", ".join(
            f"{number:,} {name}" for (name, word), number in sorted(self.outcomes.items()) if word == "accepted"
        )
        return f"{accepted or 'nothing'} accepted; {self.of('refused'):,} refused; {self.of('given up'):,} given up"


@dataclass(slots=True)
class Poster:
    """Sends messages over HTTP, a few at a time."""

    client: httpx2.AsyncClient
    tally: Tally = field(default_factory=Tally)
    at_once: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(6))
    pause: float = 0.5

    async def send(self, protocol: str, method: str, path: str, *, is_accepted: IsAccepted, **how: Any) -> Any:
        """Send a message and return the document of the response, None if it was not stored."""
        for attempt in range(ATTEMPTS_MAX):
            if attempt:
                await asyncio.sleep(self.pause * 2**attempt)
            try:
                async with self.at_once:
                    answer = await self.client.request(method, path, **how)
            except httpx2.TransportError:
                continue
            if answer.status_code in LATER:
                continue
            document = _document(answer)
            if answer.is_success and is_accepted(document):
                self.tally.outcomes[protocol, "accepted"] += 1
                return document
            self.tally.outcomes[protocol, "refused"] += 1
            if len(self.tally.refusals) < REFUSALS_SHOWN:
                self.tally.refusals.append(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
            return None
        self.tally.outcomes[protocol, "given up"] += 1
        return None


def _document(answer: httpx2.Response) -> Any:
    try:
        return answer.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        return None
