"""The Train page before a run of a million points that grows: what an update costs, and how soon a zoom is true."""

import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Locator, Page, sync_playwright
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.browser import _opened, _served
from benchmarks.canvas import _bare_page
from benchmarks.result import Result, result
from builder.data.templates import make_project
from builder.runs.folder import RunFolder
from builder.runs.projects import ProjectStore
from builder.spec.templates import TEMPLATES
from tests.browser.chromium import MISSING, find_chromium
from tests.browser.conftest import QUIET
from tests.logged import STEPS_PER_EPOCH, log_steps, logged_run

POINTS = 1_000_000
WATCHED_S, REPEATS, ZOOMS = 30, 3, 8
CHART = ".strata-chart[data-updates]"
ZOOM = """async (chart, [low, high, steps]) => {
  const began = performance.now();
  await Plotly.relayout(chart, { "xaxis.range": [low, high] });
  const inView = () => chart._fullData[0].x.filter((x) => low <= x && x <= high).length;
  while (inView() !== steps) await new Promise(requestAnimationFrame);
  return performance.now() - began;
}"""
"""In milliseconds."""


def measure() -> Iterator[Result]:
    path = find_chromium()
    if path is None:
        raise SystemExit(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        with _bare_page(browser) as bare, _served() as (app, _), _opened(browser) as page:
            os.environ["STRATA_HOME"] = str(app.home)
            project_id = ProjectStore().create(make_project(TEMPLATES["iris"]))
            run = logged_run(project_id, POINTS, "running")
            updates = _updates(page)
            with _growing(RunFolder(run.folder)):
                page.goto(f"{app.url}/train?project={project_id}&run={run.id}")
                page.locator(CHART).nth(1).wait_for()
                page.wait_for_timeout(5_000)
                yield from _watched(page, app.server.pid, updates, "a million points and 3,000 more each second")
                yield from _zooms(page, bare)
                yield from _watched(page, app.server.pid, updates, "the same, zoomed in")
        browser.close()


def _updates(page: Page) -> list[float]:
    """The kilobytes of each update of the page from now on, as they come from the server."""
    found: list[float] = []

    def note(frame: bytes) -> None:
        if ForwardMsg.FromString(frame).HasField("new_session") or not found:  # the first message of each
            found.append(0.0)
        found[-1] += len(frame) / 1000

    page.on("websocket", lambda socket: socket.on("framereceived", note))
    return found


def _watched(page: Page, pid: int, updates: list[float], name: str) -> Iterator[Result]:
    updates.clear()
    shares = [_server_share(page, pid) for _ in range(REPEATS)]
    sizes = list(updates)
    yield Result(
        f"{name}: server, of a core", round(statistics.median(shares), 1), round(min(shares), 1), "%", REPEATS, 10
    )
    yield Result(f"{name}: largest update", round(max(sizes), 1), round(min(sizes), 1), "kB", len(sizes), 100)


def _server_share(page: Page, pid: int) -> float:
    """Of one core, in percent."""
    began, before_s = time.monotonic(), _cpu_s(pid)
    page.wait_for_timeout(WATCHED_S * 1000 / REPEATS)
    return 100 * (_cpu_s(pid) - before_s) / (time.monotonic() - began)


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _zooms(page: Page, bare: Callable[[], float]) -> Iterator[Result]:
    round_trips, zooms = [], []
    for at in range(ZOOMS):
        round_trips.append(bare())
        page.wait_for_timeout(1_500)  # a person looks at what they see
        zooms.append(_zoom(page.locator(CHART).first, 100 + 200 * at))
    yield result("a bare Streamlit button → text, in turns with a zoom", round_trips)
    yield result("a million points: from a zoom to the true points", zooms)


def _zoom(chart: Locator, low: float) -> float:
    """Seconds from the end of a drag over two epochs until each of their steps is in the chart."""
    return chart.evaluate(ZOOM, [low, low + 2, 2 * STEPS_PER_EPOCH + 1]) / 1000


@contextmanager
def _growing(folder: RunFolder) -> Iterator[None]:
    """Meanwhile a small net trains: 3,000 steps a second, written four times a second as a training does."""
    ended = threading.Event()

    def grow() -> None:
        first = POINTS
        while not ended.wait(0.25):
            log_steps(folder, first, 750)
            first += 750

    thread = threading.Thread(target=grow)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
