"""The facilities that one transaction changes, as they will be after it. The board shows them once it is committed."""

from collections.abc import Iterator
from datetime import datetime

from app.board.board import Board
from app.board.facility.state import FacilityState
from app.domain.channels import Channel
from app.domain.registry.facility import Facility
from app.domain.reports.lines import Change, ChannelState
from app.domain.reports.report import ReportWarning
from app.store.repositories.channel_states import ChannelKey, StoredChannel


class PendingStates:
    """Copies of the board's facilities, which the entries of a transaction change one after the other."""

    def __init__(self, board: Board, now: datetime) -> None:
        self._board = board
        self._now = now
        self._facilities: dict[str, FacilityState] = {}
        self._changed: set[ChannelKey] = set()

    def channel(self, facility_id: str, channel: Channel) -> ChannelState:
        """The state of a channel after the entries so far, read-only. Raises: NotFound."""
        return self._facility(facility_id).channels.get(channel) or ChannelState()

    def apply(self, facility_id: str, channel: Channel, effect: Change) -> list[ReportWarning]:
        """Apply an entry. Returns the warnings if another channel counts from now on, or this one is too incomplete."""
        state = self._facility(facility_id)
        before = state.counting_channel.channel
        is_another = state.take(channel, effect, self._now, self._board.thresholds)
        self._changed.add((facility_id, channel))
        counting = state.counting_since
        if counting is not None and (is_another or counting.by_clock):
            self._changed.add((facility_id, counting.channel))
            if state.counted_before is not None and state.counted_before.channel in state.channels:
                self._changed.add((facility_id, state.counted_before.channel))  # it is no longer stored as counting
        return list(_warnings(state, channel, before, is_another=is_another))

    def replace(self, facility: Facility) -> None:
        """Replace the registration of a facility, which may make another channel count; a new one is left out."""
        if facility.facility_id not in self._facilities and not self._board.has_facility(facility.facility_id):
            return
        state = self._facility(facility.facility_id)
        state.facility = facility
        state.forget_judgement()
        state.judge(self._now, self._board.thresholds)
        state.note_counting(self._now, by_clock=False)
        if len(state.channels) > 1 and state.counting_since is not None:
            self._changed |= {(facility.facility_id, channel) for channel in state.channels}

    def to_store(self) -> dict[ChannelKey, StoredChannel]:
        """What to write of the channels that were changed."""
        stored: dict[ChannelKey, StoredChannel] = {}
        for facility_id, channel in self._changed:
            state = self._facilities[facility_id]
            counting = state.counting_since
            counts = counting is not None and counting.channel is channel
            stored[facility_id, channel] = StoredChannel(
                state.channels.get(channel, ChannelState()), counting if counts else None, self._now
            )
        return stored

    def _facility(self, facility_id: str) -> FacilityState:
        state = self._facilities.get(facility_id)
        if state is None:
            state = self._facilities[facility_id] = self._board.copy_state(facility_id, self._now)
        return state


def _warnings(
    state: FacilityState, channel: Channel, before: Channel | None, *, is_another: bool
) -> Iterator[ReportWarning]:
    counting = state.counting_channel
    if is_another and before is not None and counting.channel is not None and counting.reason is not None:
        detail = f"the figures of {counting.channel} count from now on, no longer those of {before} ({counting.reason})"
        values = {"before": before, "channel": counting.channel, "reason": counting.reason}
        yield ReportWarning("channel_changed", None, detail, values)
    if channel in counting.partial:
        detail = f"{channel} states fewer than half of the beds that another channel states; the figures of "
        detail += f"{counting.channel} count"
        yield ReportWarning("partial_channel", None, detail, {"channel": counting.channel})
