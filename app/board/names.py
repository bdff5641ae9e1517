"""Search facilities by a part of their name or identifier, best match first, with pauses for other requests."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from heapq import merge

from app.domain.registry.facility import Facility
from app.domain.registry.names import NameQuery, searched_text

# (rank of the match, beginning of the name, facility id): the sort key; a smaller one is a better match.
NameKey = tuple[float, str, str]
# Names looked at between two pauses: about a tenth of a microsecond each, and half a one to sort those found.
NAMES_AT_ONCE = 3_000
# Characters of a name by which equally good matches are sorted; they are part of a cursor.
SORTED_BY = 40


class NameIndex:
    """The searched texts of the open facilities, by id."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def add(self, facility: Facility) -> None:
        """Add a facility, or replace its text."""
        self._texts[facility.facility_id] = searched_text(facility)

    def remove(self, facility: Facility) -> None:
        """Remove a facility."""
        self._texts.pop(facility.facility_id, None)

    def matching(self, ids: Sequence[str], query: NameQuery) -> Iterator[list[str]]:
        """Those of `ids` that have all words, in parts; the caller may pause after each."""
        if not query.words:
            return
        first, *rest = query.words
        texts = self._texts
        for start in range(0, len(ids), NAMES_AT_ONCE):
            found = [one for one in ids[start : start + NAMES_AT_ONCE] if first in texts.get(one, "")]
            for word in rest:
                found = [one for one in found if word in texts[one]]
            yield found

    def best(self, ids: Sequence[str], query: NameQuery, after: NameKey | None) -> Iterator[NameKey | None]:
        """The keys after `after` of those of `ids` that match, best first; None where the caller may pause."""
        left: list[list[str]] = []
        for part in self.matching(ids, query):
            if part:
                left.append(part)
            yield None
        for rank, text in enumerate((*query.ranks, "")):
            is_passed = after is not None and rank < after[0]
            beginning = self._text_of(after) if after is not None and rank == after[0] else ""
            runs: list[Iterator[tuple[str, str]]] = []
            for n, part in enumerate(left):
                found = [one for one in part if text in self._texts.get(one, "")]
                if found:
                    left[n] = [one for one in part if text not in self._texts.get(one, text)]
                    if not is_passed:
                        runs.append(self._sorted(found, beginning))
                yield None
            left = [part for part in left if part]
            for name, facility_id in merge(*runs):
                yield float(rank), name[2 : 2 + SORTED_BY], facility_id

    def _sorted(self, ids: list[str], after: str) -> Iterator[tuple[str, str]]:
        """The texts after `after` with their ids, by text; looked up one by one, since most are never asked for."""
        texts = self._texts
        ids = [one for one in ids if one in texts]
        ids.sort(key=texts.__getitem__)
        later = ids[bisect_right(ids, after, key=texts.__getitem__) :]
        return ((texts[one], one) for one in later if one in texts)

    def _text_of(self, key: NameKey) -> str:
        """The text at which a page ended; its beginning, if the facility has another name since."""
        text = self._texts.get(key[2], "")
        return text if text[2 : 2 + SORTED_BY] == key[1] else f"\n {key[1]}"
