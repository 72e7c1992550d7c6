"""A recorded step gives autograd's own bits, for layers of all families, and a model that it would not give them for is
trained by autograd; the fused kernels give torch's own steps."""

import pytest
import torch
import torch._inductor
from torch import nn

from builder.catalogue.activations import GELU, ReLU
from builder.catalogue.layers import (
    GRU,
    LSTM,
    BatchNorm1d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    LayerNorm,
    Linear,
    MaxPool2d,
    Reshape,
    TransformerEncoderLayer,
)
from builder.catalogue.losses import MSE, CrossEntropy
from builder.catalogue.optimizers import SGD, Adam, AdamW
from builder.catalogue.regularization import EMA, GradientClipping, L2Penalty, MaxNorm
from builder.training import recorded
from builder.training.fused import Fused, fused_of
from builder.training.loop import Trainer
from builder.training.recorded import Recorder
from tests.projects import facts_of, stacked
from tests.training.examples import MadeExamples, Notes

HIDDEN = Linear(out_features=8, activation=ReLU())
MODELS = {
    "dense": [HIDDEN, BatchNorm1d(), Dropout(p=0.3), Linear(out_features=5, activation=GELU()), LayerNorm(), Linear()],
    "images": [Reshape(shape=(1, 2, 2)), Conv2d(out_channels=4, kernel_size=(2, 2), padding="same", activation=ReLU()), BatchNorm2d(), MaxPool2d(kernel_size=(2, 2)), Flatten(), Linear()],
    "series": [Reshape(shape=(4, 1)), LSTM(hidden_size=6, output="all"), GRU(hidden_size=5), Linear()],
    "transformer": [Reshape(shape=(4, 1)), Linear(out_features=8), TransformerEncoderLayer(nhead=2, dropout=0.1), Flatten(), Linear()],
}  # fmt: skip


def trained(project, facts, after: int, monkeypatch) -> tuple[list[float], dict, Trainer]:
    monkeypatch.setattr(recorded, "AFTER_BATCHES", after)
    examples = MadeExamples(facts.task)
    trainer = Trainer(project, facts, examples, notes := Notes())
    trainer.run()
    return notes.losses, trainer.model.state_dict(), trainer


def recordings(trainer: Trainer) -> list:
    return list(trainer.gradients._recorder._found.values())


@pytest.mark.parametrize("precision", ["float32", "mixed"])
@pytest.mark.parametrize("name", MODELS)
def test_a_recorded_training_has_autograds_bits(name, precision, monkeypatch):
    project = stacked(*MODELS[name], epochs=5, batch_size=16, precision=precision)
    losses, weights, trainer = trained(project, facts_of(), 2, monkeypatch)
    plain_losses, plain, _ = trained(project, facts_of(), 10**9, monkeypatch)
    if (name, precision) != ("series", "mixed"):  # whose kernel autocast takes apart otherwise each time
        assert len(recordings(trainer)) == 2 and all(recordings(trainer)), "whole batches, and the last one of an epoch"
    assert losses == plain_losses
    assert all(torch.equal(weights[key], plain[key]) for key in plain)


CHOICES = {
    "penalty, clipping, largest norm": {"regularization": (L2Penalty(weight=0.1), GradientClipping(max_norm=0.5), MaxNorm(max_norm=1.0))},
    "average of the weights": {"regularization": (EMA(),)},
    "class weights": {"loss": CrossEntropy(class_weights="balanced")},
    "SGD": {"optimizer": SGD(momentum=0.9, nesterov=True)},
    "Adam": {"optimizer": Adam(amsgrad=True, weight_decay=0.01)},
}  # fmt: skip


@pytest.mark.parametrize("name", CHOICES)
def test_what_is_done_with_the_gradients_stays_the_same(name, monkeypatch):
    project = stacked(HIDDEN, Linear(), **{"epochs": 5, "batch_size": 16} | CHOICES[name])
    losses, weights, trainer = trained(project, facts_of(), 2, monkeypatch)
    plain_losses, plain, _ = trained(project, facts_of(), 10**9, monkeypatch)
    assert all(recordings(trainer)) and losses == plain_losses
    assert all(torch.equal(weights[key], plain[key]) for key in plain)


def test_inputs_that_are_to_be_given_back_are_recorded_as_well(monkeypatch):
    project = stacked(HIDDEN, Linear(out_features=4), loss=MSE(), epochs=5, batch_size=16)
    examples, facts = MadeExamples("regression"), facts_of(task="reconstruction")
    examples.targets = examples.truth = examples.features
    monkeypatch.setattr(recorded, "AFTER_BATCHES", 2)
    trainer = Trainer(project, facts, examples, Notes())
    trainer.run()
    assert all(recordings(trainer))


