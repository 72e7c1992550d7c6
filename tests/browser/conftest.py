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
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
START_S = 60
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


@pytest.fixture
def app(strata_home: Path, tmp_path: Path) -> Iterator[App]:
    app = App(strata_home, _free_port(), tmp_path / "server.log")
    try:
        app.start()
        yield app
    finally:
        app.kill()
        kill_processes_of(app.home)
        print(app.log.read_text(errors="replace")[-5000:])  # pytest shows it if the test failed
        worker_log = app.home / "worker.log"
        print(worker_log.read_text(errors="replace")[-5000:] if worker_log.exists() else "no worker log")


@pytest.fixture
def page(chromium: Browser, app: App) -> Iterator[Page]:
    with chromium.new_context(viewport={"width": 1400, "height": 900}, accept_downloads=True) as context:
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(app.url)
        yield page


def _wait_until(is_true, limit_s: float, otherwise: str) -> None:
    deadline = time.monotonic() + limit_s
    while not is_true():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
