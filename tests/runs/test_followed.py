"""A run as its viewers follow it."""

import numpy as np
import pandas as pd
import pytest

from builder.runs.events import EventWriter
from builder.runs.folder import RunFolder
from builder.runs.followed import FollowedRun, worth_drawing
from builder.runs.growing import View


@pytest.fixture
def folder(tmp_path) -> RunFolder:
    return RunFolder(tmp_path)


def log(folder: RunFolder, first: int, last: int, after: int = 0) -> None:
    """Ten steps an epoch; the loss of a step is its number."""
    with EventWriter(folder, after) as writer:
        for step in range(first, last + 1):
            writer.step(step, step / 10, step, step / 2)
            if step % 10 == 0:
                epoch = {"epoch": step // 10, "step": step, "elapsed_s": step / 2}
                writer.epoch({**epoch, "train": {}, "validation": {"loss": step / 10}})


def test_curves_grow_with_the_run(folder):
    followed = FollowedRun(folder)
    log(folder, 1, 20)
    followed.read()
    assert followed.of_steps("step", None, 100)[1].tolist() == list(range(1, 21))
    log(folder, 21, 35, after=20)
    followed.read()
    assert followed.of_steps("step", None, 100)[1].tolist() == list(range(1, 36))
    x, y = followed.of_epochs("validation", "loss", "elapsed_s", None, 100)
    assert (x.tolist(), y.tolist()) == ([5, 10, 15], [1, 2, 3])


def test_smoothing_that_grows_agrees_with_pandas(folder):
    followed = FollowedRun(folder)
    for first in range(1, 1000, 37):
        log(folder, first, first + 36, after=first - 1)
        followed.read()
        followed.of_steps("step", None, 100, smoothing=0.9)
    smoothed = followed.of_steps("step", None, 10_000, smoothing=0.9)[1]
    expected = pd.Series(np.arange(1.0, len(smoothed) + 1)).ewm(alpha=0.1, adjust=True).mean()
    assert len(smoothed) > 900 and np.allclose(smoothed, expected, rtol=1e-10)


@pytest.mark.parametrize("last", [15, 30, 60])
def test_a_run_that_goes_back_to_an_earlier_step_is_read_anew(folder, last):
    followed = FollowedRun(folder)
    log(folder, 1, 30)
    followed.read()
    followed.of_steps("step", None, 100, smoothing=0.5)
    with EventWriter(folder, 10) as writer:
        for step in range(11, last + 1):
            writer.step(step, step / 10, -step, step)
    followed.read()
    assert followed.of_steps("step", None, 100)[1].tolist() == [*range(1, 11), *range(-11, -last - 1, -1)]


def test_metrics_of_steps_grow_and_are_read_anew_with_them(folder):
    followed = FollowedRun(folder)
    for after, last in ((0, 20), (20, 40), (30, 50)):
        with EventWriter(folder, after) as writer:
            writer.plan(5, 10, 100, ["Accuracy"])
            for step in range(after + 1, last + 1):
                writer.measured({"Accuracy": step / (100 + after)})
                writer.step(step, step / 10, 1.0, after + step)
        followed.read()
        drawn = followed.of_steps("step", None, 100, name="Accuracy")[1]
    assert drawn.tolist() == [
        *(s / 100 for s in range(1, 21)),
        *(s / 120 for s in range(21, 31)),
        *(s / 130 for s in range(31, 51)),
    ]


def test_a_figure_that_was_never_measured_is_an_empty_curve(folder):
    log(folder, 1, 20)
    followed = FollowedRun(folder)
    followed.read()
    assert len(followed.of_epochs("validation", "F1", "epoch", None, 100)[0]) == 0


def test_a_live_curve_is_drawn_anew_only_when_that_can_be_seen():
    x = np.arange(1_000_000.0)
    assert worth_drawing(x[:500], None) == 500
    whole = {worth_drawing(x[:total], None) for total in range(900_000, 1_000_000, 250)}
    assert 50 < len(whole) < 150, "each about a thousandth longer"
    zoomed = {worth_drawing(x[:total], View(1_000, 2_000)) for total in range(900_000, 1_000_000, 250)}
    assert len(zoomed) <= 5, "what is out of view grows unseen"
    assert worth_drawing(x[:999_999], View(999_000, 1_100_000)) > 999_000
