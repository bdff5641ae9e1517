"""`balai demo`: a simulated city, from an empty folder to a server with live figures."""

import asyncio
import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import httpx2
import typer

from app.actions.hospitals import Hospital, add_hospital, revoke_logins
from app.actions.keys import issue_key
from app.actions.update_facilities import update_facilities
from app.cli import console
from app.cli.demo.city import bpjs_code, plan_city
from app.cli.demo.contacts import contact_updates
from app.cli.demo.folder import Access, open_demo, save
from app.cli.demo.posting import Poster
from app.cli.demo.scenes import Scenes
from app.cli.demo.simulator import Clock, NoSimulation, Simulator
from app.cli.registry import SEMARANG, seed_semarang
from app.cli.registry_rows import read_facilities
from app.cli.serve import format_url, open_listener, serve_until_stopped
from app.cli.upkeep import migrate_database
from app.config import Settings
from app.domain.errors import NotFound
from app.domain.permissions import NATIONAL, OPERATOR
from app.domain.registry.facility import Facility, FacilityKind
from app.main import secret_keys_of
from app.runtime.node import Node

DATA_DIR = Path("data-demo")
SPEED_MAX = 3_600
STOP_SECONDS = 10

Speed = Annotated[
    float, typer.Option(min=1, max=SPEED_MAX, help="How fast figures move: 1 is real time, 60 an hour in a minute.")
]
Seed = Annotated[int, typer.Option(help="Another number gives another city; the same one the same figures.")]


def demo(
    *,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 picks a free one.")] = None,
    workers: Annotated[int | None, typer.Option(help="Number of server processes.")] = None,
    speed: Speed = 10,
    seed: Seed = 1,
    data_dir: Annotated[Path, typer.Option(help="The folder of the demo, never that of a real one.")] = DATA_DIR,
    fresh: Annotated[bool, typer.Option("--fresh", help="Delete the figures of an earlier demo in it first.")] = False,
) -> None:
    """Serve a simulated Kota Semarang: every facility reports invented figures, and every document says so."""
    os.environ["BALAI_DATA_DIR"] = str(data_dir)
    os.environ["BALAI_SIMULATED"] = "true"
    os.environ.setdefault("BALAI_DUTY_DESK_NAME", "Pusat kendali Dinas Kesehatan")
    os.environ.setdefault("BALAI_DUTY_DESK_PHONES", "024-000 0199")
    os.environ.setdefault("BALAI_LOG_LEVEL", "warning")  # many requests a second, all of them as usual
    settings = console.settings(host=host, port=port, workers=workers)
    if not settings.is_embedded or settings.upstreams:
        console.fail(
            "The demo keeps its figures in a folder of its own and relays nothing: unset BALAI_DATABASE_URL, "
            "BALAI_REPLICA_URL and BALAI_RELAY_*."
        )
    access = open_demo(data_dir, seed, fresh=fresh)
    listener = open_listener(settings)
    address = format_url(listener)
    with _simulator(address, speed) as begin:
        console.run(migrate_database(settings))
        console.run(secret_keys_of(settings))
        console.run(_prepare(settings, access))
        save(data_dir, access)
        begin(access)
        status = serve_until_stopped(settings, listener, _format_banner(address, access.key, speed))
    raise typer.Exit(status)


async def _prepare(settings: Settings, access: Access) -> None:
    """Load the registry, and issue the keys that an earlier start did not."""
    async with console.node(settings) as node:
        await seed_semarang(node)
        if not access.key:  # later starts keep what people changed
            await update_facilities(node, [*contact_updates(_read_registry())], by=OPERATOR, reason="invented contacts")
            _, access.key = await issue_key(node, scope=NATIONAL, name="demo", by=OPERATOR)
        for facility in _read_registry():
            if facility.kind is FacilityKind.hospital and facility.facility_id not in access.logins:
                access.logins[facility.facility_id] = await _issue_logins(node, facility)


async def _issue_logins(node: Node, facility: Facility) -> dict[str, dict[str, str]]:
    with suppress(NotFound):  # those of a start that was interrupted
        await revoke_logins(node, facility.facility_id, by=OPERATOR)
    hospital = Hospital(facility.facility_id, bpjs=bpjs_code(facility))
    logins = await add_hospital(node, hospital, by=OPERATOR)
    return {login.channel: login.settings_for("") for login in logins.logins}


def _read_registry() -> list[Facility]:
    return [facility for _, facility in read_facilities(SEMARANG / "facilities.csv")]


@contextlib.contextmanager
def _simulator(url: str, speed: float) -> Iterator[Callable[[Access], None]]:
    """Start the simulator; yields a function that lets it report.

    It ends when its standard input does, even if this process is killed.
    """
    command = [sys.executable, "-m", "app", "demo-reports", "--url", url, "--speed", str(speed)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as process:
        if process.stdin is None:
            raise RuntimeError("a pipe was requested")
        pipe = process.stdin

        def begin(access: Access) -> None:
            pipe.write(access.model_dump_json().encode() + b"\n")
            pipe.flush()

        try:
            yield begin
        finally:
            pipe.close()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def demo_reports(*, url: Annotated[str, typer.Option(help="The server of the demo.")], speed: Speed = 10) -> None:
    """Report for the whole simulated city. `balai demo` starts it, with the keys on standard input."""
    line = sys.stdin.buffer.readline()
    if line:  # else the server did not start
        console.run(_report(url, Access.model_validate_json(line), speed))


async def _report(url: str, access: Access, speed: float) -> None:
    places = plan_city(_read_registry(), access.seed)
    limits = httpx2.Limits(max_connections=8)
    async with httpx2.AsyncClient(base_url=url, timeout=30, trust_env=False, limits=limits) as client:
        poster = Poster(client)
        simulator = Simulator(
            places, Scenes.of(places, access.seed), access, poster, Clock(speed), access.seed, console.note
        )
        running = asyncio.create_task(simulator.run())
        ended = _when_input_ends()
        await asyncio.wait({running, ended}, return_when=asyncio.FIRST_COMPLETED)
        running.cancel()
        try:
            await running
        except asyncio.CancelledError:
            console.note(*poster.tally.refusals, f"Simulation: {poster.tally.summary()}.")
        except NoSimulation as reason:
            console.fail(f"Nothing is simulated. {reason}")


def _when_input_ends() -> "asyncio.Future[None]":
    """A future that is cancelled when standard input ends: whoever started this process is gone."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[None] = loop.create_future()

    def read() -> None:
        while os.read(0, 4096):
            pass
        with suppress(RuntimeError):  # the loop may be closed
            loop.call_soon_threadsafe(ended.cancel)

    threading.Thread(target=read, daemon=True).start()
    return ended


def _format_banner(address: str, key: str, speed: float) -> str:
    pace = "in real time" if speed == 1 else f"at {speed:g} times real speed"
    return f"""Balai serves a SIMULATION on {address}: invented figures {pace}

  The city:           {address}/v1/areas/33.74/capacity
  API documentation:  {address}/docs
  A key to try it:    {key}

  Press Ctrl+C to stop.
"""
