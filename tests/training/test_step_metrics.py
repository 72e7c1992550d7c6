"""Metrics of each step are torchmetrics' on the batch, and lie beside the steps whatever happens to the writer."""

import numpy as np
import pytest

from builder.catalogue.activations import ReLU
from builder.catalogue.layers import Linear
from builder.catalogue.losses import MSE
from builder.catalogue.metrics import F1, MAE, RMSE, Accuracy
from builder.catalogue.optimizers import SGD
from builder.runs.events import EventReader, EventWriter
from builder.runs.folder import RunFolder
from tests.projects import stacked
from tests.training.examples import Notes, trainer_of


class Figures(Notes):
    def __init__(self):
        super().__init__()
        self.figures: list[dict[str, float]] = []

    def measured(self, figures: dict[str, float]) -> None:
        assert len(self.figures) == len(self.losses)  # before its step
        self.figures.append(figures)


def figures_of(task: str, **training) -> Figures:
    notes = Figures()
    hidden = Linear(out_features=8, activation=ReLU())
    trainer_of(stacked(hidden, Linear(), **{"epochs": 2, "batch_size": 16} | training), task, notes).run()
    return notes


def test_the_mean_squared_error_of_a_step_is_its_loss():
    notes = figures_of("regression", loss=MSE(), metrics=(RMSE(), MAE()), step_metrics=True, optimizer=SGD(lr=0.01))
    assert [figures["RMSE"] for figures in notes.figures] == pytest.approx(
        [loss**0.5 for loss in notes.losses], rel=1e-5
    )


def test_only_means_over_rows_are_measured_at_each_step():
    notes = figures_of("multiclass", metrics=(F1(), Accuracy()), step_metrics=True)
    assert len(notes.figures) == 8 and all(figures.keys() == {"Accuracy"} for figures in notes.figures)


@pytest.mark.parametrize("training", [{"metrics": (Accuracy(),)}, {"metrics": (F1(),), "step_metrics": True}, {}])
def test_nothing_is_measured_where_nothing_is_asked_for(training):
    assert figures_of("multiclass", **training).figures == []


@pytest.fixture
def folder(tmp_path) -> RunFolder:
    return RunFolder(tmp_path / "run")


def write(folder: RunFolder, first: int, last: int, after_step: int = 0, names=("Accuracy", "MAE")) -> None:
    with EventWriter(folder, after_step) as events:
        events.plan(1, last, 10, names)
        for step in range(first, last + 1):
            events.measured({"Accuracy": step / 100, "MAE": -step})
            events.step(step, step / 10, 1.0, step)


def test_they_are_read_beside_the_steps(folder):
    reader = EventReader(folder)
    assert reader.read().step_metrics == {}
    write(folder, 1, 3)
    found = reader.read().step_metrics
    assert found["Accuracy"].tolist() == [0.01, 0.02, 0.03] and found["MAE"].tolist() == [-1, -2, -3]


def test_what_comes_after_a_checkpoint_is_written_anew_and_a_reader_notices(folder):
    reader = EventReader(folder)
    write(folder, 1, 6)
    assert len(reader.read().step_metrics["MAE"]) == 6
    write(folder, 4, 5, after_step=3)
    assert reader.read().step_metrics["MAE"].tolist() == [-1, -2, -3, -4, -5]


@pytest.mark.parametrize("torn", [0, 5, 8, 17, 30])
def test_figures_that_a_killed_writer_left_out_are_unknown_and_later_ones_stand_in_their_place(folder, torn):
    write(folder, 1, 3)
    folder.step_metrics.write_bytes(folder.step_metrics.read_bytes()[:torn])
    write(folder, 4, 4, after_step=3)
    found = EventReader(folder).read().step_metrics["MAE"]
    whole = np.array([-1.0, -2, -3])[: torn // 16]
    assert np.array_equal(found, [*whole, *[np.nan] * (3 - len(whole)), -4], equal_nan=True)


def test_figures_of_a_step_that_is_not_written_yet_are_not_shown(folder):
    write(folder, 1, 3)
    with open(folder.step_metrics, "ab") as file:
        file.write(np.array([0.9, 9.0]).tobytes())
    assert EventReader(folder).read().step_metrics["MAE"].tolist() == [-1, -2, -3]
