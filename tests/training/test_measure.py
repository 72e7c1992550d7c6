"""What a project costs: memory equal to the byte to a real step, operations by hand, time from real steps."""

import math

import pytest
import torch
from torch import Tensor, nn

from builder.catalogue.activations import ReLU
from builder.catalogue.layers import LSTM, BatchNorm2d, Conv2d, Dropout, Flatten, Linear, MaxPool2d, MultiheadAttention
from builder.catalogue.losses import BCEWithLogits, CrossEntropy
from builder.catalogue.optimizers import SGD, AdamW
from builder.catalogue.regularization import L2Penalty
from builder.runs import memory
from builder.runs.memory import largest_batch
from builder.spec.templates import stack
from builder.training.footprint import footprint
from builder.training.loop import Trainer
from builder.training.measure import Stopwatch, calibrate, measure_on, really_saved, validation_s
from builder.training.penalties import weight_penalty
from tests.projects import facts_of, project_of, stacked
from tests.training.examples import MadeExamples, Notes


class MadeSteps(MadeExamples):
    """The same rows as six steps of eight features."""

    def __init__(self):
        super().__init__()
        self.features = self.features.repeat(1, 12).view(120, 6, 8)


class MadeImages(MadeExamples):
    """The same rows as images of two channels, 8 by 8."""

    def __init__(self):
        super().__init__()
        self.features = self.features.repeat(1, 32).view(120, 2, 8, 8).contiguous(memory_format=torch.channels_last)


@pytest.fixture(autouse=True)
def _a_short_look(monkeypatch):
    monkeypatch.setattr("builder.training.measure.CALIBRATION_S", 0.1)


CONVOLUTIONAL = stack(
    Conv2d(out_channels=4, activation=ReLU()), BatchNorm2d(), MaxPool2d(), Dropout(p=0.3), Flatten(), Linear()
)
PROJECTS = {
    "dense": (stacked(Linear(out_features=16, activation=ReLU()), Linear(), batch_size=20), (4,), MadeExamples),
    "penalty": (
        stacked(Linear(out_features=8), Linear(), batch_size=20, optimizer=SGD(momentum=0.9), regularization=(L2Penalty(weight=0.1),)),
        (4,), MadeExamples,
    ),
    "images": (project_of(CONVOLUTIONAL, batch_size=20), (2, 8, 8), MadeImages),
}  # fmt: skip


def saved_by_a_real_step(trainer: Trainer, rows: Tensor) -> int:
    """Bytes of all storages that autograd keeps on the CPU, the weights left out."""
    owned = {tensor.data_ptr() for tensor in (*trainer.model.parameters(), *trainer.model.buffers())}
    storages = {}

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        storages[storage.data_ptr()] = (storage.nbytes(), tensor)
        return tensor

    trainer.model.train()
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        loss = trainer.loss(trainer.model(trainer.examples.inputs(rows)), trainer.examples.targets[rows])
        penalty = weight_penalty(trainer.training, trainer.model)
        loss = loss if penalty is None else loss + penalty
    loss.backward()
    trainer.optimizer.step()
    return sum(size for address, (size, _) in storages.items() if address not in owned)


@pytest.mark.parametrize("name", PROJECTS)
def test_memory_is_that_of_a_real_step_to_the_byte(name):
    project, shape, make = PROJECTS[name]
    examples, facts = make(), facts_of(shape, rows=60)
    exact = footprint(project, facts, examples, 20)
    trainer = Trainer(project, facts, examples, Notes())
    assert exact.saved == saved_by_a_real_step(trainer, examples.train_rows[:20])
    assert really_saved(project, facts, examples) == exact.saved
    weights = list(trainer.model.parameters())
    assert exact.parameters == sum(weight.numel() * 4 for weight in weights)
    assert exact.gradients == sum(weight.grad.nbytes for weight in weights)
    states = trainer.optimizer.state.values()
    assert exact.optimizer == sum(value.nbytes for state in states for value in state.values() if torch.is_tensor(value))  # fmt: skip


@pytest.mark.parametrize(
    "layer", [LSTM(hidden_size=5, output="all"), MultiheadAttention(num_heads=2)], ids=lambda layer: layer.kind
)
def test_a_layer_with_a_kernel_of_its_own_on_this_machine_is_measured_by_a_real_pass(layer):
    project, facts, examples = (
        project_of(stack(layer, Flatten(), Linear()), batch_size=20),
        facts_of((6, 8), rows=60),
        MadeSteps(),
    )
    expected = saved_by_a_real_step(Trainer(project, facts, examples, Notes()), examples.train_rows[:20])
    assert really_saved(project, facts, examples) == expected != footprint(project, facts, examples, 20).saved


def test_operations_are_two_to_each_multiply_add():
    exact = footprint(*_dense(), 20)
    assert exact.forward_flops == 2 * 20 * (4 * 16 + 16 * 3)
    assert exact.backward_flops == 2 * 20 * (4 * 16 + 2 * 16 * 3)  # the input itself needs no gradient


