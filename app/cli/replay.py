"""`balai replay FILE`: post a table of observations to a running server, like any client."""

import ipaddress
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import httpx2
import typer

from app.cli import console
from app.cli.replay_rows import Outgoing, read_reports

PATH = "/v1/reports"
ATTEMPTS_MAX = 8
PAUSE_SECONDS_MAX = 30
# Below the server's limit of 2 MiB, whatever the number of reports.
BATCH_BYTES_MAX = 1_500_000
REFUSALS_SHOWN = 10
LATER = frozenset({429, 503})


@dataclass
class Tally:
    """The outcome of the rows: accepted, late, repeated, refused, or not sent."""

    rows: Counter[str] = field(default_factory=Counter)
    refusals: list[str] = field(default_factory=list)

    def note(self, report: Outgoing, outcome: dict[str, Any]) -> None:
        """Count one report by its receipt or its problem."""
        if "seq" in outcome:
            word = "repeated" if outcome["repeated"] else "late" if outcome["outcome"] == "late" else "accepted"
        else:
            word = "refused"
            if len(self.refusals) < REFUSALS_SHOWN:
                self.refusals.append(f"line {report.lines[0]}: {_describe_problem(outcome)}")
        self.rows[word] += len(report.lines)

    def summary(self, read: int) -> str:
        """Return the totals of a replay, in which every row is accounted for."""
        words = ("accepted", "late", "repeated", "refused")
        parts = [f"{self.rows[word]:,} {word}" for word in words]
        missing = read - sum(self.rows[word] for word in words)
        if missing:
            parts.append(f"{missing:,} not sent")
        return f"{read:,} read = " + " + ".join(parts)


class GaveUp(Exception):
    """The server did not accept a batch; the rest was not sent."""


def replay(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV of reports; may be gzipped.")],
    url: Annotated[str, typer.Option(envvar="BALAI_URL", help="URL of the server.")] = "http://127.0.0.1:8000",
    key: Annotated[
        str, typer.Option(envvar="BALAI_KEY", help="A key that may report for all facilities in the file.")
    ] = "",
    batch: Annotated[int, typer.Option(min=1, max=1_000, help="Reports per request.")] = 200,
) -> None:
    """Post the reports of a CSV file to a running server. Repeating a replay changes nothing.

    Layouts: facility_id,observed_at,bed_type,... with counts named as in the API; or observations of SIRANAP's pages.
    """
    if not key:
        console.fail("A key is required: --key KEY, or BALAI_KEY in the environment.", code=console.WRONG_USAGE)
    if urlsplit(url).scheme not in {"http", "https"}:
        console.fail(f"{url!r} is not a URL such as http://127.0.0.1:8000.", code=console.WRONG_USAGE)
    reports = read_reports(file)
    read = sum(len(report.lines) for report in reports)
    tally = Tally()
    stopped = None
    with _client(url, key) as client, console.progress("Rows", read) as advance:
        try:
            for chunk in _batches(reports, batch):
                _send(client, chunk, tally, time.sleep)
                advance(sum(len(report.lines) for report in chunk))
        except GaveUp as reason:
            stopped = str(reason)
    for refusal in tally.refusals:
        console.note(refusal)
    if stopped:
        console.note(stopped)
    console.out(tally.summary(read))
    if stopped or tally.rows["refused"]:
        raise typer.Exit(console.REFUSED)


def _client(url: str, key: str) -> httpx2.Client:
    host = urlsplit(url).hostname or ""
    # A proxy from the environment cannot reach a server on this machine.
    is_here = host == "localhost" or _is_loopback(host)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson"}
    return httpx2.Client(base_url=url, headers=headers, timeout=60, trust_env=not is_here)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _batches(reports: Sequence[Outgoing], length: int) -> Iterator[list[Outgoing]]:
    """Split into batches, smaller for large reports; in order, since of two reports of equal time the later counts."""
    chunk: list[Outgoing] = []
    size = 0
    for report in reports:
        bytes_ = len(report.text.encode()) + 1
        if chunk and (len(chunk) == length or size + bytes_ > BATCH_BYTES_MAX):
            yield chunk
            chunk, size = [], 0
        chunk.append(report)
        size += bytes_
    if chunk:
        yield chunk


def _send(client: httpx2.Client, chunk: list[Outgoing], tally: Tally, sleep: Callable[[float], None]) -> None:
    """Post until each report has a result; reports that the server cannot accept now are sent again, which is safe.

    Raises: GaveUp, with the reason.
    """
    why = ""
    for attempt in range(ATTEMPTS_MAX):
        pause = min(2.0**attempt, PAUSE_SECONDS_MAX)
        try:
            answer = client.post(PATH, content="\n".join(report.text for report in chunk))
        except httpx2.TransportError as error:
            why = f"{client.base_url} cannot be reached: {error}"
        except httpx2.InvalidURL as error:
            raise GaveUp(f"{client.base_url} is not a URL: {error}") from None
        else:
            if answer.status_code in LATER:
                why = _describe_problem(_parse_object(answer))
                pause = _retry_after(answer) or pause
            elif answer.is_error:
                raise GaveUp(f"The server refused the request: {_describe_problem(_parse_object(answer))}")
            else:
                chunk, why = _count_results(chunk, _parse_results(answer), tally)
                if not chunk:
                    return
                pause = _retry_after(answer) or pause
        if attempt < ATTEMPTS_MAX - 1:
            sleep(min(pause, PAUSE_SECONDS_MAX))
    raise GaveUp(f"Given up after {ATTEMPTS_MAX} attempts. {why}")


def _count_results(chunk: list[Outgoing], outcomes: list[dict[str, Any]], tally: Tally) -> tuple[list[Outgoing], str]:
    """Count the results; return the reports to send again, and why. Raises: GaveUp."""
    if len(outcomes) != len(chunk):
        raise GaveUp(f"The server gave {len(outcomes)} results for {len(chunk)} reports; it is not Balai.")
    later: list[Outgoing] = []
    why = ""
    for report, outcome in zip(chunk, outcomes, strict=True):
        if "seq" not in outcome and outcome.get("status") in LATER:
            later.append(report)
            why = _describe_problem(outcome)
        else:
            tally.note(report, outcome)
    return later, why


def _parse_results(answer: httpx2.Response) -> list[dict[str, Any]]:
    results = _parse_object(answer).get("results")
    return [each for each in results if isinstance(each, dict)] if isinstance(results, list) else []


def _parse_object(answer: httpx2.Response) -> dict[str, Any]:
    """Return the JSON object of a response; anything else, such as the page of a proxy, becomes one."""
    try:
        document = answer.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        document = None
    return document if isinstance(document, dict) else {"detail": f"HTTP {answer.status_code}"}


def _retry_after(answer: httpx2.Response) -> float | None:
    value = answer.headers.get("retry-after", "")
    return float(value) if value.isascii() and value.isdigit() else None


def _describe_problem(problem: dict[str, Any]) -> str:
    faults = problem.get("errors") or []
    summary = "; ".join(f"{fault.get('pointer')} {fault.get('detail')}" for fault in faults if isinstance(fault, dict))
    return f"{problem.get('detail', 'refused')}{f' ({summary})' if summary else ''}"
