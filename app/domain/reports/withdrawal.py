"""Withdrawals: an earlier report is voided or corrected by a new ledger entry, and nothing is erased.

The entry states what counts without the withdrawn report. So applying it, live or in a replay, needs no look back in
the ledger: `app.domain.reports.history` computes that state once, before the entry is written.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from app.domain.beds.counts import BedCount
from app.domain.errors import Conflict, NotFound, NotPermitted
from app.domain.permissions import Actor, Role
from app.domain.reports.statements import CurrentLine, Moment

BY_FACILITY_WITHIN = timedelta(hours=24)
BY_AREA_WITHIN = timedelta(days=31)


class UnknownReport(NotFound):
    """This facility has no report with this number. GET .../reports lists its reports, each with its `seq`."""


class NotWithdrawable(Conflict):
    """This report cannot be voided or corrected."""


class RestoredStatement(NamedTuple):
    """An implausible statement about one line (`ChannelState.implausible`)."""

    ward_code: str
    bed_type: str
    line: CurrentLine


class RestoredLine(NamedTuple):
    """What counts for one line instead of the withdrawn report: a statement, or None if there is no other."""

    ward_code: str
    bed_type: str
    line: CurrentLine | None


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """The withdrawn report (`of`, its position in the ledger), why, and the state of its channel without it.

    Shape: `lines` has only the lines that differ without it. `complete`, `newest` and `recorded_at` are those of
        `ChannelState`; `newest` is None if the channel has no other report. `implausible` has all such
        statements.
    """

    of: int
    reason: str
    lines: tuple[RestoredLine, ...] = ()
    complete: Moment | None = None
    newest: Moment | None = None
    recorded_at: datetime | None = None
    implausible: tuple[RestoredStatement, ...] = ()

    def fields(self) -> dict[str, object]:
        """As flat JSON, without fields that are None."""
        fields: dict[str, object] = {
            "of": self.of,
            "reason": self.reason,
            "lines": [_line_fields(*line) for line in self.lines],
        }
        if self.complete is not None:
            fields["complete"] = _moment_fields(self.complete)
        if self.newest is not None:
            fields["newest"] = _moment_fields(self.newest)
        if self.recorded_at is not None:
            fields["recorded_at"] = _text(self.recorded_at)
        if self.implausible:
            fields["implausible"] = [_line_fields(*statement) for statement in self.implausible]
        return fields


def check_may_withdraw(actor: Actor, *, recorded_at: datetime, is_own: bool, now: datetime) -> None:
    """Check the time limits of docs/reliability.md. `is_own`: a key or login of the actor's own facility sent it.

    Raises: NotPermitted, saying who may.
    """
    if actor.role is Role.command:
        return
    age, at = now - recorded_at, f"{recorded_at:%Y-%m-%d %H:%M} UTC"
    if actor.role is Role.district:
        if age > BY_AREA_WITHIN:
            raise NotPermitted(
                f"An area key can void or correct a report for {BY_AREA_WITHIN.days} days; this one was recorded at "
                f"{at}. A national key still can."
            )
        return
    if not is_own:
        raise NotPermitted(
            "Your facility can void or correct only what it sent itself; this report came from another sender. "
            "Ask the officer of your area."
        )
    if age > BY_FACILITY_WITHIN:
        raise NotPermitted(
            f"A facility can void or correct its own report for 24 hours; this one was recorded at {at}. "
            "Ask the officer of your area, or send a new report with the right figures."
        )


def _line_fields(ward_code: str, bed_type: str, line: CurrentLine | None) -> dict[str, object]:
    fields: dict[str, object] = {"ward_code": ward_code, "bed_type": bed_type}
    if line is None:
        return fields
    fields |= {**_moment_fields(line.moment), "recorded_at": _text(line.recorded_at)}
    fields |= {"ward_name": line.ward_name} if line.ward_name is not None else {}
    fields |= {"details": line.details} if line.details is not None else {}
    if line.beds is None:
        return fields | {"closed": True}
    return fields | {name: n for name, n in zip(BedCount._fields, line.beds, strict=True) if n is not None}


def _moment_fields(moment: Moment) -> dict[str, object]:
    return {"observed_at": _text(moment.observed_at), "seq": moment.seq}


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
