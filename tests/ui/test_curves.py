"""Curves of a run."""

import base64
import json

import numpy as np
import pytest

from builder.runs.events import STEP, Events
from builder.runs.folder import RunFolder
from builder.runs.followed import FollowedRun
from builder.runs.growing import View
from builder.ui.chart_axis import axis_of
from builder.ui.curve_figure import curve_layout, packed_curves
from builder.ui.curves import (
    DrawnRun,
    Frame,
    best_epoch,
    compared_losses,
    compared_metrics,
    loss_traces,
    metric_traces,
)
from builder.ui.live_run import progress, time_left

PLAN = {"epochs": 4, "steps_per_epoch": 10, "train_rows": 100}
EPOCHS, STEPS, TIME = axis_of("epoch", 0), axis_of("step", 0), axis_of("elapsed_s", 20)
LARGEST_UPDATE_BYTES = 100_000


def events(steps: int, epochs: int = 2) -> Events:
    number = np.arange(1, steps + 1)
    array = np.zeros(steps, STEP)
    array["step"], array["epoch"], array["loss"], array["elapsed_s"] = number, number / 10, 1 / number, number * 0.5
    rows = [
        {
            "epoch": e,
            "step": 10 * e,
            "elapsed_s": 5.0 * e,
            "train": {"loss": 1 / e, "Accuracy": 0.5},
            "validation": {"loss": 2 / e, "Accuracy": 0.4},
            "is_best": e < 3,
        }
        for e in range(1, epochs + 1)
    ]
    return Events(array, rows)


@pytest.fixture
def drawn(tmp_path):
    """A run with so many steps and epochs, as it is on disk."""

    def made(steps: int, epochs: int = 2, name: str = "Run 1", measured: bool = False, **looks) -> DrawnRun:
        folder, known = RunFolder(tmp_path / name), events(steps, epochs)
        folder.path.mkdir()
        folder.steps.write_bytes(known.steps.tobytes())
        folder.plan.write_text(json.dumps(PLAN | {"step_metrics": ["Accuracy"] if measured else []}))
        if measured:
            folder.step_metrics.write_bytes((known.steps["step"] / 1000).tobytes())
        folder.epochs.write_text("".join(json.dumps(row) + "\n" for row in known.epochs))
        followed = FollowedRun(folder)
        return DrawnRun(name, followed, followed.read(), **looks)

    return made


def sent(traces: list[dict], frame: Frame) -> str:
    """What the browser gets."""
    return json.dumps([*packed_curves(traces, frame.view), curve_layout(traces, frame, "run")])


def unpacked(packed: dict) -> np.ndarray:
    """As the browser reads it."""
    return np.frombuffer(base64.b64decode(packed["bdata"]), packed["dtype"]).astype(float) + packed.get("base", 0)


def test_a_million_steps_are_sent_in_less_than_100_kilobytes_zoomed_or_not(drawn):
    many = drawn(1_000_000, epochs=5_000, measured=True)
    for view in (None, View(0, 100_000), View(50_000, 50_100), View(100, 4_900)):
        frame = Frame(EPOCHS, view)
        traces = [*loss_traces(many, frame, 0.6), *metric_traces(many, frame, ["Accuracy", "F1", "Recall"], 0.6)]
        assert len(sent(traces, frame)) < LARGEST_UPDATE_BYTES


def test_six_compared_runs_are_sent_in_less_than_100_kilobytes(drawn):
    runs = [drawn(20_000, epochs=2_000, name=f"Run {number}") for number in range(6)]
    frame = Frame(EPOCHS, View(100, 1_900))
    traces = [*compared_losses(runs, frame, 0.6), *compared_metrics(runs, frame, ["Accuracy", "loss"])]
    assert len(sent(traces, frame)) < LARGEST_UPDATE_BYTES


def test_a_zoom_shows_every_step_of_what_is_in_view_and_an_outline_of_the_rest(drawn):
    many = drawn(1_000_000)
    view = View(50_000, 50_100)
    each = packed_curves(loss_traces(many, Frame(EPOCHS, view), 0.6), view)[0]
    x, y = unpacked(each["x"]), unpacked(each["y"])
    in_view = (x >= 50_000) & (x <= 50_100)
    expected = np.arange(500_000, 501_001)
    np.testing.assert_allclose(x[in_view], expected / 10, rtol=0, atol=1e-5)
    assert y[in_view].tolist() == np.float32(1 / expected).tolist()
    assert x[0] == pytest.approx(0.1, abs=0.01) and x[-1] == pytest.approx(100_000) and 100 < (~in_view).sum() < 400


def test_curves_carry_the_figures_of_the_run(drawn):
    each, training, validation = loss_traces(drawn(20), Frame(EPOCHS), 0.5)
    assert each["y"].tolist() == (1 / np.arange(1, 21)).tolist()
    assert len(training["x"]) == 20
    assert validation["x"].tolist() == [1, 2] and validation["y"].tolist() == [2, 1]


def test_the_horizontal_axis_is_of_epochs_steps_or_time(drawn):
    run = drawn(20)
    placed = [loss_traces(run, Frame(axis), 0)[1]["x"].tolist() for axis in (EPOCHS, STEPS, TIME)]
    assert placed == [[1, 2], [10, 20], [5, 10]]
    assert [axis.title for axis in (EPOCHS, STEPS, TIME)] == ["Epoch", "Step", "Training time (s)"]


