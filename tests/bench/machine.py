"""What a measurement asks of the machine: CPU time and memory of another process, and cores. Linux only."""

import os
import resource
import statistics
import time
from collections.abc import Sequence
from pathlib import Path


def cpu_seconds(pid: int) -> float:
    """CPU time that a process has used so far, all its threads, without its children.

    /proc counts it in hundredths of a second; its clock (clock_getcpuclockid(3)) is exact.
    """
    return time.clock_gettime((~pid << 3) | 2)


def resident_kib(pid: int) -> int:
    """Resident memory of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def open_files(pid: int) -> int:
    """How many files and sockets a process holds open."""
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


def tcp_mib() -> float:
    """What the kernel holds for all TCP connections, sent and not yet taken above all."""
    line = next(line for line in Path("/proc/net/sockstat").read_text().splitlines() if line.startswith("TCP:"))
    return int(line.split()[-1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def cores() -> list[int]:
    """The cores that this process may use."""
    return sorted(os.sched_getaffinity(0))


def pin(pid: int, which: Sequence[int]) -> None:
    """Keep a process (0: this one) on these cores; its threads too. None given: leave it where it is."""
    if which:
        for thread in Path(f"/proc/{pid or os.getpid()}/task").iterdir():
            os.sched_setaffinity(int(thread.name), which)


def many_files() -> int:
    """Raise this process's limit of open files, which its children get too, to the most there is; gives that."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def percentile(values: Sequence[float], share: float) -> float:
    """What this share of the values does not pass."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def spread(values: Sequence[float], form: str = ".2f") -> str:
    """Median and range."""
    return f"{statistics.median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def told(goal: str, ratios: Sequence[float], *, at_most: float | None = None, at_least: float | None = None) -> str:
    """A line that says whether a goal is reached."""
    middle = statistics.median(ratios)
    is_reached = (at_most is None or middle <= at_most) and (at_least is None or middle >= at_least)
    wanted = f"at most {at_most:g}" if at_most is not None else f"at least {at_least:g}"
    form = ".2f" if middle < 100 else ".0f"
    return f"  {goal}: {spread(ratios, form)}, goal {wanted}: {'reached' if is_reached else 'NOT reached'}"


def describe() -> str:
    """The machine, in a line to print above figures."""
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return f"{len(cores())} cores, load {load} before"
