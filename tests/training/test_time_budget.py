"""A time budget ends a training after a batch, keeps the best weights and says so."""

import time

import pytest

from builder.catalogue.activations import ReLU
from builder.catalogue.layers import Linear
from builder.catalogue.regularization import EarlyStopping
from builder.training import session
from tests.projects import stacked
from tests.training.examples import Notes, trainer_of


@pytest.fixture
def clock(monkeypatch):
    """A clock that only steps advance, by a second each."""
    now = [0.0]
    monkeypatch.setattr("builder.training.loop.time", type("Clock", (), {"monotonic": staticmethod(lambda: now[0])}))
    return now


class Ticking(Notes):
    def __init__(self, clock: list[float]):
        super().__init__()
        self._clock = clock

    def step(self, *told) -> None:
        super().step(*told)
        self._clock[0] += 1


def ended(clock, seconds: float, epochs: int = 5, before_s: float = 0, **training):
    """Four steps to an epoch."""
    project = stacked(Linear(out_features=8, activation=ReLU()), Linear(), epochs=epochs, batch_size=16, time_budget_min=seconds / 60, **training)  # fmt: skip
    notes = Ticking(clock)
    trainer = trainer_of(project, notes=notes)
    trainer.started -= before_s
    best = trainer.run()
    return trainer, best, notes


@pytest.mark.parametrize(
    ("seconds", "steps", "measured", "told"),
    [
        (6, 6, 1, "The time budget of 0.1 min ended it in epoch 2 of 5; epoch 1 was the best."),
        (8, 8, 2, "The time budget of 0.133333 min ended it after epoch 2 of 5; epoch 2 was the best."),
        (3, 3, 1, "The time budget of 0.05 min ended it in epoch 1 of 5; epoch 1 was the best."),
        (20, 20, 5, ""),
    ],
)
def test_it_ends_after_the_batch_in_which_it_is_spent(clock, seconds, steps, measured, told):
    trainer, best, notes = ended(clock, seconds)
    assert len(notes.losses) == steps and len(notes.epochs) == measured and best.epoch
    trainer.best.epoch = int(told.split("; epoch ")[1][0]) if told else best.epoch  # which one was the best is chance
    assert session._why_early(trainer) == told


@pytest.mark.parametrize(("seconds", "told"), [(8, ""), (20, ""), (10, "It ended in the middle of epoch 3: the weights that are kept are those after epoch 2, the last whole one.")])  # fmt: skip
def test_where_the_last_weights_are_kept_a_part_of_an_epoch_is_not(clock, seconds, told):
    trainer, best, _ = ended(clock, seconds, regularization=(EarlyStopping(patience=50, restore_best=False),))
    assert session._which_kept(trainer) == told and best.kept_epoch == min(seconds // 4, 5)


def test_time_before_a_pause_counts(clock):
    _, _, notes = ended(clock, 6, before_s=4)
    assert len(notes.losses) == 2


def test_without_one_it_trains_to_the_last_epoch():
    notes = Notes()
    trainer = trainer_of(stacked(Linear(), epochs=3), notes=notes)
    began = time.monotonic()
    trainer.run()
    assert len(notes.epochs) == 3 and trainer.ran_out_at is None and trainer.started >= began - 60
