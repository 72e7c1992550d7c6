"""The Train page before a run of a million points that grows: what an update costs, and how soon a zoom is true."""

import os
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Locator, Page, sync_playwright

from benchmarks.browser import _opened, _served
from benchmarks.result import Result, result, timed
from builder.data.templates import make_project
from builder.runs.folder import RunFolder
from builder.runs.projects import ProjectStore
from builder.spec.templates import TEMPLATES
from tests.browser.chromium import MISSING, find_chromium
from tests.browser.conftest import QUIET
from tests.logged import STEPS_PER_EPOCH, log_steps, logged_run

POINTS = 1_000_000
WATCHED_S, ZOOMS, QUIET_S = 30, 8, 0.3
CHART = ".strata-chart[data-updates]"
IN_VIEW = """(chart) => {
  const [low, high] = chart._fullLayout.xaxis.range;
  return [...chart._fullData[0].x].filter((x) => low <= x && x <= high).length;
}"""


def measure() -> Iterator[Result]:
    path = find_chromium()
    if path is None:
        raise SystemExit(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        with _served() as (app, _), _opened(browser) as page:
            os.environ["STRATA_HOME"] = str(app.home)
            arrivals: list[tuple[float, int]] = []
            page.on(
                "websocket",
                lambda socket: socket.on(
                    "framereceived", lambda frame: arrivals.append((time.monotonic(), len(frame)))
                ),
            )
            project_id = ProjectStore().create(make_project(TEMPLATES["iris"]))
            run = logged_run(project_id, POINTS, "running")
            with _growing(RunFolder(run.folder)):
                page.goto(f"{app.url}/train?project={project_id}&run={run.id}")
                page.locator(CHART).nth(1).wait_for()
                page.wait_for_timeout(5_000)
                arrivals.clear()
                yield _server_share(page, app.server.pid, "a million points, 3,000 more each second: server")
                yield _update_size(arrivals, "a million points, growing: an update of the page")
                chart = page.locator(CHART).first
                yield result(
                    "a million points: from a zoom to the true points", [_zoom(page, chart, at) for at in range(ZOOMS)]
                )
                arrivals.clear()
                yield _server_share(page, app.server.pid, "the same, zoomed in: server")
                yield _update_size(arrivals, "the same, zoomed in: an update of the page")
        browser.close()


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


def _server_share(page: Page, pid: int, name: str) -> Result:
    """Of one core, in percent."""
    shares = []
    for _ in range(3):
        began, before_s = time.monotonic(), _cpu_s(pid)
        page.wait_for_timeout(WATCHED_S * 1000 / 3)
        shares.append(100 * (_cpu_s(pid) - before_s) / (time.monotonic() - began))
    return Result(name, round(statistics.median(shares), 1), round(min(shares), 1), "%", len(shares), goal=10)


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _update_size(arrivals: list[tuple[float, int]], name: str) -> Result:
    """What comes between two moments of silence is one update; the largest of them."""
    sizes, last = [], 0.0
    for moment, size in arrivals:
        if moment - last > QUIET_S:
            sizes.append(0)
        sizes[-1] += size / 1000
        last = moment
    return Result(name, round(max(sizes), 1), round(min(sizes), 1), "kB", len(sizes), goal=100)


def _zoom(page: Page, chart: Locator, at: int) -> float:
    """Seconds from the end of the drag until each step of the stretch is in the chart."""
    page.wait_for_timeout(1_500)
    low = 100 + 200 * at
    chart.evaluate("(chart, range) => Plotly.relayout(chart, {'xaxis.range': range})", [low, low + 2])
    return timed(_wait_for_all, page, chart)


def _wait_for_all(page: Page, chart: Locator) -> None:
    deadline = time.monotonic() + 20
    while chart.evaluate(IN_VIEW) != 2 * STEPS_PER_EPOCH + 1:
        if time.monotonic() > deadline:
            raise SystemExit("The zoom never showed its true points.")
        page.wait_for_timeout(10)
