"""Reads of two nodes on one PostgreSQL beside those of one node (N1).

Run: .venv/bin/python -m tests.bench.nodes [--rounds 5] [--seconds 2]
Each node has a core of its own, each client too. Where there are fewer than four cores that is not so, and reads per
second say nothing; what a read costs each node is printed then, alone and with the other one busy: where that stays the
same, nothing is shared but the machine.
"""

import argparse
import multiprocessing
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.bench import load, town
from tests.bench.machine import cores, cpu_seconds, describe, pin, spread, told
from tests.bench.servers import Server, balai
from tests.postgres import cluster

PATH = f"/v1/areas/{town.CITY}/capacity/children"
CORES_MIN = 4


def main() -> None:
    """Both nodes on one database, asked in turn and at once."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    options = parser.parse_args()
    print(f"{describe()}; {options.rounds} rounds of {options.seconds} s; medians (min to max)")
    folder = Path(tempfile.mkdtemp(prefix="balai-nodes-"))
    try:
        with ExitStack() as stack:
            url = stack.enter_context(cluster()).create("nodes")
            key = town.build_now(url)
            nodes = [stack.enter_context(balai(url, folder)) for _ in range(2)]
            for node, core in zip(nodes, cores(), strict=False):
                pin(node.pid, [core])
            measure(nodes, key, options.rounds, options.seconds)
    finally:
        shutil.rmtree(folder)


def measure(nodes: list[Server], key: str, rounds: int, seconds: float) -> None:
    """One node and both, in turning order."""
    totals: dict[int, list[float]] = {1: [], 2: []}
    cpus: dict[int, list[float]] = {1: [], 2: []}
    for turn in range(rounds):
        for number in (1, 2) if turn % 2 == 0 else (2, 1):
            asked = nodes[:number]
            before = [cpu_seconds(node.pid) for node in asked]
            reads = _reads_at_once(asked, key, seconds)
            totals[number].append(sum(reads) / seconds)
            used = [cpu_seconds(node.pid) - was for node, was in zip(asked, before, strict=True)]
            cpus[number].append(1e6 * sum(used) / sum(reads))
    for number in (1, 2):
        print(
            f"  {number} node{'s'[: number - 1]}: {spread(totals[number], '.0f')} reads/s, "
            f"CPU {spread(cpus[number], '.1f')} us a read"
        )
    more = [two / one for one, two in zip(totals[1], totals[2], strict=True)]
    if len(cores()) >= CORES_MIN:
        print(told("N1 2 nodes beside 1, reads/s", more, at_least=1.8))
        return
    print(f"  N1 needs {CORES_MIN} cores; on {len(cores())}, shared with the clients: {spread(more)} of one node's")
    each = [2 * one / two for one, two in zip(cpus[1], cpus[2], strict=True)]
    print(told("N1 by CPU: what 2 nodes would do on cores of their own", each, at_least=1.8))


def _reads_at_once(nodes: list[Server], key: str, seconds: float) -> list[int]:
    with multiprocessing.Pool(len(nodes)) as clients:
        return clients.starmap(_reads, [(node.url, key, place, seconds) for place, node in enumerate(nodes)])


def _reads(url: str, key: str, place: int, seconds: float) -> int:
    here = cores()
    if len(here) >= CORES_MIN:
        pin(0, [here[2 + place]])
    result = load.run(url + PATH, headers={"Authorization": f"Bearer {key}"}, seconds=seconds)
    if set(result.statuses) != {200}:
        raise RuntimeError(f"not all were answered: {result.statuses}")
    return len(result.latencies)


if __name__ == "__main__":
    main()
