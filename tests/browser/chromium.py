"""Finds a Chromium for the browser tests, and installs one if there is none: `python -m tests.browser.chromium`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    "The browser tests need Chromium and found none. Install it (apt-get install chromium, or "
    "python -m playwright install chromium), or name it: CHROMIUM=/path/to/chromium."
)


def find_chromium() -> str | None:
    """`CHROMIUM`, else one on the PATH, else playwright's own; None if there is none that starts."""
    named = os.environ.get("CHROMIUM")
    candidates = [named] if named else [*filter(None, map(shutil.which, NAMES)), _playwrights_own()]
    return next((path for path in candidates if _starts(path)), None)


def _playwrights_own() -> str:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def _starts(path: str) -> bool:
    # Ubuntu's chromium-browser may be a stub that only says how to install a snap.
    if not Path(path).exists() and not shutil.which(path):
        return False
    return subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0


def install_chromium() -> None:
    """By apt-get where that needs no password, else by playwright."""
    administrator = _administrator()
    if administrator is not None and shutil.which("apt-get"):
        apt = [*administrator, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
        subprocess.run([*apt, "update"], check=False)
        subprocess.run([*apt, "install", "-y", "chromium"], check=False)
    if not find_chromium():
        with_libraries = ["--with-deps"] if administrator is not None else []
        subprocess.run([sys.executable, "-m", "playwright", "install", *with_libraries, "chromium"], check=False)


def _administrator() -> list[str] | None:
    """What to put before a command that needs root; None if root cannot be had without a password."""
    if os.geteuid() == 0:
        return []
    can_sudo = shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0
    return ["sudo", "-n"] if can_sudo else None


if __name__ == "__main__":
    if not find_chromium():
        install_chromium()
    sys.exit(None if find_chromium() else MISSING)
