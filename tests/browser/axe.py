"""Asks axe-core what keeps people from using a page; the library comes with the package axe-playwright-python."""

from functools import cache
from importlib.resources import files

from playwright.sync_api import Page

SERIOUS = ("serious", "critical")


def violations(page: Page) -> list[str]:
    """One line for each element with a serious violation, shadow trees included."""
    page.evaluate(_library())
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    return [
        f"{item['id']} ({item['impact']}) at {node['target']}: {node['html'][:120]}"
        for item in found if item["impact"] in SERIOUS for node in item["nodes"]
    ]  # fmt: skip


@cache
def _library() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
