"""What a person waits for in a real Chromium when going from page to page."""

import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from benchmarks.result import Result, result, timed
from tests.browser.chromium import MISSING, find_chromium
from tests.browser.conftest import QUIET, App
from tests.browser.journey import launch, open_page, use_template, wait_for_end
from tests.processes import kill_processes_of

ROUNDS = 3
TITLES = {"Model": "Model", "Train": "Train", "Evaluate": "Evaluate", "Export": "Export", "Data": "Iris flowers"}


def measure() -> Iterator[Result]:
    path = find_chromium()
    if path is None:
        raise SystemExit(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield from _in_a_warm_app(browser)
        browser.close()


def _in_a_warm_app(browser: Browser) -> Iterator[Result]:
    with _served() as (app, _), _opened(browser) as page:
        _see_home(page, app)
        use_template(page, "iris")
        open_page(page, "Train")
        launch(page)
        wait_for_end(page)
        headings, pages = _switches(page)
    yield result("page switch until its title is seen", headings, goal=0.5)
    yield result("page switch until all of it is drawn", pages)


def _see_home(page: Page, app: App) -> None:
    page.goto(app.url)
    expect(page.locator(".st-key-template_iris button").first).to_be_visible(timeout=60_000)


def _switches(page: Page) -> tuple[list[float], list[float]]:
    """Seconds of every switch after the first round, in which each page is imported."""
    headings, pages = [], []
    for number in range(ROUNDS + 1):
        for link, title in TITLES.items():
            page.wait_for_timeout(1_000)  # a person looks at a page before going on
            began = time.perf_counter()
            page.get_by_test_id("stSidebarNav").get_by_role("link", name=link).click()
            expect(page.get_by_role("heading", level=1, name=title, exact=True)).to_be_visible(timeout=60_000)
            heading_s = time.perf_counter() - began
            page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=60_000)
            if number:
                headings.append(heading_s)
                pages.append(time.perf_counter() - began)
    return headings, pages


@contextmanager
def _served() -> Iterator[tuple[App, float]]:
    """An app with a home of its own, and the seconds until it listened."""
    with tempfile.TemporaryDirectory(prefix="strata-bench-") as folder:
        app = App(Path(folder) / "home", _free_port(), Path(folder) / "server.log")
        try:
            yield app, timed(app.start)
        finally:
            app.kill()
            kill_processes_of(app.home)


@contextmanager
def _opened(browser: Browser) -> Iterator[Page]:
    with browser.new_context(viewport={"width": 1400, "height": 900}) as context:
        page = context.new_page()
        page.set_default_timeout(60_000)
        yield page


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
