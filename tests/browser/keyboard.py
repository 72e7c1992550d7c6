"""What a person does on the screens without a mouse."""

import pytest
from playwright.sync_api import Page, expect

FOCUSED = """() => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  if (!["BUTTON", "INPUT", "SELECT", "A", "SUMMARY"].includes(element?.tagName)) return "";
  const label = element.getAttribute("aria-label") ?? element.labels?.[0]?.innerText ?? "";
  return `${label} ${element.tagName === "SELECT" ? "" : element.innerText}`.trim();
}"""


def tab_to(page: Page, words: str, *, exact: bool = False) -> None:
    """Presses Tab until the focus is on what has these words in its name."""
    for _ in range(120):
        name = page.evaluate(FOCUSED)
        if name == words if exact else words in name:
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab never comes to {words!r}")


def open_outline(page: Page) -> None:
    tab_to(page, "Canvas")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.locator(".outline .row").first).to_be_visible()