class Looks(nn.Module):
    """Goes another way for values that it looks at, as no recording can."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 3)

    def forward(self, x):
        x = self.linear(x)
        return x if x.sum() > 0 else -x


class Counts(nn.Module):
    """Gives something else each time."""

    def __init__(self):
        super().__init__()
        self.linear, self.calls = nn.Linear(4, 3), 0

    def forward(self, x):
        self.calls += 1
        return self.linear(x) * self.calls


class Noisy(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear, self.norm = nn.Linear(4, 3), nn.BatchNorm1d(3)

    def forward(self, x):
        x = self.norm(self.linear(x))
        return x + torch.rand_like(x)


def record_of(model: nn.Module):
    torch.manual_seed(0)
    x, targets = torch.randn(8, 4), torch.randint(0, 3, (8,))
    return Recorder(model, model, nn.CrossEntropyLoss())._record(x, targets)


@pytest.mark.parametrize("kind", [Looks, Counts])
def test_a_model_that_no_recording_stands_for_is_left_to_autograd(kind):
    assert record_of(kind()) is None


def test_a_model_that_somebody_listens_to_is_left_to_autograd():
    model = nn.Sequential(nn.Linear(4, 3))
    model[0].register_forward_hook(lambda module, inputs, output: None)
    assert record_of(model) is None


def test_recording_changes_nothing_of_the_training():
    model = Noisy()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    weights = list(model.parameters())
    torch.manual_seed(0)
    torch.randn(8, 4), torch.randint(0, 3, (8,))
    random = torch.get_rng_state()
    assert record_of(model) is not None
    assert torch.equal(torch.get_rng_state(), random)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(ours is theirs for ours, theirs in zip(model.parameters(), weights, strict=True))
    assert all(weight.grad is None for weight in weights)


class Twice(nn.Module):
    """Two weights that have the same gradient."""

    def __init__(self):
        super().__init__()
        self.one, self.other = nn.Parameter(torch.ones(4)), nn.Parameter(torch.zeros(4))

    def forward(self, x):
        return x + self.one + self.other


def test_gradients_that_are_the_same_may_be_changed_one_by_one():
    model = Twice()
    x, targets = torch.randn(8, 4), torch.randint(0, 4, (8,))
    recording = Recorder(model, model, nn.CrossEntropyLoss())._record(x, targets)
    one, other = recording.play(x, targets).gradients
    assert torch.equal(one, other)
    one.zero_()
    assert other.abs().sum() > 0


def moved_by(make, *, is_fused: bool) -> list[torch.Tensor]:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    optimizer = make(model.parameters())
    stepper = fused_of(optimizer) if is_fused else optimizer
    assert isinstance(stepper, Fused) == is_fused
    for _ in range(5):
        optimizer.zero_grad()
        model(torch.randn(6, 4)).square().mean().backward()
        stepper.step()
    return [*model.parameters(), *(value for kept in optimizer.state.values() for value in kept.values())]


MAKERS = {
    "Adam": lambda weights: torch.optim.Adam(weights, weight_decay=0.1, fused=True),
    "AMSGrad": lambda weights: torch.optim.Adam(weights, amsgrad=True, fused=True),
    "AdamW": lambda weights: torch.optim.AdamW(weights, betas=(0.8, 0.9), fused=True),
    "SGD": lambda weights: torch.optim.SGD(weights, lr=0.1, weight_decay=0.1, fused=True),
    "momentum": lambda weights: torch.optim.SGD(weights, lr=0.1, momentum=0.9, nesterov=True, fused=True),
}


@pytest.mark.parametrize("name", MAKERS)
def test_a_fused_step_is_torchs(name):
    ours, torchs = (moved_by(MAKERS[name], is_fused=is_fused) for is_fused in (True, False))
    assert all(torch.equal(mine, theirs) for mine, theirs in zip(ours, torchs, strict=True))


def test_other_optimizers_step_by_themselves():
    weights = [nn.Parameter(torch.ones(2))]
    for optimizer in (torch.optim.NAdam(weights), torch.optim.AdamW(weights, fused=False)):
        assert fused_of(optimizer) is optimizer


def test_a_weight_without_a_part_in_the_loss_takes_no_step():
    weights = [nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(2))]
    stepper = fused_of(torch.optim.AdamW(weights, fused=True))
    for _ in range(3):
        weights[0].grad = torch.ones(2)
        stepper.step()
    assert (weights[0] < 1).all() and (weights[1] == 1).all()


def test_weights_that_are_read_back_are_stepped_on_from_there(monkeypatch):
    project = stacked(HIDDEN, Linear(), epochs=4, batch_size=16, optimizer=AdamW())
    losses, weights, _ = trained(project, facts_of(), 2, monkeypatch)
    for stop_at in (1, 7, 9):
        first = Trainer(project, facts_of(), MadeExamples(), Pausing(stop_at))
        first.run()
        second = Trainer(project, facts_of(), MadeExamples(), notes := After(stop_at))
        second.restore(first.state())
        second.run()
        assert notes.losses == losses[stop_at:]
        assert all(torch.equal(value, weights[name]) for name, value in second.model.state_dict().items())


class Pausing(Notes):
    def should_stop(self):
        return "pause" if len(self.losses) == self.stop_at else None


class After(Notes):
    def step(self, step: int, epoch: float, loss: float, elapsed_s: float) -> None:
        self.losses.append(loss)

    def should_stop(self):
        return None
