"""The training form in a browser: the planned learning rate is drawn, and what is set is what is trained."""

from contextlib import suppress

from playwright.sync_api import Page, TimeoutError, expect

from tests.browser.journey import expect_no_error, launch, open_page, use_template, wait_for_end


def pick(page: Page, key: str, name: str) -> None:
    option = page.get_by_role("option", name=name, exact=True)
    for _ in range(10):  # a page that is being drawn again closes the list
        page.locator(f".st-key-{key} input").click()
        with suppress(TimeoutError):
            option.click(timeout=5_000)
            break
    expect(page.locator(f".st-key-{key} input")).to_have_value(name)


def line(page: Page) -> list[tuple[float, float]]:
    """Where the planned rate's line goes on the screen, y downwards."""
    path = page.locator(".st-key-planned_rates .scatterlayer path.js-line")
    expect(path).to_be_visible()
    return [tuple(map(float, point.split(","))) for point in path.get_attribute("d")[1:].replace("L", " ").split()]


def test_the_planned_learning_rate_is_drawn_and_follows_the_schedule(page):
    use_template(page, "iris")
    open_page(page, "Train")
    expect(page.locator(".st-key-planned_rates")).to_have_count(0)
    pick(page, "scheduler", "Cosine")
    falling = line(page)
    assert falling[0][1] == min(y for _, y in falling) and falling[-1][1] == max(y for _, y in falling)
    pick(page, "scheduler", "One cycle")
    expect(page.locator(".st-key-scheduler_pct_start")).to_be_visible()
    page.wait_for_function(
        "before => document.querySelector('.st-key-planned_rates path.js-line').getAttribute('d').split('L')[0].slice(1) != before",
        arg=f"{falling[0][0]:g},{falling[0][1]:g}",
    )
    rising = line(page)
    assert min(y for _, y in rising) < rising[0][1] < max(y for _, y in rising)
    expect_no_error(page)


def test_a_time_budget_ends_a_run_and_the_page_says_so(page):
    use_template(page, "iris")
    open_page(page, "Train")
    epochs, budget = (page.locator(f".st-key-training_{name} input") for name in ("epochs", "time_budget_min"))
    epochs.fill("100000")
    epochs.press("Enter")
    page.get_by_text("Early stopping", exact=True).click()
    budget.fill("0.02")
    budget.press("Enter")
    expect(page.get_by_role("button", name="Undo: Set time budget")).to_be_visible()
    launch(page)
    wait_for_end(page)
    expect(page.locator(".st-key-live_run")).to_contain_text("The time budget of 0.02 min ended it")
