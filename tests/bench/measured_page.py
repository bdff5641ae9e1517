"""A page in a browser that counts: what it loads, when its figures stand, what it keeps while it is open."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page

# 1.6 Mbit/s down and half of it up, as browsers name their slow profile; the processor at a quarter.
BYTES_PER_SECOND = 1.6e6 / 8
CPU_SLOWDOWN = 4
SETTLED_MS = 1_500
LOOK_MS = 50
MARKS_SECONDS_MAX = 30

# Each mark is the moment after the paint at which the main thread was free again: only then would a click be answered.
_MARKS = """
window.bench = {marks: {}, long: [], changes: 0};
const wanted = {figures: "[data-figure=free]", controls: "table.grid [data-sort]", map: ".leaflet-container path"};
new MutationObserver(() => {
  bench.changes += 1;
  for (const [name, selector] of Object.entries(wanted)) {
    if (name in bench.marks || !document.querySelector(selector)) continue;
    bench.marks[name] = null;
    requestAnimationFrame(() => setTimeout(() => { bench.marks[name] = performance.now(); }));
  }
}).observe(document, {childList: true, subtree: true, characterData: true});
new PerformanceObserver((list) => {
  for (const {startTime, duration} of list.getEntries()) bench.long.push([startTime, duration]);
}).observe({type: "longtask", buffered: true});
"""


@dataclass
class Visit:
    """A first visit; times in ms since navigation. `interactive`: figures and table stand, and a click is heard."""

    requests: int = 0
    size: int = 0  # bytes, compressed, with headers
    size_until_interactive: int = 0
    figures: float = 0
    interactive: float = 0
    map: float | None = None
    thread_ms: float = 0  # processor time of the main thread until then, or a little longer
    long_tasks: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Held:
    """What a page holds after a garbage collection, and what it has done since it was opened."""

    at: float
    heap: int
    nodes: int
    listeners: int
    changes: int
    layouts: float
    busy_seconds: float


class MeasuredPage:
    """A page of its own browser context, with an empty cache."""

    def __init__(self, page: Page, session: CDPSession) -> None:
        self._page, self._session = page, session
        self._received: list[tuple[float, int]] = []
        self._began: float | None = None
        self._asked = 0
        session.on("Network.requestWillBeSent", self._on_request)
        session.on("Network.loadingFinished", self._on_finished)

    def _on_request(self, event: dict[str, Any]) -> None:
        self._asked += 1
        if self._began is None:
            self._began = event["timestamp"]

    def _on_finished(self, event: dict[str, Any]) -> None:
        self._received.append((event["timestamp"], event["encodedDataLength"]))

    def visit(self, url: str, *, has_map: bool = True) -> Visit:
        """Open an address, until the map stands and nothing follows."""
        used = self._thread_seconds()
        self._page.goto(url, wait_until="commit")
        self._wait_for_marks(["figures", "controls"])
        used = self._thread_seconds() - used
        self._wait_for_marks(["map"] if has_map else [])
        self._page.wait_for_timeout(SETTLED_MS)
        found: dict[str, Any] = self._page.evaluate("({...bench, marks: bench.marks})")
        marks = found["marks"]
        interactive = max(marks["figures"], marks["controls"])
        until = (self._began or 0) + interactive / 1000
        return Visit(
            requests=self._asked,
            size=sum(size for _, size in self._received),
            size_until_interactive=sum(size for at, size in self._received if at <= until),
            figures=marks["figures"],
            interactive=interactive,
            map=marks.get("map"),
            thread_ms=used * 1000,
            long_tasks=[duration for _, duration in found["long"]],
        )

    def _wait_for_marks(self, names: Sequence[str]) -> None:
        # Not `wait_for_function`, which the policy of the page does not let evaluate.
        until = time.monotonic() + MARKS_SECONDS_MAX
        while not self._page.evaluate("(names) => names.every((name) => bench.marks[name])", names):
            if time.monotonic() > until:
                raise TimeoutError(f"not all there: {self._page.evaluate('bench.marks')}, wanted {names}")
            self._page.wait_for_timeout(LOOK_MS)

    def _thread_seconds(self) -> float:
        return self._metrics()["TaskDuration"]

    def _metrics(self) -> dict[str, float]:
        return {each["name"]: each["value"] for each in self._session.send("Performance.getMetrics")["metrics"]}

    def held(self) -> Held:
        """What it holds now."""
        for _ in range(2):
            self._session.send("HeapProfiler.collectGarbage")
        counters = self._session.send("Memory.getDOMCounters")
        metrics = self._metrics()
        heap = self._session.send("Runtime.getHeapUsage")["usedSize"]
        return Held(
            time.monotonic(),
            int(heap),
            counters["nodes"],
            counters["jsEventListeners"],
            self._page.evaluate("bench.changes"),
            metrics["LayoutCount"],
            metrics["TaskDuration"],
        )

    def wait(self, seconds: float) -> None:
        """Leave it open for so long."""
        self._page.wait_for_timeout(seconds * 1000)


@contextmanager
def measured(browser: Browser, *, latency_ms: float | None) -> Iterator[MeasuredPage]:
    """A page on the slow profile with this latency; None: as fast as this machine is."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="id-ID")
    page = context.new_page()
    page.add_init_script(_MARKS)
    session = context.new_cdp_session(page)
    for domain in ("Network", "HeapProfiler", "Runtime"):
        session.send(f"{domain}.enable")
    # Processor time, not the time that a busy machine takes for it.
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    if latency_ms is not None:
        throughput = {"downloadThroughput": BYTES_PER_SECOND, "uploadThroughput": BYTES_PER_SECOND / 2}
        session.send("Network.emulateNetworkConditions", {"offline": False, "latency": latency_ms, **throughput})
        session.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWDOWN})
    yield MeasuredPage(page, session)
    context.close()
