"""No page keeps anybody out: axe-core finds no serious violation."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.journey import launch, open_page, use_template, wait_for_end

PAGES = ("", "data", "model", "train", "evaluate", "export")


def test_no_page_has_a_serious_violation_before_or_after_training_in_either_theme(app, page, chromium):
    use_template(page, "iris")
    project = page.url.partition("?")[2]
    with chromium.new_context(viewport={"width": 1400, "height": 900}, color_scheme="dark") as context:
        dark = context.new_page()
        assert {name: found for name in PAGES if (found := _found(dark, app, name, project))} == {}
    open_page(page, "Train")
    launch(page)
    wait_for_end(page)
    run = page.url.partition("?")[2]
    assert {name: found for name in PAGES if (found := _found(page, app, name, run))} == {}


def _found(page, app, name: str, query: str) -> list[str]:
    page.goto(f"{app.url}/{name}?{query}")
    expect(page.get_by_role("heading", level=1).first).to_be_visible(timeout=60_000)
    page.wait_for_timeout(2_000)
    return violations(page)


def test_the_editor_has_no_serious_violation_whatever_is_open_in_it(app, page):
    use_template(page, "iris")
    open_page(page, "Model")
    page.locator('.react-flow__node[data-id="linear_1"]').click()
    expect(page.locator(".inspector")).to_contain_text("linear_1")
    page.get_by_text("Name, kind, PyTorch").click()
    expect(page.get_by_text("In PyTorch")).to_be_visible()
    assert violations(page) == []
    page.get_by_text("Outline", exact=True).click()
    page.locator(".outline .row").first.click()
    expect(page.get_by_label("Actions for linear_1")).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize(
    "broken", ["<button></button>", "<img src='x.png'>", "<p style='color:#aaa;background:#fff'>faint</p>"]
)
def test_a_violation_is_found(page, broken):
    page.set_content(f"<html lang='en'><title>x</title><main>{broken}</main></html>")
    assert violations(page)
