"""Averaged weights are those of torch and of means taken by hand, and they are what is judged and kept."""

from copy import deepcopy

import pytest
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from builder.catalogue.activations import ReLU
from builder.catalogue.layers import BatchNorm1d, Linear
from builder.catalogue.optimizers import SGD
from builder.catalogue.regularization import EMA, SWA, EarlyStopping
from builder.catalogue.schedulers import CosineDecay
from builder.check.planned_rates import planned
from builder.nn.averaging import MovingAverage
from builder.training.loop import Trainer
from builder.training.starting import forked
from tests.projects import stacked
from tests.training.examples import Notes, trainer_of

LAYERS = (BatchNorm1d(), Linear(out_features=6, activation=ReLU()), BatchNorm1d(), Linear())
KEEPS_LAST = EarlyStopping(restore_best=False)


def project_with(*regularization, **training):
    settings = {"epochs": 6, "batch_size": 15, "optimizer": SGD(lr=0.2)} | training
    return stacked(*LAYERS, regularization=regularization, **settings)


class Follower(Notes):
    """Calls back with the model that trains, after each step or each epoch."""

    def __init__(self, after_step=None, after_epoch=None):
        super().__init__()
        self.after_step, self.after_epoch = after_step, after_epoch

    def step(self, *told) -> None:
        super().step(*told)
        if self.after_step:
            self.after_step(self.model)

    def epoch(self, record: dict) -> None:
        super().epoch(record)
        if self.after_epoch:
            self.after_epoch(self.model)


def followed(project, **calls):
    follower = Follower(**calls)
    trainer = trainer_of(project, notes=follower)
    follower.model = trainer.model
    return trainer, follower


def numbers(state: dict) -> dict[str, torch.Tensor]:
    """All but the counts of batches, which no answer rests on."""
    return {name.removeprefix("module."): value.clone() for name, value in state.items() if value.is_floating_point()}


def assert_same(state: dict, expected: dict) -> None:
    assert state.keys() == expected.keys()
    for name in state:
        torch.testing.assert_close(state[name], expected[name], atol=1e-6, rtol=1e-5, msg=name)


def test_a_moving_average_without_warm_up_is_torchs():
    trainer, follower = followed(project_with(EMA(decay=0.8, warm_up=False), KEEPS_LAST))
    theirs = AveragedModel(trainer.model, multi_avg_fn=get_ema_multi_avg_fn(0.8), use_buffers=True)
    follower.after_step = theirs.update_parameters
    trainer.run()
    assert int(theirs.n_averaged) == trainer.position.step == 24
    assert_same(numbers(trainer.model.state_dict()), numbers(theirs.module.state_dict()))


def test_a_warm_up_forgets_the_first_weights_as_tensorflow_does():
    model = nn.Linear(1, 1, bias=False)
    average, expected = MovingAverage(model, 0.9, warm_up=True), None
    for number in range(1, 200):
        with torch.no_grad():
            model.weight.fill_(number**0.5)
        average.update()
        decay = min(0.9, number / (number + 9))  # (1 + updates so far) / (10 + updates so far)
        expected = number**0.5 if expected is None else decay * expected + (1 - decay) * number**0.5
    assert average.module.weight.item() == pytest.approx(expected, rel=1e-5)


