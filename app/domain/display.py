"""What screens need to know about an installation: its home area, clock, scales of colour and duty desk."""

from dataclasses import dataclass
from typing import NamedTuple

PHONES_MAX = 5
PHONE_LENGTH_MAX = 40


class DutyDesk(NamedTuple):
    """Whom a reader of a screen may call."""

    name: str
    phones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Display:
    """The settings of screens.

    Shape: `home_area` is None if the tree decides. `occupancy` has the shares of beds in use at which the colour
        changes, ascending: two greys, tight, full. `fresh_share` has the shares of fresh facilities that are good and
        fair, descending. A figure about fewer than `small_beds` beds has no colour.
    """

    home_area: str | None = None
    time_zone: str = "Asia/Jakarta"
    simulated: bool = False
    duty_desk: DutyDesk | None = None
    occupancy: tuple[float, ...] = (0.6, 0.75, 0.85, 0.95)
    fresh_share: tuple[float, ...] = (0.9, 0.7)
    small_beds: int = 5


DEFAULT_DISPLAY = Display()