def _dense():
    project, shape, make = PROJECTS["dense"]
    return project, facts_of(shape, rows=60), make()


def test_the_largest_batch_is_the_greatest_power_of_two_that_fits():
    assert largest_batch(400, 100, available=400 + 100 * 64) == 64
    assert largest_batch(400, 100, available=400 + 100 * 64 - 1) == 32
    assert largest_batch(400, 100, available=450) == 0


def test_a_training_that_fits_is_timed_by_steps_of_its_own_and_leaves_the_examples_as_they_were():
    project, facts, examples = _dense()
    found = measure_on(project, facts, examples)
    assert found.steps_per_epoch == 3 and found.batch_size == 20 and found.largest_batch >= 20
    assert 0 < 3 * found.step_s <= found.epoch_s
    assert len(examples.validation_rows) == 30 and found.usable_bytes > found.memory_bytes > 0


def test_a_training_that_does_not_fit_is_not_tried(monkeypatch):
    project, facts, examples = _dense()
    step = footprint(project, facts, examples, 20)
    monkeypatch.setattr("builder.training.measure.usable_bytes", lambda: step.fixed + step.saved - 1)
    found = measure_on(project, facts, examples)
    assert found.step_s is None and found.epoch_s is None
    assert found.largest_batch == 16


def test_where_the_system_does_not_say_what_is_free_the_time_is_measured_all_the_same(monkeypatch, tmp_path):
    for name in ("MEMINFO", "LIMIT", "USED"):
        monkeypatch.setattr(memory, name, tmp_path / "none")
    found = measure_on(*_dense())
    assert found.largest_batch is None and found.usable_bytes is None and found.epoch_s > 0


class SlowEvaluation:
    """Takes 10 ms and 0.1 ms for each row, on a clock of its own."""

    def __init__(self, monkeypatch):
        self.now, self.seen = 0.0, []
        monkeypatch.setattr("builder.training.measure.time.perf_counter", lambda: self.now)

    def evaluate(self, rows):
        self.seen.append(len(rows))
        self.now += 0.01 + 0.0001 * len(rows)


@pytest.mark.parametrize(("rows", "seen"), [(30, [30]), (500, [64, 256, 500]), (15_000, [64, 256, 1024])])
def test_the_time_of_a_validation_follows_from_so_many_rows_that_its_start_counts_little(monkeypatch, rows, seen):
    trainer = SlowEvaluation(monkeypatch)
    assert validation_s(trainer, torch.arange(rows)) == pytest.approx(0.01 + 0.0001 * rows, rel=0.1)
    assert trainer.seen == seen


def test_only_the_validation_grows_with_its_rows(monkeypatch):
    """Metrics over the training rows and the copy of the best weights are there once."""
    project, facts, examples = _dense()
    monkeypatch.setattr(Stopwatch, "rest_s", 0.5)
    monkeypatch.setattr("builder.training.measure._timed", lambda trainer, rows: 0.2)
    examples.validation_rows = examples.validation_rows.repeat(100)
    _, rest_s = calibrate(project, facts, examples)
    assert rest_s == pytest.approx(0.3 + 0.2 * 3000 / 64)


def test_a_loss_that_becomes_infinite_still_gives_the_time_of_the_steps_before():
    project = stacked(Linear(), loss=CrossEntropy(), optimizer=SGD(lr=10.0), batch_size=20)
    step_s, rest_s = calibrate(project, facts_of((4,), rows=60), MadeExamples(scale=1e30))
    assert 0 < step_s < math.inf and 0 <= rest_s < math.inf


def test_a_step_s_time_leaves_out_those_that_warm_up(monkeypatch):
    clock = iter([0.0, 9.0, 18.0, 27.0, 28.0, 31.0, 31.5])
    monkeypatch.setattr("builder.training.measure.time.perf_counter", lambda: next(clock))
    watch = Stopwatch()
    for step in range(1, 6):
        watch.step(step, 1.0, 0.5, 0.0)
        assert watch.step_s == (2.0 if step == 5 else 1.0 if step == 4 else 9.0)
    watch.epoch({})
    assert watch.rest_s == 0.5


def test_binary_targets_take_the_shape_that_their_loss_wants():
    project = stacked(Linear(), loss=BCEWithLogits(), optimizer=AdamW(), batch_size=20)
    examples, facts = MadeExamples("binary", takes_column=True), facts_of((4,), "binary", rows=60)
    exact = footprint(project, facts, examples, 20)
    linear = nn.Linear(4, 1)
    assert exact.parameters == sum(weight.nbytes for weight in linear.parameters())
    assert exact.saved == saved_by_a_real_step(Trainer(project, facts, examples, Notes()), examples.train_rows[:20])
