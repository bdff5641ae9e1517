"""The simulator: a process that reports for the whole city until its standard input ends.

It refuses a server whose responses do not say that they are a simulation. Figures move at the speed of the simulation;
times of observation stay real, so none lies in the future.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import inf
from time import monotonic
from typing import Any

import httpx2

from app.cli.demo.city import Place
from app.cli.demo.folder import Access
from app.cli.demo.posting import IsAccepted, Poster
from app.cli.demo.rhythm import Counts, count_patients, report_times
from app.cli.demo.scenes import HALLS, Hall, Scenes
from app.cli.demo.senders.aplicares import AplicaresSender
from app.cli.demo.senders.native import NativeSender, earlier_report
from app.cli.demo.senders.siranap_v1 import SiranapSender
from app.cli.demo.senders.sirs import SirsSender
from app.cli.demo.senders.stated import Sender, Stated
from app.cli.demo.wards import Ward, wards_of
from app.domain.channels import Channel
from app.domain.registry.facility import FacilityKind

READY_SECONDS_MAX = 120
FULL_EVERY_HOURS = 1.0
TYPING_ERROR_FACTOR = 10


class NoSimulation(Exception):
    """The server does not say that it is a simulation: nothing is sent to it."""


@dataclass(slots=True)
class Clock:
    """Simulated hours since the start."""

    speed: float
    started: float = field(default_factory=monotonic)

    def hours(self) -> float:
        """Hours that passed in the simulation."""
        return (monotonic() - self.started) / 3600 * self.speed

    async def sleep_until(self, hours: float) -> None:
        """Wait for a simulated hour."""
        await asyncio.sleep(max(0.0, (hours - self.hours()) * 3600 / self.speed))


@dataclass(slots=True)
class Simulator:
    """All facilities of one city, and what happens in it. `tell` gets sentences about that."""

    places: Sequence[Place]
    scenes: Scenes
    access: Access
    poster: Poster
    clock: Clock
    seed: int
    tell: Callable[[str], None]

    async def run(self) -> None:
        """Report until cancelled."""
        await self.check_server()
        await self.report_past(datetime.now(UTC))
        async with asyncio.TaskGroup() as group:
            for place in self.places:
                for channel in place.channels:
                    if place.returns < inf:
                        group.create_task(self._report_for(place, channel))
            for hall in HALLS:
                group.create_task(self._open(hall, group))
            group.create_task(self._narrate())

    async def check_server(self) -> None:
        """Wait until the server is ready. Raises: NoSimulation."""
        end = monotonic() + READY_SECONDS_MAX
        while monotonic() < end:
            with suppress(httpx2.TransportError):
                if (await self.poster.client.get("/readyz")).status_code == 200:
                    answer = await self.poster.client.get("/v1/position", headers=self._officer())
                    if answer.json().get("simulated") is not True:
                        raise NoSimulation(f"{self.poster.client.base_url} does not say that it is a simulation.")
                    return
            await asyncio.sleep(0.05)
        raise NoSimulation(f"{self.poster.client.base_url} does not answer.")

    async def report_past(self, now: datetime) -> None:
        """Post the reports that people sent before the start, oldest first."""
        entries = [entry for place in self.places for entry in self._past_of(place, now)]
        entries.sort(key=lambda entry: str(entry["observed_at"]))
        await self._post(
            "native", "/v1/reports", entries, is_accepted=lambda found: all("seq" in each for each in found["results"])
        )

    def _past_of(self, place: Place, now: datetime) -> list[dict[str, Any]]:
        if Channel.native not in place.channels:
            return []
        found = []
        for number, age in enumerate(place.ages):
            wards = [ward for ward in place.wards if number == 0 or ward.code not in place.forgotten]
            is_wrong = place.facility_id == self.scenes.typing_error and number == len(place.ages) - 1
            stated = [self._with_typing_error(each) if is_wrong else each for each in self._state(place, wards, -age)]
            past = timedelta(hours=age)
            found.append(earlier_report(place.facility_id, past, stated, now=now, states_total=place.states_total))
        return found

    def _with_typing_error(self, stated: Stated) -> Stated:
        ward, counts = stated
        return Stated(ward, Counts(counts.total, (counts.total + 9) * TYPING_ERROR_FACTOR, counts.queue))

    def _state(self, place: Place, wards: Sequence[Ward], hours: float) -> list[Stated]:
        return [Stated(ward, count_patients(place, ward, hours, self.seed, self.scenes.pressure)) for ward in wards]

    async def _report_for(self, place: Place, channel: Channel) -> None:
        sender = self._sender(place, channel)
        wards = [ward for ward in place.wards if ward.code not in place.forgotten]
        known: dict[str, Counts] = {}
        full_at = -inf
        for due in report_times(place, channel, self.seed):
            await self.clock.sleep_until(due)
            hours = self.clock.hours()
            stated = self._state(place, wards, hours)
            if hours - full_at >= FULL_EVERY_HOURS or channel in {Channel.native, Channel.siranap_v1}:
                full_at, changed = hours, stated
            else:
                changed = [each for each in stated if known.get(each.ward.code) != each.counts] or stated[:1]
            known |= {each.ward.code: each.counts for each in changed}
            await sender.send(changed)

    def _sender(self, place: Place, channel: Channel) -> Sender:
        login = self.access.logins.get(place.facility_id, {}).get(channel, {})
        match channel:
            case Channel.sirs:
                return SirsSender(self.poster, login["x_rs_id"], login["x_pass"])
            case Channel.siranap_v1:
                return SiranapSender(self.poster, login["x_rs_id"], login["x_pass"])
            case Channel.aplicares:
                return AplicaresSender(self.poster, login["cons_id"], login["secret"], login["kodeppk"])
            case _:
                return NativeSender(self.poster, place.facility_id, self.access.key, place.states_total)

    async def _open(self, hall: Hall, group: asyncio.TaskGroup) -> None:
        await self.clock.sleep_until(hall.at)
        path = f"/v1/facilities/{hall.facility_id}"
        is_known = (await self.poster.client.get(path, headers=self._officer())).status_code == 200
        if not is_known and not await self._register(hall):
            return
        wards = wards_of(hall.facility_id, FacilityKind.rw_hall, hall.name, hall.beds, seed=self.seed)
        place = Place(
            hall.facility_id, hall.name, hall.area_code, FacilityKind.rw_hall, wards, every=1.0, returns=hall.at
        )
        group.create_task(self._report_for(place, Channel.native))

    async def _register(self, hall: Hall) -> bool:
        facility = {
            "facility_id": hall.facility_id,
            "kind": FacilityKind.rw_hall,
            "name": hall.name,
            "area_code": hall.area_code,
            "operated_by": "rw",
        }
        for path, body in ((f"/v1/areas/{hall.kelurahan}/rw", {"number": hall.rw}), ("/v1/facilities", facility)):
            if await self._post("registry", path, body, is_accepted=bool) is None:
                return False
        self.tell(f"{hall.name} opens with {hall.beds} beds.")
        return True

    async def _post(self, protocol: str, path: str, body: Any, *, is_accepted: IsAccepted) -> Any:
        return await self.poster.send(
            protocol, "POST", path, json=body, headers=self._officer(), is_accepted=is_accepted
        )

    async def _narrate(self) -> None:
        """Tell what happens, when it changes."""
        told: tuple[object, object] = (None, None)
        while True:
            hours = self.clock.hours()
            surge, filling = self.scenes.surge_at(hours), self.scenes.filling_at(hours)
            if surge is not None and surge != told[0]:
                self.tell(f"A surge around {surge}.")
            if filling is not None and filling is not told[1]:
                self.tell(f"The intensive care of {filling.name} fills up.")
            told = surge, filling
            await asyncio.sleep(max(0.05, 0.1 * 3600 / self.clock.speed))

    def _officer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access.key}"}
