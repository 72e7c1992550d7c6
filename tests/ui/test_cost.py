"""Totals, measured time and the warning before a launch that would not fit."""

from dataclasses import asdict

import pytest

from builder.catalogue.activations import ReLU
from builder.catalogue.layers import Flatten, Linear
from builder.check.report import check
from builder.data.dataset import prepare
from builder.data.templates import make_project
from builder.runs import ask_queue, asks
from builder.runs.measured import Measurement, ask_measure
from builder.spec.project import Project
from builder.spec.templates import TEMPLATES
from builder.ui.cost import time_text
from builder.ui.fit import misfit
from tests.projects import facts_of, stacked
from tests.ui.panels import panel, saved

FOUND = Measurement(
    batch_size=16, parameters_bytes=1_000_000, gradients_bytes=1_000_000, optimizer_bytes=2_000_000,
    saved_bytes=16_000, forward_flops=1, backward_flops=2, usable_bytes=10**9, largest_batch=4096,
    steps_per_epoch=7, step_s=0.004, epoch_s=0.03,
)  # fmt: skip


def totals():
    from builder.ui import session
    from builder.ui.cost import show_cost, show_fit_warning

    with session.opened():
        show_cost(session.current_project(), session.report())
        show_fit_warning(session.current_project(), session.report())


@pytest.fixture
def iris(monkeypatch) -> Project:
    for place in ("builder.runs.asks.ensure_worker", "builder.ui.cost.ensure_worker"):
        monkeypatch.setattr(place, lambda: None)
    return make_project(TEMPLATES["iris"])


def shown(app) -> dict[str, tuple[str, str]]:
    return {metric.label: (metric.value, metric.delta) for metric in app.metric}


def test_before_a_measurement_the_memory_is_an_estimate_and_a_button_measures(iris):
    app = panel(totals, iris)
    assert shown(app)["Parameters"] == ("739", "") and "Time per epoch" not in shown(app)
    app.button(key="measure").click().run()
    assert ask_queue.claim().kind == "measure"
    assert not app.exception and any("Measuring" in text.value for text in app.run().caption)
    app.button(key="stop_measuring").click().run()
    assert not ask_queue.is_waiting() and app.button(key="measure").label == "Measure on this machine"


def test_what_was_measured_is_shown_and_used_again(iris):
    key = ask_measure(iris, prepare(iris.data).content)
    ask_queue.claim()
    ask_queue.finish(key, asdict(FOUND))
    app = panel(totals, iris)
    assert shown(app)["Training memory"] == ("4.0 MB", "measured")
    assert shown(app)["Time per epoch"] == ("30 ms", "100 epochs: 3.0 s")
    assert not [button for button in app.button if button.key == "measure"]


def test_a_measurement_that_failed_says_why_and_can_be_tried_again(iris):
    key = ask_measure(iris, prepare(iris.data).content)
    ask_queue.claim()
    ask_queue.fail(key, "The process was killed. Try a smaller model.")
    app = panel(totals, iris)
    assert "The process was killed" in app.warning[0].value
    app.button(key="measure").click().run()
    assert asks.answer(key).state == "waiting"


def test_a_launch_that_would_not_fit_is_warned_of_and_one_click_mends_it(iris, monkeypatch):
    large = iris.model_copy(update={"training": iris.training.model_copy(update={"batch_size": 4096})})
    monkeypatch.setattr("builder.ui.cost.usable_bytes", lambda: 400_000)
    app = panel(totals, large)
    assert "needs about" in app.warning[0].value and "has 400" in app.warning[0].value
    app.button(key="fit_batch").click().run()
    assert not app.exception and not app.warning
    size = saved().training.batch_size
    assert check(saved(), prepare(iris.data).facts).memory_bytes <= 400_000
    twice = saved().training.model_copy(update={"batch_size": 2 * size})
    assert check(iris.model_copy(update={"training": twice}), prepare(iris.data).facts).memory_bytes > 400_000


def test_what_was_measured_counts_more_than_the_estimate():
    project = stacked(Linear(out_features=16, activation=ReLU()), Linear(), batch_size=16)
    report = check(project, facts_of())
    assert misfit(project, report, None, 10**9) is None and misfit(project, report, None, None) is None
    assert misfit(project, report, FOUND, 4_016_000) is None
    found = misfit(project, report, FOUND, 4_008_000)  # 4,000,000 for any batch, 1,000 for each row
    assert found.batch_size == 8
    assert found.message == (
        "Training at batch size 16 needs 4.0 MB of memory; this machine has 4.0 MB left for it. "
        "Choose a smaller batch size."
    )


def test_a_model_that_fits_at_no_batch_size_is_told_so():
    project = stacked(Linear(), batch_size=16)
    found = misfit(project, check(project, facts_of()), FOUND, 3_000_000)
    assert found.batch_size is None and "not even one row would fit" in found.message


def test_times_have_the_unit_that_fits_them():
    assert [time_text(seconds) for seconds in (0.0042, 0.9, 2.0, 80.0)] == ["4.2 ms", "900 ms", "2.0 s", "1 min 20 s"]


def test_the_batch_itself_grows_with_its_rows_and_is_not_taken_for_a_fixed_need():
    project, facts = stacked(Flatten(), Linear(), batch_size=32768), facts_of((3, 224, 224))
    found = misfit(project, check(project, facts), None, 4_000_000_000)
    assert found.batch_size == 4096  # 602,112 bytes a row
