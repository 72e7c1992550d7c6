"""A look inside says what torch and numpy say by hand, changes nothing, and is not taken more often than it may cost."""

import math

import numpy as np
import pytest
import torch
from safetensors.torch import save
from torch import nn

from builder.catalogue.activations import ReLU, RReLU, Tanh, Threshold
from builder.catalogue.layers import BatchNorm1d, Conv2d, Dropout, Flatten, Linear
from builder.catalogue.optimizers import LBFGS, SGD, AdamW, Muon
from builder.catalogue.regularization import GradientClipping, L2Penalty, ValueClipping
from builder.data.templates import make_project
from builder.nn.batches import epoch_batches
from builder.nn.graph import build_model
from builder.runs.folder import RunFolder
from builder.runs.peeks import flat_model
from builder.runs.telemetry import TelemetryReader, TelemetryWriter
from builder.spec.templates import TEMPLATES
from builder.training.dead_units import DeadUnits
from builder.training.fused import Fused
from builder.training.layer_figures import LayerFigures, histogram, layer_weights
from builder.training.loop import Trainer
from builder.training.machine_use import MachineUse
from builder.training.telemetry import EVERY_S, FIRST_S, SHARE, SampleClock, Telemetry
from tests.projects import facts_of, stacked
from tests.trained import carry
from tests.training.examples import MadeExamples, Notes, trainer_of

HIDDEN = Linear(out_features=8, activation=ReLU())
PLAIN = SGD(lr=0.1, momentum=0)


@pytest.fixture
def at_each_step(monkeypatch):
    """Every step is looked at, whatever it costs."""
    for name, value in (("FIRST_S", 0.0), ("EVERY_S", 0.0), ("SHARE", math.inf)):
        monkeypatch.setattr(f"builder.training.telemetry.{name}", value)


def small(*layers, **training):
    return stacked(*(layers or (HIDDEN, Linear())), **{"epochs": 2, "batch_size": 16, "optimizer": PLAIN} | training)


def looked_into(project, path, **made) -> tuple[Notes, bytes, tuple[dict, ...]]:
    """What was told, the weights at the end, and what was seen."""
    notes, folder = Notes(), RunFolder(path)
    trainer = trainer_of(project, notes=notes, **made)
    with TelemetryWriter(folder) as writer:
        dead_units = DeadUnits(trainer.model, flat_model(project, facts_of()), (4,), trainer.examples)
        trainer.look_inside(Telemetry(trainer.model, dead_units, trainer.step_rows, writer))
        trainer.run()
    return notes, save(trainer.model.state_dict()), TelemetryReader(folder).read()


@pytest.mark.parametrize("optimizer", [AdamW(), SGD(lr=0.05, momentum=0.9), LBFGS(), Muon()], ids=lambda kind: kind.kind)  # fmt: skip
def test_a_training_that_is_looked_into_is_the_same_bit_for_bit(optimizer, tmp_path, at_each_step):
    layers = (Linear(out_features=8, activation=RReLU()), BatchNorm1d(activation=ReLU()), Dropout(p=0.3), Linear())
    project = small(*layers, optimizer=optimizer, epochs=3, regularization=(GradientClipping(max_norm=0.5),))
    unseen = Notes()
    trainer = trainer_of(project, notes=unseen)
    trainer.run()
    notes, weights, samples = looked_into(project, tmp_path)
    assert len(samples) == len(unseen.losses) and notes.losses == unseen.losses
    assert weights == save(trainer.model.state_dict())
    assert notes.epochs[-1]["train"] == unseen.epochs[-1]["train"]


def test_norms_are_those_of_autograd_by_hand(tmp_path, at_each_step):
    """Two steps of plain gradient descent on the same data, with torch alone."""
    project = small(epochs=1, batch_size=30, seed=3)
    _, _, samples = looked_into(project, tmp_path)
    made = MadeExamples()
    torch.manual_seed(3)
    first, last = nn.Linear(4, 8), nn.Linear(8, 3)
    for sample, rows in zip(samples, epoch_batches(made.train_rows, 30, 3, 1), strict=True):
        answer = last(first(made.features[rows]).relu())
        grads = torch.autograd.grad(
            nn.functional.cross_entropy(answer, made.targets[rows]), [*first.parameters(), *last.parameters()]
        )
        with torch.no_grad():
            for weight, grad in zip([*first.parameters(), *last.parameters()], grads, strict=True):
                weight -= 0.1 * grad
        for name, layer, own in (("linear_1", first, grads[:2]), ("linear_2", last, grads[2:])):
            norm = torch.cat([grad.flatten() for grad in own]).norm().item()
            values = nn.utils.parameters_to_vector(layer.parameters()).detach().numpy()
            figures = sample["layers"][name]
            assert figures["grad_norm"] == pytest.approx(norm, rel=1e-4)
            assert figures["update_norm"] == pytest.approx(0.1 * norm, rel=1e-3)
            assert figures["weight_norm"] == pytest.approx(np.linalg.norm(values), rel=1e-4)
            assert figures["weights"]["counts"] == np.histogram(values, 24)[0].tolist()
            assert (figures["weights"]["low"], figures["weights"]["high"]) == pytest.approx((values.min(), values.max()), rel=1e-4)  # fmt: skip
        whole = torch.cat([grad.flatten() for grad in grads]).norm().item()
        assert sample["grad_norm"] == pytest.approx(whole, rel=1e-4)
    assert [sample["step"] for sample in samples] == [1, 2] and [sample["epoch"] for sample in samples] == [0.5, 1.0]
    assert {sample["lr"] for sample in samples} == {0.1}