def test_a_mean_over_epochs_is_the_mean_and_its_normalization_is_measured_anew():
    passed: list[dict] = []
    project = project_with(SWA(start=0.5), KEEPS_LAST, batch_size=60)
    trainer, _ = followed(project, after_epoch=lambda model: passed.append(numbers(model.state_dict())))
    trainer.run()
    state, rows = trainer.model.state_dict(), trainer.examples.features[trainer.examples.train_rows]
    for name, _ in trainer.model.named_parameters():
        mean = torch.stack([weights[name] for weights in passed[3:]]).mean(0)
        torch.testing.assert_close(state[name], mean, atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(state["batchnorm1d_1.running_mean"], rows.mean(0))
    torch.testing.assert_close(state["batchnorm1d_1.running_var"], rows.var(0))
    normalized = (rows - rows.mean(0)) / (rows.var(0, unbiased=False) + 1e-5).sqrt()
    first = normalized * state["batchnorm1d_1.weight"] + state["batchnorm1d_1.bias"]
    hidden = (first @ state["linear_1.weight"].T + state["linear_1.bias"]).relu()
    torch.testing.assert_close(state["batchnorm1d_2.running_mean"], hidden.mean(0), atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(state["batchnorm1d_2.running_var"], hidden.var(0), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("averaging", [EMA(decay=0.5), SWA(start=0.5)], ids=lambda item: item.kind)
def test_validation_best_epoch_and_kept_weights_are_of_the_average(averaging):
    notes = Notes()
    trainer = trainer_of(project_with(averaging, epochs=12), notes=notes)
    best = trainer.run()
    first = 7 if isinstance(averaging, SWA) else 1
    figures = {record["epoch"]: record["validation"]["loss"] for record in notes.epochs if record["epoch"] >= first}
    assert best.epoch == min(figures, key=figures.get) and best.value == figures[best.epoch]
    assert trainer.evaluate(trainer.examples.validation_rows)["loss"] == best.value
    plain = Notes()
    trainer_of(project_with(epochs=12), notes=plain).run()
    assert notes.losses == plain.losses, "the weights that train are not touched"
    before = [record["validation"] for record in plain.epochs[: first - 1]]
    assert [record["validation"] for record in notes.epochs[: first - 1]] == before
    assert notes.epochs[-1]["validation"] != plain.epochs[-1]["validation"]


@pytest.mark.parametrize(
    ("start", "epochs", "first"), [(0.75, 50, 38), (0.75, 4, 4), (0.29, 100, 30), (0.0, 10, 1), (0.99, 10, 10), (0.5, 1, 1)]
)  # fmt: skip
def test_averaging_begins_after_its_share_of_the_epochs(start, epochs, first):
    assert SWA(start=start).first_epoch(epochs) == first


def test_early_stopping_waits_until_there_is_an_average(monkeypatch):
    notes = Notes()
    stopping = EarlyStopping(patience=2)
    trainer = trainer_of(project_with(SWA(start=0.5), stopping, epochs=12), notes=notes)
    figures = iter([1, 2, 3, 4, 5, 6, 9, 8, 8, 8, 0, 0])
    monkeypatch.setattr(trainer, "evaluate", lambda rows: {"loss": next(figures)})
    trainer.run()
    assert len(notes.epochs) == 10 and trainer.best.epoch == 8 and trainer.best.value == 8


@pytest.mark.parametrize("scheduler", [None, CosineDecay()], ids=["constant", "cosine"])
def test_the_learning_rate_is_held_while_averaging(scheduler):
    notes = Notes()
    schedule = {"scheduler": scheduler} if scheduler else {}
    project = project_with(SWA(start=0.5, lr=0.07), epochs=4, **schedule)
    trainer_of(project, notes=notes).run()
    rates = [record["lr"] for record in notes.epochs]
    assert rates[2:] == [0.07, 0.07] and rates[1] != 0.07
    last_steps = [3, 7, 11, 15]
    assert planned(project.training, 60, last_steps) == rates, "the curve shows what will be"


def test_a_rate_asked_for_by_hand_while_one_is_held_has_the_last_word():
    trainer = trainer_of(project_with(SWA(start=0.5, lr=0.07), epochs=4))
    trainer.rates.plan({2: 0.5, 10: 0.01})
    rates = []
    for step in range(16):
        trainer.rates.set_for(step)
        rates.append(trainer.rates.latest)
    assert rates == [0.2] * 2 + [0.5] * 6 + [0.07] * 2 + [0.01] * 6


class Kept(Notes):
    """Keeps the state of the training after each epoch."""

    def __init__(self):
        super().__init__()
        self.states: list[dict] = []

    def could_save(self, trainer, *, must: bool = False) -> None:
        if trainer.position.batch == 0:
            self.states.append(deepcopy(trainer.state()))


def forked_after(epoch: int, parent, child) -> Trainer:
    """A training by the settings of `child` from where `parent` stood after this epoch."""
    kept, notes = Kept(), Notes()
    trainer_of(parent, notes=kept).run()
    trainer = trainer_of(child, notes=notes)
    trainer.restore(forked(kept.states[epoch - 1], parent.training, trainer))
    notes.losses = [0.0] * trainer.position.step
    return trainer


def test_a_fork_that_averages_compares_averages_alone():
    trainer = forked_after(4, project_with(epochs=6), project_with(EMA(decay=0.9), epochs=6))
    assert trainer.position.epoch == 5 and trainer.best.epoch == 0
    assert trainer.run().epoch in (5, 6)


def test_a_run_that_is_continued_goes_on_with_its_moving_average():
    settings = [project_with(EMA(decay=0.9, warm_up=False), KEEPS_LAST, epochs=epochs) for epochs in (3, 8)]
    trainer, whole = forked_after(3, *settings), trainer_of(settings[1])
    trainer.run(), whole.run()
    assert_same(trainer.model.state_dict(), whole.model.state_dict())


def test_a_run_that_is_continued_takes_the_mean_over_the_end_of_the_longer_training():
    settings = [project_with(SWA(start=0.5), KEEPS_LAST, epochs=epochs) for epochs in (4, 8)]
    trainer, whole = forked_after(4, *settings), trainer_of(settings[1])
    trainer.run(), whole.run()
    assert_same(trainer.model.state_dict(), whole.model.state_dict())
