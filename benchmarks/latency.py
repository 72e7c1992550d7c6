"""What a person waits for before anything is learned, and after: the first paint, the first point, the certified file.

The start is that of `make run` once everything is installed: the same server, by the same command.
"""

from collections.abc import Iterator

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.browser import _opened, _see_home, _served
from benchmarks.export import measure as measure_exports
from benchmarks.result import Result, result, timed
from builder.runs.folder import RunFolder
from tests.browser.chromium import MISSING, find_chromium
from tests.browser.conftest import QUIET, App
from tests.browser.journey import launch, open_page, use_template, wait_for_end
from tests.processes import kill_processes_of

REPEATS, COLD_REPEATS = 3, 2
FIRST_POINT = ".strata-chart[data-updates] .scatterlayer path"
LOOKS_MS = 4_000
"""A person looks at the settings before the launch; the browser loads the chart meanwhile."""


def measure() -> Iterator[Result]:
    path = find_chromium()
    if path is None:
        raise SystemExit(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield from _first_paints(browser)
        yield from _launches(browser)
        browser.close()
    yield from measure_exports()


def _first_paints(browser: Browser) -> Iterator[Result]:
    starts, paints = [], []
    for _ in range(REPEATS):
        with _served() as (app, start_s), _opened(browser) as page:
            starts.append(start_s)
            paints.append(timed(_see_home, page, app))
    both = [start + paint for start, paint in zip(starts, paints, strict=True)]
    yield result("start: until the server listens", starts)
    yield result("start: from then until the templates are seen", paints, goal=3)
    yield result("start: command until the templates are seen", both, goal=6)


def _launches(browser: Browser) -> Iterator[Result]:
    """In one app: with the worker that it keeps warm, and with one that has to be started first."""
    warm, cold, files = [], [], []
    with _served() as (app, _):
        _train(browser, app)  # the first one imports what the pages of the others find imported
        for _ in range(REPEATS):
            warm.append(_train(browser, app))
            files.append(_certified_after(_newest(app)))
        for _ in range(COLD_REPEATS):
            cold.append(_train(browser, app, worker_is_gone=True))
    yield result("launch: click until the first point, warm worker", warm, goal=2)
    yield result("launch: click until the first point, no worker", cold, goal=15)
    yield result("end of training until the certified ONNX file, warm worker", files, goal=3)


def _train(browser: Browser, app: App, *, worker_is_gone: bool = False) -> float:
    """Seconds from the click on Launch to the first point."""
    with _opened(browser) as page:
        _see_home(page, app)
        use_template(page, "iris")
        open_page(page, "Train")
        page.wait_for_timeout(LOOKS_MS)
        if worker_is_gone:
            kill_processes_of(app.home, but=app.server.pid)
        seconds = timed(_see_first_point, page)
        wait_for_end(page)
        return seconds


def _see_first_point(page: Page) -> None:
    launch(page)
    page.locator(FIRST_POINT).first.wait_for(state="attached", timeout=240_000)


def _newest(app: App) -> RunFolder:
    return RunFolder(max((app.home / "runs").iterdir(), key=lambda path: path.stat().st_mtime))


def _certified_after(folder: RunFolder) -> float:
    """Seconds from the end of the last epoch: with it come the evaluation, the export and onnxruntime's answers."""
    ended = folder.epochs.stat().st_mtime
    return folder.certificate.stat().st_mtime - ended
