"""The charts of the Train page: a zoom into a long run, and several runs in one chart."""

from contextlib import suppress

import numpy as np
import pytest
from playwright.sync_api import CDPSession, Locator, Page, TimeoutError, expect

from builder.data.templates import make_project
from builder.runs.folder import RunFolder
from builder.runs.projects import ProjectStore
from builder.runs.run import Run
from builder.spec.templates import TEMPLATES
from tests.browser.journey import expect_no_error
from tests.logged import STEPS_PER_EPOCH, log_steps, logged_run

RECORD = [("step", "<i8"), ("epoch", "<f8"), ("loss", "<f8"), ("elapsed_s", "<f8")]
STEPS = 200_000
POINTS = """(chart) => {
  const [low, high] = chart._fullLayout.xaxis.range, { x, y } = chart._fullData[0];
  return { low, high, total: x.length, points: [...x].map((x, at) => [x, y[at]]).filter(([x]) => low <= x && x <= high) };
}"""
"""Of the first curve: what of it is in view."""
TRACES = "(chart) => chart._fullData.map(({ name, line, showlegend }) => ({ name, color: line.color, width: line.width, showlegend }))"


@pytest.fixture
def project_id(page) -> str:
    return ProjectStore().create(make_project(TEMPLATES["iris"]))


def loss_chart(page: Page) -> Locator:
    return page.locator(".strata-chart[data-updates]").first


def open_run(page: Page, url: str, project_id: str, run: Run) -> Locator:
    page.goto(f"{url}/train?project={project_id}&run={run.id}")
    chart = loss_chart(page)
    chart.wait_for()
    chart.scroll_into_view_if_needed()
    return chart


def zoom(page: Page, chart: Locator, start: float, end: float) -> None:
    """Drags over that share of the chart's width; straight across, so that its height stays."""
    box = chart.locator(".nsewdrag").first.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + start * box["width"], middle)
    page.mouse.down()
    page.mouse.move(box["x"] + end * box["width"], middle, steps=5)
    page.mouse.up()


def wait_until(page: Page, chart: Locator, is_true: str, timeout_ms: float = 60_000) -> None:
    """A condition on `chart`, in JavaScript."""
    page.wait_for_function(f"(chart) => {is_true}", arg=chart.element_handle(), timeout=timeout_ms)


def logged(run: Run) -> np.ndarray:
    return np.fromfile(RunFolder(run.folder).steps, RECORD)


def expect_true_points(page: Page, chart: Locator, run: Run) -> None:
    """Each step of the file that lies in view, with its own loss, and no other."""
    wait_until(
        page,
        chart,
        f"{{ const {{ low, high, points }} = ({POINTS})(chart); return points.length >= Math.floor((high - low) * {STEPS_PER_EPOCH}); }}",
    )
    seen, steps = chart.evaluate(POINTS), logged(run)
    expected = steps[(steps["epoch"] >= seen["low"]) & (steps["epoch"] <= seen["high"])]
    drawn = np.array(seen["points"])
    assert 100 < len(expected) == len(drawn)
    np.testing.assert_allclose(drawn[:, 0], expected["epoch"], rtol=0, atol=1e-4 / STEPS_PER_EPOCH)
    np.testing.assert_array_equal(drawn[:, 1], expected["loss"].astype("f4"))
    assert seen["total"] < 2_000, "the rest is an outline"


