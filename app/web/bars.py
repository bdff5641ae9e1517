"""The bar and the percentage of an occupancy, as `js/components/bar.js` draws them."""

from dataclasses import dataclass

from app.domain.capacity import Totals
from app.domain.display import Display


@dataclass(frozen=True, kw_only=True)
class Bar:
    """Shares of the width in percent; without beds there is nothing to draw. `sign` is `tight` or `full`."""

    has_beds: bool
    occupied: float = 0
    old: float = 0
    occupancy: float | None = None
    sign: str | None = None


def bar_of(totals: Totals, display: Display) -> Bar:
    """The bar of some beds: occupied and fresh, free and fresh, not fresh."""
    fresh = totals.fresh
    fresh_total, occupied = fresh.beds_total or 0, fresh.beds_occupied or 0
    beds = max(totals.beds_total or 0, fresh_total)
    width = beds + max(0, occupied - fresh_total)
    if width == 0:
        return Bar(has_beds=False, occupancy=fresh.occupancy)
    return Bar(
        has_beds=True,
        occupied=round(100 * occupied / width, 1),
        old=round(100 * (beds - fresh_total) / width, 1),
        occupancy=fresh.occupancy,
        sign=_sign(fresh.occupancy, fresh.beds_total, display),
    )


def _sign(occupancy: float | None, beds: int | None, display: Display) -> str | None:
    """Whether it is tight or full; of few beds nothing is said, since one patient would change it."""
    *_, tight, full = display.occupancy
    if occupancy is None or (beds is not None and beds < display.small_beds) or occupancy < tight:
        return None
    return "full" if occupancy >= full else "tight"
