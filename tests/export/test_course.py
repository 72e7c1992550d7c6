"""A script says what its run did otherwise."""

import pytest

from builder.catalogue.regularization import EarlyStopping
from builder.export.source.course import unlike_the_run
from builder.runs.events import EventWriter
from builder.runs.folder import RunFolder
from builder.spec.training import TrainingSpec


def ended(path, steps: int, measured: int, epochs: int = 50) -> RunFolder:
    """After so many steps, four to an epoch."""
    folder = RunFolder(path)
    with EventWriter(folder) as events:
        events.plan(epochs, 4, 60)
        for step in range(1, steps + 1):
            events.step(step, step / 4, 1.0, 0.1 * step)
        for epoch in range(1, measured + 1):
            events.epoch({"epoch": epoch, "step": 4 * epoch})
    return folder


def training(**settings) -> TrainingSpec:
    return TrainingSpec(loss={"kind": "CrossEntropy"}, epochs=50, **settings)


@pytest.mark.parametrize(("steps", "measured", "at"), [(10, 2, 3), (12, 2, 3), (2, 1, 1), (200, 49, 50)])
def test_of_a_run_that_was_stopped_it_says_that_it_trains_on(steps, measured, at, tmp_path):
    said = unlike_the_run(ended(tmp_path, steps, measured), training(regularization=(EarlyStopping(),)))
    assert f"The run was stopped in epoch {at} of 50; this script trains all of them" in said


def test_of_a_run_with_a_time_budget_it_says_that_it_has_its_own(tmp_path):
    said = unlike_the_run(ended(tmp_path, 10, 2), training(time_budget_min=5))
    assert "ended in epoch 3 of 50, stopped or out of time" in said and "its own\ntime budget" in said


def test_of_a_run_that_came_to_its_end_it_says_nothing(tmp_path):
    assert unlike_the_run(ended(tmp_path / "all", 200, 50), training()) == ""
    given_up = ended(tmp_path / "given up", 40, 10)
    assert unlike_the_run(given_up, training(regularization=(EarlyStopping(),))) == ""
    assert unlike_the_run(RunFolder(tmp_path / "without events"), training()) == ""
