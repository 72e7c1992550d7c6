"""Every page fits a phone and a desk, in light and dark."""

import pytest
from playwright.sync_api import expect

from tests.browser.journey import expect_no_error, launch, open_page, use_template, wait_for_end

PAGES = ("data", "model", "train", "evaluate", "export")
SCREENS = (("light", 1400, 900), ("dark", 390, 844))
"""A theme changes no width; the dark desk is axe-core's."""


def test_no_page_is_wider_than_the_screen_or_fails_in_either_theme(app, page, chromium):
    use_template(page, "diabetes")
    open_page(page, "Train")
    launch(page)
    wait_for_end(page)
    place = page.url.partition("?")[2]
    for theme, width, height in SCREENS:
        with chromium.new_context(viewport={"width": width, "height": height}, color_scheme=theme) as context:
            screen = context.new_page()
            for name in ("", *PAGES):
                screen.goto(f"{app.url}/{name}?{place}")
                expect(screen.get_by_role("heading", level=1).first).to_be_visible()
                expect_no_error(screen)
                overflow = screen.evaluate("document.documentElement.scrollWidth - window.innerWidth")
                assert overflow <= 0, (name, theme, width)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_without_a_project_shows_the_way(app, page, name):
    page.goto(f"{app.url}/{name}")
    page.locator(".st-key-go_home button").first.click()
    expect(page.get_by_text("Start from a template")).to_be_visible()
