"""The state of a channel computed from all its reports in order, leaving out those that were withdrawn.

Used when a report is withdrawn, and by `verify` to check what the withdrawals in the ledger state.
"""

from collections.abc import Collection
from datetime import UTC, datetime

from app.domain.channels import Channel
from app.domain.reports.lines import FORGOTTEN, ChannelState, change
from app.domain.reports.report import Report
from app.domain.reports.statements import CurrentLine, Moment
from app.domain.reports.withdrawal import RestoredLine, RestoredStatement, Withdrawal

_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


class ChannelHistory:
    """Reads the reports of one facility in the order of the ledger. `withdrawn` are the positions to leave out.

    `observed_at` is the time of report `of`, as corrected by later entries about a wrong clock; None before it is read.
    """

    def __init__(self, channel: Channel, withdrawn: Collection[int], *, of: int = 0) -> None:
        self._channel = channel
        self._withdrawn = withdrawn
        self._of = of
        self._state = ChannelState()
        self.observed_at: datetime | None = None

    def add(self, report: Report, *, seq: int, recorded_at: datetime) -> None:
        """Read the next report of the facility; reports of other channels are ignored."""
        if report.channel != self._channel:
            return
        if seq == self._of:
            self.observed_at = report.observed_at
        elif report.redates and self.observed_at is not None:
            self.observed_at = min(self.observed_at, report.observed_at)
        if seq in self._withdrawn:
            self._keep_ids(report, seq, recorded_at)
        elif not report.is_void:
            change(self._state, report.figures(), seq=seq, recorded_at=recorded_at).apply_to(self._state)

    def state(self) -> ChannelState:
        """A copy of the state after the reports that were read; empty if none of them counts.

        Its `recorded_at` is not limited by the entries that follow (`app.domain.reports.clocks`).
        """
        return ChannelState() if self._state.newest is None else self._state.copy()

    def _keep_ids(self, report: Report, seq: int, recorded_at: datetime) -> None:
        """Keep the new rows of a withdrawn report as closed ones: a row id must never be issued again.

        Any other statement about such a row is newer, unless its row may have been dropped before (`FORGOTTEN`).
        """
        forgotten = self._state.lines.get(FORGOTTEN)
        moment = Moment(_BEFORE_ALL, seq) if forgotten is None else forgotten.moment
        for key, ward_name, _, details in report.stated():
            if details is not None and key not in self._state.lines:
                self._state.lines[key] = CurrentLine(ward_name, None, moment, recorded_at, details)


def withdraw(state: ChannelState, without: ChannelState, *, of: int, reason: str) -> Withdrawal:
    """The withdrawal of report `of`, which turns `state` into `without`, the state that `ChannelHistory` computed.

    Recent values are not restored: they depend on the order in which reports arrived.
    """
    state, without = state.without_recent(), without.without_recent()
    lines = [
        RestoredLine(*key, without.lines.get(key))
        for key in dict.fromkeys((*state.lines, *without.lines))
        if state.lines.get(key) != without.lines.get(key)
    ]
    implausible = tuple(RestoredStatement(*key, line) for key, line in without.implausible.items())
    return Withdrawal(of, reason, tuple(lines), without.complete, without.newest, without.recorded_at, implausible)