def test_a_long_training_is_drawn_in_minutes_or_hours(drawn):
    assert axis_of("elapsed_s", 600).title == "Training time (min)"
    assert axis_of("elapsed_s", 7 * 3600).title == "Training time (h)"
    minutes = Frame(axis_of("elapsed_s", 600), View(1, 2))
    x = loss_traces(drawn(1000), minutes, 0)[0]["x"]
    assert np.isclose(x, 1.5).any() and x.max() == pytest.approx(500 / 60)


def test_a_forked_run_begins_in_time_where_its_parent_had_got_to(drawn):
    forked = drawn(20, before_s=100.0)
    assert loss_traces(forked, Frame(TIME), 0)[1]["x"].tolist() == [105, 110]
    assert loss_traces(forked, Frame(STEPS), 0)[1]["x"].tolist() == [10, 20]


def test_without_smoothing_each_step_is_drawn_once(drawn):
    assert [trace["name"] for trace in loss_traces(drawn(5), Frame(EPOCHS), 0)] == ["Training", "Validation"]


def test_a_metric_that_was_not_measured_is_an_empty_curve(drawn):
    assert len(metric_traces(drawn(5), Frame(EPOCHS), ["F1"], 0.6)[0]["x"]) == 0


def test_a_metric_that_was_measured_at_each_step_is_drawn_so_too(drawn):
    traces = metric_traces(drawn(20, measured=True), Frame(STEPS), ["Accuracy", "F1"], 0.0)
    assert [trace["name"].split(", ")[1] for trace in traces] == [
        "each step",
        "validation",
        "training",
        "validation",
        "training",
    ]
    assert (traces[0]["x"].tolist(), traces[0]["y"].tolist()) == (list(range(1, 21)), [s / 1000 for s in range(1, 21)])
    assert traces[0]["line"]["color"] == traces[1]["line"]["color"]


def test_of_compared_runs_training_is_thin_validation_thick_and_each_has_one_colour_and_one_name(drawn):
    runs = [drawn(20, name="Run 1", color="blue"), drawn(30, name="Run 2", color="red")]
    traces = compared_losses(runs, Frame(EPOCHS), 0.6)
    assert [trace["line"]["color"] for trace in traces] == ["blue", "blue", "red", "red"]
    assert [trace["name"] for trace in traces if trace.get("showlegend", True)] == ["Run 1", "Run 2"]
    assert traces[0]["line"]["width"] < traces[1]["line"]["width"]
    assert [trace["legendgroup"] for trace in traces] == ["Run 1", "Run 1", "Run 2", "Run 2"]
    assert [trace.get("zorder", 0) for trace in traces] == [1, 1, 0, 0]


def test_several_metrics_of_compared_runs_are_told_apart_and_those_not_measured_left_out(drawn):
    runs = [drawn(20, name="Run 1"), drawn(20, name="Run 2")]
    traces = compared_metrics(runs, Frame(EPOCHS), ["Accuracy", "loss", "F1"])
    named = [trace["name"] for trace in traces if trace.get("showlegend", True)]
    assert named == ["Run 1, Accuracy", "Run 2, Accuracy", "Run 1, loss", "Run 2, loss"]
    assert [trace["line"]["dash"] for trace in traces] == ["solid"] * 4 + ["dash"] * 4


def test_the_last_epoch_that_was_best_is_known(drawn):
    assert best_epoch(drawn(40, epochs=4).events)["epoch"] == 2


def test_zoom_is_kept_from_update_to_update_but_not_from_scale_to_scale():
    first, log = (curve_layout([], Frame(EPOCHS), "r", is_log=is_log) for is_log in (False, True))
    assert first["uirevision"] == log["uirevision"]
    assert first["yaxis"]["uirevision"] != log["yaxis"]["uirevision"]


@pytest.mark.parametrize(("is_log", "expected"), [(False, (0.95, 2.05)), (True, (2**-0.05, 2**1.05))])
def test_the_height_fits_what_is_in_view_and_not_what_is_beside_it(is_log, expected):
    curves = [
        {"x": np.array([1, 5, 6, 9.0]), "y": np.array([100, 1, 2, 1e-3])},
        {"x": np.array([6.0]), "y": np.array([np.nan])},
    ]
    options = curve_layout(curves, Frame(EPOCHS, View(4, 7)), "r", is_log=is_log)["yaxis"]["autorangeoptions"]
    assert (options["clipmin"], options["clipmax"]) == pytest.approx(expected)
    assert "autorangeoptions" not in curve_layout(curves, Frame(EPOCHS), "r")["yaxis"]
    assert "autorangeoptions" not in curve_layout(curves, Frame(EPOCHS, View(2, 3)), "r")["yaxis"]


def test_progress_and_time_left_follow_the_plan():
    assert progress(events(10), PLAN) == 0.25
    assert time_left(events(10), PLAN) == 15.0
    assert progress(events(0), PLAN) == 0.0 and time_left(events(0), PLAN) is None
    assert progress(events(10), None) == 0.0


def test_no_more_time_is_left_than_the_budget_leaves():
    spent = float(events(10).steps["elapsed_s"][-1])
    assert time_left(events(10), PLAN, budget_min=(spent + 4) / 60) == pytest.approx(4.0)
    assert time_left(events(10), PLAN, budget_min=1000) == 15.0
    assert time_left(events(10), PLAN, budget_min=spent / 120) == 0.0


def test_the_time_left_of_a_forked_run_is_of_its_own_pace():
    steps = events(20).steps[10:].copy()  # steps 11 to 20 of 40
    steps["elapsed_s"] -= 5.0
    assert time_left(Events(steps, []), PLAN) == pytest.approx(10.0)
