"""Curves of a run."""

import base64
import json

import numpy as np

from builder.runs.events import STEP, Events
from builder.ui.curves import best_epoch, curve_layout, loss_traces, metric_traces
from builder.ui.live_run import progress, time_left

PLAN = {"epochs": 4, "steps_per_epoch": 10, "train_rows": 100}


def events(steps: int, epochs: int = 2) -> Events:
    number = np.arange(1, steps + 1)
    array = np.zeros(steps, STEP)
    array["step"], array["epoch"], array["loss"], array["elapsed_s"] = number, number / 10, 1 / number, number * 0.5
    rows = [
        {
            "epoch": e,
            "train": {"loss": 1 / e, "Accuracy": 0.5},
            "validation": {"loss": 2 / e, "Accuracy": 0.4},
            "is_best": e < 3,
        }
        for e in range(1, epochs + 1)
    ]
    return Events(array, rows)


def numbers(packed: dict) -> np.ndarray:
    return np.frombuffer(base64.b64decode(packed["bdata"]), packed["dtype"])


def test_a_million_steps_are_sent_in_less_than_100_kilobytes():
    many = events(1_000_000, epochs=5_000)
    sent = json.dumps([*loss_traces(many, 0.6), *metric_traces(many, ["Accuracy"]), curve_layout(many, "run")])
    assert len(sent) < 100_000


def test_curves_carry_the_figures_of_the_run():
    each, training, validation = loss_traces(events(20), 0.5)
    assert numbers(each["y"]).tolist() == np.float32(1 / np.arange(1, 21)).tolist()
    assert len(numbers(training["x"])) == 20
    assert numbers(validation["x"]).tolist() == [1, 2] and numbers(validation["y"]).tolist() == [2, 1]


def test_without_smoothing_each_step_is_drawn_once():
    assert [trace["name"] for trace in loss_traces(events(5), 0)] == ["Training", "Validation"]


def test_a_metric_that_was_not_measured_is_an_empty_curve():
    assert len(numbers(metric_traces(events(5), ["F1"])[0]["x"])) == 0


def test_the_last_epoch_that_was_best_is_marked():
    layout = curve_layout(events(40, epochs=4), "run")
    assert best_epoch(events(40, epochs=4))["epoch"] == 2
    assert layout["shapes"][0]["x0"] == 2 and layout["annotations"][0]["text"] == "best: epoch 2"
    assert "shapes" not in curve_layout(events(5, epochs=0), "run")


def test_zoom_is_kept_from_update_to_update_but_not_from_scale_to_scale():
    first, later, log = (
        curve_layout(events(5), "r"),
        curve_layout(events(20), "r"),
        curve_layout(events(5), "r", is_log=True),
    )
    assert first["uirevision"] == later["uirevision"] == log["uirevision"]
    assert first["yaxis"]["uirevision"] == later["yaxis"]["uirevision"] != log["yaxis"]["uirevision"]


def test_progress_and_time_left_follow_the_plan():
    assert progress(events(10), PLAN) == 0.25
    assert time_left(events(10), PLAN) == 15.0
    assert progress(events(0), PLAN) == 0.0 and time_left(events(0), PLAN) is None
    assert progress(events(10), None) == 0.0