@pytest.mark.parametrize("optimizer", [PLAIN, LBFGS(lr=0.01)], ids=lambda kind: kind.kind)
def test_where_gradients_are_clipped_both_norms_are_told(optimizer, tmp_path, at_each_step):
    project = small(regularization=(GradientClipping(max_norm=0.01),), optimizer=optimizer)
    _, _, samples = looked_into(project, tmp_path)
    assert all(sample["grad_norm"] == pytest.approx(0.01, rel=1e-3) for sample in samples)
    assert all(sample["grad_norm_before"] > 0.05 for sample in samples)


def test_the_norm_before_clipping_by_value_is_that_of_the_whole_gradient(tmp_path, at_each_step):
    unclipped = looked_into(small(), tmp_path / "free")[2][0]
    clipped = looked_into(small(regularization=(ValueClipping(clip_value=0.001),)), tmp_path / "cut")[2][0]
    assert "grad_norm_before" not in unclipped
    assert clipped["grad_norm_before"] == unclipped["grad_norm"] > clipped["grad_norm"]


def test_a_penalty_is_part_of_the_gradient(tmp_path, at_each_step):
    plain, pulled = (
        looked_into(small(regularization=kinds), tmp_path / str(len(kinds)))[2][0] for kinds in ((), (L2Penalty(weight=5),))
    )  # fmt: skip
    assert pulled["grad_norm"] > 2 * plain["grad_norm"]


def test_a_histogram_is_numpys():
    random = torch.Generator().manual_seed(1)
    values = torch.randn(5000, generator=random)
    found = histogram(values)
    expected = np.histogram(values.double().numpy(), 24)[0]
    assert np.abs(np.array(found["counts"]) - expected).sum() <= 4  # a value on the edge of two bins may fall to either
    assert sum(found["counts"]) == 5000


def test_a_histogram_of_one_value_and_of_no_number():
    assert histogram(torch.full((7,), 0.5)) == {"low": 0.5, "high": 0.5, "counts": [0] * 12 + [7] + [0] * 11}
    broken = histogram(torch.tensor([math.nan, 1.0, math.inf, 3.0]))
    assert (broken["low"], broken["high"], sum(broken["counts"])) == (1.0, 3.0, 2)
    lost = histogram(torch.tensor([math.nan, -math.inf]))
    assert math.isnan(lost["low"]) and sum(lost["counts"]) == 0


def test_of_a_large_weight_a_part_is_looked_at_and_the_norm_still_fits():
    model = build_model(small(Linear(out_features=512)).model, (512,))
    figures, random = LayerFigures(model), torch.Generator().manual_seed(0)
    figures.before_update()
    moved = torch.randn(512, 512, generator=random)
    with torch.no_grad():
        model.linear_1.weight += moved
    found = figures.after_update()["linear_1"]
    assert found["update_norm"] == pytest.approx(moved.norm().item(), rel=0.02)
    assert 40_000 < sum(found["updates"]["counts"]) < 70_000
    assert found["grad_norm"] == 0  # nothing was computed backwards


def test_a_weight_of_two_layers_is_counted_with_the_first():
    model = build_model(small(Linear(out_features=4), Linear(out_features=4)).model, (4,))
    model.linear_2.weight = model.linear_1.weight
    layers = layer_weights(model)
    assert [len(weights) for weights in layers.values()] == [2, 1] and layers["linear_2"][0] is model.linear_2.bias


def test_weights_that_do_not_learn_are_left_out():
    model = build_model(small(Linear(out_features=4), Linear(out_features=4)).model, (4,))
    model.linear_1.requires_grad_(False)
    assert list(layer_weights(model)) == ["linear_2"]


def dead_shares(project, shape, features, edit) -> dict[str, float]:
    spec = flat_model(project, facts_of(shape))
    model, made = build_model(spec, shape), MadeExamples()
    made.features = features
    edit(model)
    return DeadUnits(model, spec, shape, made).shares()


def test_units_that_are_never_above_zero_are_dead():
    def silence(model):
        with torch.no_grad():
            model.linear_1.bias[:3] = -1000
            model.linear_2.bias[:] = 1000

    layers = (HIDDEN, Linear(out_features=4), ReLU(), Linear(out_features=2, activation=Tanh()), Linear())
    found = dead_shares(small(*layers), (4,), MadeExamples().features, silence)
    assert found == {"linear_1": 0.375, "relu_1": 0.0}


