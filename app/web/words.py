"""Numbers, moments and ages in words, for pages complete without scripts; `js/base/format.js` says the same."""

from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from app.web.texts import Texts

_DAYS = timedelta(days=2)
_MINUTES = timedelta(hours=6)
_SECOND, _MINUTE, _HOUR = (timedelta(seconds=seconds) for seconds in (1, 60, 3600))
_NOW = timedelta(seconds=10)
_MONTHS = {
    "id": ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec"),
}
# What stands between thousands, before a fraction, and between hours and minutes.
_SIGNS = {"id": (".", ",", "."), "en": (",", ".", ":")}


class Words:
    """The words of one language and time zone, at one moment."""

    def __init__(self, language: str, time_zone: str, now: datetime) -> None:
        self._t = Texts(language)
        self._zone = ZoneInfo(time_zone)
        self._months = _MONTHS[language]
        self._thousands, self._point, self._colon = _SIGNS[language]
        self.now = now

    def number(self, value: int) -> str:
        """`1.166`."""
        return f"{value:,}".replace(",", self._thousands)

    def percent(self, share: float) -> str:
        """`76,1%`; zero is `0%`."""
        return "0%" if share == 0 else f"{self._one_digit(share * 100)}%"

    def distance(self, kilometres: float) -> str:
        """`1,0 km`; from 100 km on without a fraction."""
        if kilometres >= 99.95:
            return f"{self.number(round(kilometres))} km"
        return f"{self._one_digit(kilometres)} km"

    def _one_digit(self, value: float) -> str:
        """As browsers round: half away from zero, `76,3` for 76.25."""
        return str(Decimal(value).quantize(Decimal("0.1"), ROUND_HALF_UP)).replace(".", self._point)

    def clock(self, at: datetime) -> str:
        """`09.52`."""
        return at.astimezone(self._zone).strftime(f"%H{self._colon}%M")

    def moment(self, at: datetime) -> str:
        """The time today, else the day with the time: `23 Nov 05.54`."""
        local = at.astimezone(self._zone)
        if local.date() == self.now.astimezone(self._zone).date():
            return self.clock(at)
        return f"{local.day} {self._months[local.month - 1]} {self.clock(at)}"

    def day_and_time(self, at: datetime) -> str:
        """`1 Des 2026 09.52`, for a page that may be read days later."""
        local = at.astimezone(self._zone)
        return f"{local.day} {self._months[local.month - 1]} {local.year} {self.clock(at)}"

    def zone(self) -> str:
        """`WIB`."""
        return self.now.astimezone(self._zone).tzname() or ""

    def age(self, at: datetime) -> str:
        """Two units at most under six hours, then hours, from two days on days."""
        passed = max(self.now - at, timedelta())
        if passed < _NOW:
            return self._t("age.now")
        if passed < _MINUTE:
            return self._t("age.seconds", n=passed // _SECOND)
        if passed < _HOUR:
            return self._t("age.minutes", n=passed // _MINUTE)
        hours, minutes = passed // _HOUR, passed % _HOUR // _MINUTE
        if passed < _MINUTES and minutes:
            return self._t("age.hours_minutes", n=hours, m=minutes)
        if passed < _DAYS:
            return self._t("age.hours", n=hours)
        return self._t("age.days", n=self.number(passed // timedelta(days=1)))

    def ago(self, at: datetime) -> str:
        """`12 mnt lalu`, but `baru saja`."""
        age = self.age(at)
        return age if self.now - at < _NOW else self._t("age.ago", age=age)
