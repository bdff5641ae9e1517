"""The native API, as a program or a form uses it: one report names several wards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from app.cli.demo.posting import Poster
from app.cli.demo.senders.stated import Stated


@dataclass(slots=True)
class NativeSender:
    """Reports of one facility. With `states_total` False it only says how many beds are free."""

    poster: Poster
    facility_id: str
    key: str
    states_total: bool = True

    async def send(self, wards: Sequence[Stated]) -> None:
        """Report these wards as they are now."""
        await self.poster.send(
            "native",
            "POST",
            f"/v1/facilities/{self.facility_id}/reports",
            json={"observed_at": _text(datetime.now(UTC)), "lines": lines_of(wards, states_total=self.states_total)},
            headers={"Authorization": f"Bearer {self.key}"},
            is_accepted=lambda receipt: isinstance(receipt, dict) and "seq" in receipt,
        )


def earlier_report(
    facility_id: str, age: timedelta, wards: Sequence[Stated], *, now: datetime, states_total: bool
) -> dict[str, Any]:
    """A report about the past, for `POST /v1/reports`."""
    lines = lines_of(wards, states_total=states_total)
    return {"facility_id": facility_id, "observed_at": _text(now - age), "lines": lines}


def lines_of(wards: Sequence[Stated], *, states_total: bool) -> list[dict[str, Any]]:
    """The lines of a report."""
    return [_line(stated, states_total=states_total) for stated in wards]


def _line(stated: Stated, *, states_total: bool) -> dict[str, Any]:
    ward, counts = stated
    line: dict[str, Any] = {"bed_type": ward.bed_type, "ward_code": ward.code, "ward_name": ward.name}
    if not states_total:
        return {**line, "beds_available": counts.available}
    line |= {"beds_total": counts.total, "beds_occupied": counts.occupied}
    return line if counts.queue is None else {**line, "queue": counts.queue}


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