def test_a_channel_is_dead_if_it_is_so_everywhere_in_the_image():
    def silence(model):
        with torch.no_grad():
            model.conv2d_1.bias[0] = -1000

    layers = (Conv2d(out_channels=4, activation=ReLU()), Flatten(), Linear())
    images = torch.randn(120, 1, 6, 6, generator=torch.Generator().manual_seed(0))
    assert dead_shares(small(*layers), (1, 6, 6), images, silence) == {"conv2d_1": 0.25}


def test_a_threshold_that_gives_another_value_than_zero_has_no_dead_units():
    layers = (Linear(out_features=4, activation=Threshold(value=1.0)), Linear(out_features=4, activation=Threshold()), Linear())  # fmt: skip
    assert list(dead_shares(small(*layers), (4,), MadeExamples().features, lambda model: None)) == ["linear_2"]


def test_the_probe_leaves_modes_statistics_and_hooks_as_they_were():
    project = small(Linear(out_features=8), BatchNorm1d(activation=ReLU()), Dropout(), Linear())
    spec = flat_model(project, facts_of())
    model = build_model(spec, (4,)).train()
    model.batchnorm1d_1.eval()  # somebody froze it
    before, random = save(model.state_dict()), torch.get_rng_state()
    DeadUnits(model, spec, (4,), MadeExamples()).shares()
    assert [name for name, module in model.named_modules() if not module.training] == ["batchnorm1d_1"]
    assert save(model.state_dict()) == before and torch.equal(random, torch.get_rng_state())
    assert not any(module._forward_hooks for module in model.modules())


def test_the_first_step_is_looked_at_then_soon_another_and_later_one_about_each_second():
    clock, due = SampleClock(100.0), []
    for count in range(1, 9):
        due.append(clock.due_at - 100)
        clock.took(clock.due_at, 1e-4, count, 0)
    assert due[:2] == pytest.approx([0, FIRST_S]) and np.diff(due)[-3:] == pytest.approx([EVERY_S] * 3)


@pytest.mark.parametrize(("count", "size", "seconds"), [(199, 0, 1), (200, 0, 2), (401, 0, 4), (10, 1_048_576, 4)])
def test_the_longer_a_training_the_rarer_the_looks(count, size, seconds):
    clock = SampleClock(0.0)
    for _ in range(9):
        clock.took(5000.0, 1e-4, count, size)
    assert clock.due_at == 5000 + seconds


def test_all_looks_together_never_take_more_than_their_share():
    """But for the first, of which nobody knows what it will cost."""
    clock, now, spent = SampleClock(0.0), 0.0, 0.0
    random = np.random.default_rng(0)
    for _ in range(300):
        now = max(now + 1e-3, clock.due_at)
        cost = random.uniform(0.05, 0.1)
        assert spent <= SHARE * now
        now, spent = now + cost, spent + cost
        clock.took(now, cost, 0, 0)


def test_the_share_of_time_for_inputs_and_the_speed_are_those_of_the_steps(tmp_path, monkeypatch, at_each_step):
    """A clock that moves only where this test says: 3 s to get inputs, 1 s to compute, 50 s between epochs."""
    now = [0.0]
    monkeypatch.setattr("builder.training.telemetry.time.perf_counter", lambda: now[0])

    def taking(seconds, work):
        def slow(*arguments):
            now[0] += seconds
            return work(*arguments)

        return slow

    monkeypatch.setattr(MadeExamples, "training_inputs", taking(3.0, MadeExamples.training_inputs))
    monkeypatch.setattr(Trainer, "evaluate", taking(50.0, Trainer.evaluate))
    monkeypatch.setattr(Fused, "step", taking(1.0, Fused.step))
    _, _, samples = looked_into(small(epochs=3, batch_size=20), tmp_path)
    assert {sample["data_share"] for sample in samples} == {0.75}
    assert {sample["rows_per_s"] for sample in samples} == {5.0}


def test_memory_and_cores_are_those_of_this_process():
    found = MachineUse(torch.device("cpu")).look()
    assert 50_000_000 < found["memory_bytes"] < 50_000_000_000
    assert 0 <= found["cpu_share"] <= 1 and found["device"] is None


def test_a_run_leaves_what_was_seen_in_its_folder(at_each_step):
    project = make_project(TEMPLATES["iris"])
    training = project.training.model_copy(update={"epochs": 2})
    run = carry(project.model_copy(update={"training": training}))
    samples = TelemetryReader(RunFolder(run.folder)).read()
    assert run.status == "finished" and len(samples) == 14
    assert list(samples[0]["layers"]) == ["linear_1", "linear_2", "linear_3"]
    assert samples[-1]["epoch"] == 2.0 and samples[-1]["elapsed_s"] > 0
