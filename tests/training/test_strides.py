"""Several steps in one call leave the bits of as many steps one by one, tell the same, and stop at the step that breaks."""

import pytest
import torch
import torch._inductor
from torch import nn

from builder.catalogue.layers import BatchNorm1d, Dropout, Linear
from builder.catalogue.losses import MSE
from builder.catalogue.metrics import Accuracy
from builder.catalogue.optimizers import SGD, Adam, AdamW, NAdam
from builder.catalogue.regularization import EMA, GradientClipping, L2Penalty, MaxNorm
from builder.catalogue.schedulers import CosineDecay
from builder.errors import RunError
from builder.training import recorded, strides
from builder.training.fused import fused_of
from builder.training.loop import Trainer
from builder.training.strides import STEPS, Stride
from builder.training.telemetry import NoTelemetry
from tests.projects import facts_of, stacked
from tests.training.examples import MadeExamples, Notes
from tests.training.test_recorded import HIDDEN, MODELS


class Striding(Notes):
    steps_at_once = STEPS


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    """Recorded and put together after a few steps, however long they take."""
    monkeypatch.setattr(recorded, "AFTER_BATCHES", 2)
    monkeypatch.setattr(strides, "AFTER_STEPS", 3)
    monkeypatch.setattr(strides, "LONGEST_STEP_S", 60.0)


def trainer_of(project, watcher) -> Trainer:
    return Trainer(project, facts_of(), MadeExamples(), watcher)


def trained(project, watcher) -> Trainer:
    trainer = trainer_of(project, watcher)
    trainer.run()
    return trainer


def strode(trainer: Trainer) -> bool:
    return trainer.strides is not None and trainer.strides._stride is not None


OPTIMIZERS = {
    "SGD": SGD(), "Nesterov": SGD(momentum=0.9, nesterov=True), "AMSGrad": Adam(amsgrad=True, weight_decay=0.01),
    "AdamW": AdamW(),
}  # fmt: skip


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("name", MODELS)
def test_strides_leave_the_bits_of_steps_one_by_one(name, optimizer):
    settings = {"epochs": 4, "batch_size": 4, "optimizer": OPTIMIZERS[optimizer], "scheduler": CosineDecay()}
    project = stacked(*MODELS[name], **settings)
    striding, single = trained(project, Striding()), trained(project, Notes())
    assert strode(striding) and not strode(single)
    assert striding.watcher.losses == single.watcher.losses
    assert striding.rates.latest == single.rates.latest
    assert untimed(striding.watcher.epochs) == untimed(single.watcher.epochs)
    ours, theirs = striding.model.state_dict(), single.model.state_dict()
    assert all(torch.equal(ours[key], theirs[key]) for key in theirs)


def untimed(epochs: list[dict]) -> list[dict]:
    return [{key: value for key, value in epoch.items() if key not in ("elapsed_s", "rows_per_s")} for epoch in epochs]


@pytest.mark.parametrize("batch_size", [3, 4], ids=["that are copied", "that are slices"])
def test_parts_of_any_alignment(batch_size):
    project = stacked(HIDDEN, Linear(), epochs=4, batch_size=batch_size)
    striding, single = trained(project, Striding()), trained(project, Notes())
    assert strode(striding) and striding.watcher.losses == single.watcher.losses


REST = {
    "a penalty": {"regularization": (L2Penalty(weight=0.1),)},
    "clipping": {"regularization": (GradientClipping(max_norm=0.5),)},
    "a largest norm": {"regularization": (MaxNorm(max_norm=1.0),)},
    "an average": {"regularization": (EMA(),)},
    "accumulation": {"accumulation": 2},
    "figures of each step": {"step_metrics": True, "metrics": (Accuracy(),)},
    "an optimizer without a fused kernel": {"optimizer": NAdam()},
}


@pytest.mark.parametrize("what", REST)
def test_with_something_else_to_do_at_a_step_each_is_taken_by_itself(what):
    project = stacked(HIDDEN, Linear(), **{"epochs": 3, "batch_size": 4} | REST[what])
    assert trained(project, Striding()).strides is None


def test_long_steps_are_taken_one_by_one(monkeypatch):
    monkeypatch.setattr(strides, "LONGEST_STEP_S", 0.0)
    assert not strode(trained(stacked(HIDDEN, Linear(), epochs=3, batch_size=4), Striding()))


def test_a_training_that_was_stopped_goes_on_to_the_same_end():
    project = stacked(HIDDEN, BatchNorm1d(), Dropout(p=0.3), Linear(), epochs=4, batch_size=4, optimizer=AdamW())
    whole = trained(project, Striding())
    for stop_at in (1, 13, 28):  # at that step, or where its stride ends
        first = trained(project, Stopping(stop_at))
        state = first.state()
        second = trainer_of(project, notes := After())
        second.restore(state)
        second.run()
        assert first.watcher.losses + notes.losses == whole.watcher.losses
        ours, theirs = second.model.state_dict(), whole.model.state_dict()
        assert all(torch.equal(ours[key], theirs[key]) for key in theirs)


class Stopping(Striding):
    def should_stop(self):
        return "pause" if len(self.losses) >= self.stop_at else None


