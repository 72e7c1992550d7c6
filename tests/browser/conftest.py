"""The whole program as its user meets it: a served app, and a real Chromium in front of it."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.chromium import MISSING, find_chromium
from tests.processes import kill_processes_of

ROOT = Path(__file__).parents[2]
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",  # in a container, 64 MB for all pages
)  # fmt: skip
START_S = 120
PATIENCE_MS = 60_000


@dataclass
class App:
    """A server of its own, with a home of its own."""

    home: Path
    port: int
    log: Path
    server: subprocess.Popen | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Serves, on the same port and home as before if it was killed."""
        command = ["-m", "streamlit", "run", "app.py", "--server.port", str(self.port), "--server.headless", "true"]
        with self.log.open("ab") as log:
            self.server = subprocess.Popen(
                [sys.executable, *command, "--server.address", "127.0.0.1"],
                cwd=ROOT, env=os.environ | {"STRATA_HOME": str(self.home)},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        _wait_until(self._is_healthy, START_S, f"the app does not answer at {self.url}")

    def kill(self) -> None:
        """The server alone, at once and without a word; workers and runs go on."""
        self.server.kill()
        self.server.wait()

    def _is_healthy(self) -> bool:
        try:
            return urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2).status == 200
        except (urllib.error.URLError, OSError):
            return False


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        pytest.fail(MISSING, pytrace=False)
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """One for all tests of a file, which therefore name what they look for: other projects may be there."""
    folder = tmp_path_factory.mktemp("app")
    app = App(folder / "strata_home", _free_port(), folder / "server.log")
    try:
        app.start()
        yield app
    finally:
        app.kill()
        kill_processes_of(app.home)


@pytest.fixture
def page(chromium: Browser, app: App, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """A new browser at the start page; what the test itself reads from Strata's home is the app's."""
    monkeypatch.setenv("STRATA_HOME", str(app.home))
    with chromium.new_context(viewport={"width": 1400, "height": 900}, accept_downloads=True) as context:
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(app.url)
        yield page
    for log in (app.log, app.home / "worker.log"):  # pytest shows it if the test failed
        print(log.read_text(errors="replace")[-5000:] if log.exists() else f"no {log.name}")


def _wait_until(is_true, limit_s: float, otherwise: str) -> None:
    deadline = time.monotonic() + limit_s
    while not is_true():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