def test_a_zoom_into_a_long_live_run_shows_each_step_and_stays_while_the_run_goes_on(app, page, project_id):
    run = logged_run(project_id, STEPS, "running")  # of this very process
    chart = open_run(page, app.url, project_id, run)
    assert chart.evaluate(POINTS)["total"] <= 1_200
    zoom(page, chart, 0.40, 0.48)
    wait_until(page, chart, "chart._fullLayout.xaxis.autorange === false")
    zoom(page, chart, 0.50, 0.54)
    expect_true_points(page, chart, run)
    highest = 1.1 * logged(run)["loss"][STEPS // 5 :].max()
    wait_until(page, chart, f"chart._fullLayout.yaxis.range[1] < {highest}")  # it was above 1 where the run began
    page.locator(".st-key-log_scale label").click()
    wait_until(
        page,
        chart,
        f"chart._fullLayout.yaxis.type === 'log' && chart._fullLayout.yaxis.range[1] < Math.log10({highest})",
    )
    before = chart.evaluate(POINTS)
    log_steps(RunFolder(run.folder), STEPS, 50 * STEPS_PER_EPOCH)
    expect(page.locator(".st-key-live_run")).to_contain_text("Epoch 450 of 800")
    after = chart.evaluate(POINTS)
    assert (after["low"], after["high"]) == (before["low"], before["high"])
    expect_true_points(page, chart, run)
    chart.locator(".nsewdrag").first.dblclick()
    wait_until(page, chart, "chart._fullLayout.xaxis.autorange && chart._fullLayout.xaxis.range[1] >= 450")
    wait_until(page, chart, "chart._fullData[0].x.length <= 1200")
    expect_no_error(page)


def test_on_a_phone_a_finger_scrolls_past_a_chart_and_zooms_once_that_is_asked_for(app, page, chromium, project_id):
    run = logged_run(project_id, 20_000)
    with chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True) as context:
        phone = context.new_page()
        phone.set_default_timeout(60_000)
        chart = open_run(phone, app.url, project_id, run)
        touch, top = context.new_cdp_session(phone), chart.bounding_box()["y"]
        drag(touch, chart, 0, -100)
        wait_until(phone, chart, f"chart.getBoundingClientRect().top < {top} - 50")
        assert chart.evaluate("(chart) => chart._fullLayout.xaxis.autorange")
        chart.tap()
        chart.locator("[data-title=Zoom]").tap()
        wait_until(phone, chart, "chart._fullLayout.dragmode === 'zoom'")
        for _ in range(10):  # a finger that comes down while the page still glides stops it, and no more
            drag(touch, chart, 100, 0)
            with suppress(TimeoutError):
                wait_until(phone, chart, "chart._fullLayout.xaxis.autorange === false", timeout_ms=5_000)
                break
        assert not chart.evaluate("(chart) => chart._fullLayout.xaxis.autorange")
        expect_no_error(phone)


def drag(touch: CDPSession, chart: Locator, across: float, down: float) -> None:
    """One finger, from near the upper left of the chart, so many pixels in ten moves."""
    box = chart.locator(".nsewdrag").first.bounding_box()
    x, y = box["x"] + 60, box["y"] + 120
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for part in range(1, 11):
        point = {"x": x + across * part / 10, "y": y + down * part / 10}
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_two_runs_are_overlaid_over_epochs_steps_and_time(app, page, project_id):
    first, second = logged_run(project_id, 4_000), logged_run(project_id, 8_000)
    chart = open_run(page, app.url, project_id, first)
    page.get_by_test_id("stMultiSelect").filter(has_text="Compare with").click()
    page.get_by_role("option", name="Run 2", exact=True).click()
    page.keyboard.press("Escape")
    wait_until(page, chart, "chart._fullData.length === 4")
    traces = chart.evaluate(TRACES)
    assert [trace["name"] for trace in traces if trace["showlegend"]] == ["Run 1", "Run 2"]
    one, other = traces[:2], traces[2:]
    assert len({trace["color"] for trace in one}) == len({trace["color"] for trace in other}) == 1
    assert one[0]["color"] != other[0]["color"] and one[0]["color"].startswith("rgb")
    assert one[0]["width"] < one[1]["width"]
    for name, last in (("Step", 8_000), ("Time", logged(second)["elapsed_s"][-1]), ("Epoch", 16)):
        page.get_by_role("radio", name=name, exact=True).click()
        wait_until(page, chart, f"Math.abs(chart._fullData[3].x.at(-1) - {last}) < 1e-3 * {last}")
    expect(page.locator(".strata-chart[data-updates]")).to_have_count(2)
    expect_no_error(page)