class After(Striding):
    def step(self, step: int, epoch: float, loss: float, elapsed_s: float) -> None:
        self.losses.append(loss)

    def should_stop(self):
        return None


@pytest.mark.parametrize(("optimizer", "lr"), [(SGD(), 1e4), (SGD(momentum=0.9), 1e4), (Adam(), 1e30), (AdamW(), 1e30)])
def test_the_step_whose_loss_is_no_number_is_named_and_its_weights_are_those_before_it(optimizer, lr):
    """At a rate that breaks the weights once strides are taken."""
    broken_from = 21
    project = stacked(HIDDEN, Linear(), loss=MSE(), epochs=4, batch_size=4, optimizer=optimizer)
    found = []
    for watcher in (Striding(), Notes()):
        examples = MadeExamples("regression")
        trainer = Trainer(project, facts_of(task="regression"), examples, watcher)
        trainer.rates.plan({broken_from: lr})
        with pytest.raises(RunError) as caught:
            trainer.run()
        assert strode(trainer) == (watcher.steps_at_once > 1)
        weights = [weight.detach().nan_to_num(7.0) for weight in trainer.model.parameters()]
        found.append((str(caught.value), trainer.position.step, watcher.losses, weights))
    (ours, our_step, our_losses, our_weights), (said, step, losses, weights) = found
    assert ours == said and f"at step {step}" in said
    assert our_step == step > broken_from and our_losses == losses
    assert all(map(torch.equal, our_weights, weights))


@pytest.mark.parametrize("make", [torch.optim.Adam, torch.optim.AdamW, torch.optim.SGD])
def test_no_weight_changes_from_a_loss_on_that_is_no_number(make):
    torch.manual_seed(0)
    model, loss = nn.Sequential(nn.Linear(4, 3)), nn.MSELoss()
    fused = fused_of(make(model.parameters(), lr=0.1, fused=True))
    x, targets = torch.randn(8 * STEPS, 4), torch.randn(8 * STEPS, 3)
    loss(model(x), targets).backward()
    fused.step()
    recording = recorded.Recorder(model, model, loss)._record(x[:8].clone(), targets[:8].clone())
    stride = Stride(recording, fused, x, targets)
    for infinite_at in (0, 3):
        before = [weight.clone() for weight in model.parameters()]
        broken = targets.clone()
        broken[8 * infinite_at] = torch.inf
        _, losses = stride.play(x, broken, [0.1] * STEPS)
        assert torch.tensor(losses).isfinite().tolist() == [number != infinite_at for number in range(STEPS)]
        if infinite_at == 0:
            assert all(map(torch.equal, model.parameters(), before))
        else:
            assert all(weight.isfinite().all() for weight in model.parameters())


class Clocked(Striding):
    def __init__(self):
        super().__init__()
        self.told_s: list[float] = []

    def step(self, step: int, epoch: float, loss: float, elapsed_s: float) -> None:
        super().step(step, epoch, loss, elapsed_s)
        self.told_s.append(elapsed_s)


def test_steps_of_a_stride_are_told_in_the_order_of_time():
    trainer = trained(stacked(HIDDEN, Linear(), epochs=4, batch_size=4), watcher := Clocked())
    assert strode(trainer) and watcher.told_s == sorted(watcher.told_s)


def test_a_step_that_is_to_be__by_itself(monkeypatch):
    project = stacked(HIDDEN, Linear(), epochs=6, batch_size=4)
    trainer = trainer_of(project, Striding())
    looks = Looks()
    trainer.look_inside(looks)
    trainer.run()
    assert strode(trainer) and looks.seen == looks.asked and sum(looks.strides) + looks.singles == trainer.position.step


class Looks(NoTelemetry):
    """Stands for a telemetry that is due at every fifth step or stride."""

    def __init__(self):
        self.begun, self.asked, self.seen, self.singles, self.strides, self.is_due = 0, 0, 0, 0, [], False

    def begin_step(self):
        self.begun += 1
        self.is_due = self.begun % 5 == 0
        self.asked += self.is_due

    def after_step(self, *_):
        self.singles, self.seen = self.singles + 1, self.seen + self.is_due

    def after_stride(self, steps):
        self.strides.append(steps)


def test_a_moment_in_which_the_machine_does_something_else_does_not_end_strides(monkeypatch):
    """Steps of 1 ms, with a wait of 5 s among them, as an epoch's end may be."""
    monkeypatch.setattr(strides, "LONGEST_STEP_S", 0.006)
    monkeypatch.setattr(strides, "AFTER_STEPS", 5)
    clock = iter([0.0, 0.001, 5.0, 5.001, 5.002, 5.003])
    monkeypatch.setattr(strides.time, "monotonic", lambda clock=clock: next(clock, 6.0))
    trainer = trainer_of(stacked(HIDDEN, Linear(), epochs=4, batch_size=4), Striding())
    ready = trainer._strides()
    batches = list(torch.arange(4 * STEPS).split(4))
    for rows in [*batches, *batches]:
        trainer.gradients.compute(rows, 1, 1, trainer.optimizer)
        trainer.stepper.step()
        ready.prepare(batches, 1)
    assert ready.could_take(batches) and not ready.could_take(batches[1:])
