"""Which row of SIRS Online a message refers to. Rules: `docs/protocols/sirs-online.md`.

The id (`id_t_tt`) identifies a row; bed type, room and COVID (its name) are used only for messages without an id. Two
ids with one name are two rows; ids that are equal as numbers are one row. Ids that we issue begin at 900000001 and are
never issued twice.
"""

from datetime import datetime

from app.domain.errors import Fault, InvalidInput
from app.domain.reports.lines import ChannelState
from app.domain.reports.rows import Details, Row, UnknownRow, rows_of
from app.domain.reports.statements import Moment
from app.protocols.field_values import is_empty, positive
from app.protocols.sirs.message import SirsRow

FIRST_ID = 900_000_001
LAST_ID = 999_999_999


class SirsRows:
    """The rows of one channel, indexed for one message."""

    def __init__(self, state: ChannelState, now: datetime) -> None:
        self._state = state
        self._by_id: dict[str, Row] = {}
        self._same_id: dict[str, list[Row]] = {}
        self._live: list[Row] = []
        for row in rows_of(state):
            row_id = same_id(row.row_id)
            self._same_id.setdefault(row_id, []).append(row)
            known = self._by_id.get(row_id)
            if known is None or _rank(row) > _rank(known):
                self._by_id[row_id] = row
            if row.is_live(now):
                self._live.append(row)
        # Shown rows first; rows of the same name in a fixed order, whichever was written last.
        self._live.sort(key=lambda row: (not row.is_shown, len(row.row_id), row.row_id))

    def by_id(self, row_id: str) -> Row | None:
        """Return the row with this id; if it was merged into another row, that one; None if there is none."""
        seen = set[str]()
        row_id = same_id(row_id)
        while row_id not in seen and (row := self._by_id.get(row_id)) is not None:
            if row.line.beds is not None or "merged_into" not in row.details:
                return row
            seen.add(row_id)
            row_id = same_id(row.details["merged_into"])
        return None

    def with_id(self, row_id: str) -> Row | None:
        """Return the row with exactly this id, merged or not; None if there is none."""
        return self._by_id.get(same_id(row_id))

    def doubles(self, row: Row) -> list[Row]:
        """Return other open rows with the same id, stored when leading zeros still made ids different."""
        same = self._same_id.get(same_id(row.row_id), [])
        return [other for other in same if other.row_id != row.row_id and other.line.beds is not None]

    def named(self, details: Details) -> list[Row]:
        """Return the live rows with the same bed type, room and COVID."""
        wanted = name_of(details)
        return [row for row in self._live if name_of(row.details) == wanted]

    def alike(self, sent: SirsRow) -> list[Row]:
        """Return the live rows that match what the message says of bed type, room and COVID."""
        return [
            row
            for row in self._live
            if row.details["id_tt"] == sent.id_tt
            and (sent.ruang is None or _normalise_room(row.details.get("ruang")) == _normalise_room(sent.ruang))
            and (sent.covid is None or (row.details.get("covid") or 0) == sent.covid)
        ]

    def find(self, sent: SirsRow, *, is_post: bool) -> Row | None:
        """Return the row that a message refers to; None if it creates one.

        Raises: UnknownRow, for an unknown id without a bed type; InvalidInput, if the message has no key.
        """
        if sent.id_t_tt and (row := self.by_id(sent.id_t_tt)) is not None:
            return row
        if not sent.id_tt:
            if sent.id_t_tt:
                raise UnknownRow(sent.id_t_tt, may_hold=not is_own_id(sent.id_t_tt))
            raise InvalidInput(Fault("id_tt", "diperlukan (atau id_t_tt dari baris yang sudah ada)"))
        if sent.id_t_tt and not is_own_id(sent.id_t_tt):
            return None
        return self._find_by_name(sent, is_post=is_post)

    def _find_by_name(self, sent: SirsRow, *, is_post: bool) -> Row | None:
        same = next(iter(self.named(sent.details)), None)
        if same is None and not is_post:
            alike = self.alike(sent)
            shown = [row for row in alike if row.is_shown] or alike
            same = shown[0] if len(shown) == 1 else None
        return same or self._find_ended(sent)

    def _find_ended(self, sent: SirsRow) -> Row | None:
        """Return the row of this name that ended: if it is sent again it is the same row, after a gap."""
        wanted = name_of(sent.details)
        found = (row for row in self._by_id.values() if row.line.beds is None and "merged_into" not in row.details)
        return max((row for row in found if name_of(row.details) == wanted), key=_moment, default=None)

    def next_id(self) -> str:
        """Return an id that this channel never had: the highest one issued stays in its state, open or not."""
        used = {int(key.ward_code) for key in self._state.statements() if is_own_id(key.ward_code)}
        next_number = max(used, default=FIRST_ID - 1) + 1
        if next_number <= LAST_ID:
            return str(next_number)
        # The last id was sent by a client, when foreign ids in our range were still accepted.
        return next(str(number) for number in range(FIRST_ID, LAST_ID) if number not in used)


def same_id(row_id: str) -> str:
    """Return an id in the form in which ids are compared: as a number. Older stored rows may have leading zeros."""
    return positive(row_id) or row_id


def is_own_id(row_id: str) -> bool:
    """Whether this id is in the range that we issue from, which no other register uses."""
    return bool(positive(row_id)) and FIRST_ID <= int(row_id) <= LAST_ID


def name_of(details: Details) -> tuple[str, str, int]:
    """Return the name of a row in comparable form: bed type, room, COVID."""
    return details.get("id_tt", ""), _normalise_room(details.get("ruang")), details.get("covid") or 0


def _normalise_room(room: str | None) -> str:
    folded = " ".join((room or "").split()).casefold()
    return "" if is_empty(folded) else folded


def _rank(row: Row) -> tuple[bool, bool, Moment]:
    return row.line.beds is not None, "merged_into" not in row.details, row.line.moment


def _moment(row: Row) -> Moment:
    return row.line.moment
