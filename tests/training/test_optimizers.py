"""The optimizers move the weights as torch's do by hand, spare norms and biases, and refuse what they do not go with."""

import math

import pytest
import torch
from torch import nn

from builder.catalogue.activations import ReLU
from builder.catalogue.layers import LSTM, BatchNorm1d, Conv2d, Dropout, Flatten, LayerNorm, Linear
from builder.catalogue.optimizers import LBFGS, OPTIMIZERS, SGD, AdamW, GradientDescent, Muon, NAdam, RAdam
from builder.catalogue.regularization import GradientClipping, L1Penalty, L2Penalty
from builder.check.edits import apply
from builder.check.report import check
from builder.nn.batches import parts_of
from builder.nn.optimization import parameter_groups
from builder.nn.whole import build_core
from builder.training.footprint import footprint
from builder.training.loop import Trainer
from builder.training.optimizers import build_optimizer
from tests.projects import facts_of, stacked
from tests.training.examples import MadeExamples, Notes, trainer_of

HIDDEN = Linear(out_features=8, activation=ReLU())


def small(*layers, **training):
    return stacked(*(layers or (HIDDEN, Linear())), **{"epochs": 3, "batch_size": 16} | training)


def trained(project):
    notes = Notes()
    trainer = trainer_of(project, notes=notes)
    trainer.run()
    return trainer.model.state_dict(), notes


def by_hand(seed: int = 0) -> nn.Sequential:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))


def assert_equal(ours: dict, model: nn.Module) -> None:
    assert all(torch.allclose(mine, theirs, atol=1e-6) for mine, theirs in zip(ours.values(), model.state_dict().values(), strict=True))  # fmt: skip


MADE = MadeExamples()


def whole_loss(model: nn.Module) -> torch.Tensor:
    return nn.functional.cross_entropy(model(MADE.features[:60]), MADE.targets[:60])


def test_gradient_descent_takes_one_exact_step_an_epoch():
    ours, notes = trained(small(optimizer=GradientDescent(lr=0.5)))
    model, losses = by_hand(), []
    for _ in range(3):
        model.zero_grad()
        loss = whole_loss(model)
        loss.backward()
        losses.append(loss.item())
        with torch.no_grad():
            for weight in model.parameters():
                weight -= 0.5 * weight.grad
    assert notes.losses == pytest.approx(losses, rel=1e-5)
    assert_equal(ours, model)


def test_lbfgs_is_torchs_over_all_rows():
    _, notes = trained(small(optimizer=LBFGS()))
    model, losses = by_hand(), []
    optimizer = torch.optim.LBFGS(model.parameters(), lr=1, max_iter=10, history_size=10, line_search_fn="strong_wolfe")

    def closure():
        model.zero_grad()
        loss = whole_loss(model)
        loss.backward()
        return loss

    for _ in range(3):
        losses.append(optimizer.step(closure).item())
    assert notes.losses == pytest.approx(losses, rel=1e-3)
    assert losses[2] < 0.7 * losses[0]


def test_batches_that_are_added_up_step_as_one_large_batch():
    few, _ = trained(small(optimizer=SGD(lr=0.1), batch_size=8, accumulation=4, regularization=(L2Penalty(weight=0.1),)))  # fmt: skip
    large, notes = trained(small(optimizer=SGD(lr=0.1), batch_size=32, regularization=(L2Penalty(weight=0.1),)))
    assert len(notes.losses) == 6
    assert all(torch.allclose(few[name], large[name], atol=1e-6) for name in few)


def test_no_part_of_a_step_is_a_single_row():
    assert [len(part) for part in parts_of(torch.arange(17), 8)] == [8, 9]
    trained(small(HIDDEN, BatchNorm1d(), Linear(), optimizer=GradientDescent(), batch_size=59))


MANY = (Conv2d(out_channels=2), Flatten(), LayerNorm(), Linear(out_features=3), BatchNorm1d(), Linear())


def test_decay_shrinks_matrices_and_filters_and_leaves_norms_and_biases_alone():
    model = build_core(stacked(*MANY), facts_of((1, 4, 4)))
    before = {name: weight.clone() for name, weight in model.named_parameters()}
    optimizer = build_optimizer(AdamW(lr=0.1, weight_decay=0.5), model)
    for weight in model.parameters():
        weight.grad = torch.zeros_like(weight)
    optimizer.step()
    kept = {name for name, weight in model.named_parameters() if torch.equal(weight, before[name])}
    shrunk = before.keys() - kept
    assert shrunk == {"conv2d_1.weight", "linear_1.weight", "linear_2.weight"}
    assert all(torch.allclose(dict(model.named_parameters())[name], before[name] * (1 - 0.1 * 0.5)) for name in shrunk)


def test_a_normalization_over_two_axes_does_not_decay():
    decaying, spared = parameter_groups(nn.Sequential(nn.LayerNorm((3, 4)), nn.Linear(4, 2)), 0.1)
    assert [tuple(weight.shape) for weight in decaying["params"]] == [(2, 4)] and decaying["weight_decay"] == 0.1
    assert [tuple(weight.shape) for weight in spared["params"]] == [(3, 4), (3, 4), (2,)]
    assert spared["weight_decay"] == 0


@pytest.mark.parametrize("kind", [AdamW, NAdam, RAdam, Muon])
def test_decay_can_be_asked_for_everywhere(kind):
    model = nn.Linear(2, 2)
    bias = model.bias.detach().clone()
    optimizer = build_optimizer(kind(lr=0.1, weight_decay=0.5, decays_all=True), model)
    for weight in model.parameters():
        weight.grad = torch.zeros_like(weight)
    optimizer.step()
    assert torch.allclose(model.bias, bias * 0.95)


def test_muon_takes_the_matrices_and_adamw_the_rest():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Embedding(5, 4), nn.Flatten(), nn.Linear(8, 6), nn.LayerNorm(6), nn.Linear(6, 2))
    twin = nn.Sequential(nn.Embedding(5, 4), nn.Flatten(), nn.Linear(8, 6), nn.LayerNorm(6), nn.Linear(6, 2))
    twin.load_state_dict(model.state_dict())
    optimizer = build_optimizer(Muon(lr=0.02, weight_decay=0.1), model)
    muon = torch.optim.Muon([twin[2].weight, twin[4].weight], lr=0.02, weight_decay=0.1, adjust_lr_fn="match_rms_adamw")
    adamw = torch.optim.AdamW([
        {"params": [twin[0].weight], "weight_decay": 0.1},
        {"params": [twin[2].bias, twin[3].weight, twin[3].bias, twin[4].bias], "weight_decay": 0.0},
    ], lr=0.02)  # fmt: skip
    for step in range(3):
        x = torch.tensor([[step, 1], [2, 3]])
        for net, optimizers in ((model, [optimizer]), (twin, [muon, adamw])):
            for one in optimizers:
                one.zero_grad()
            net(x).square().sum().backward()
            for one in optimizers:
                one.step()
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(model.parameters(), twin.parameters(), strict=True))


@pytest.mark.parametrize("kind", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_the_memory_of_its_state_is_known_before(kind):
    project = small(optimizer=kind())
    exact = footprint(project, facts_of((4,), rows=60), MADE, 16)
    trainer = trainer_of(project)
    trainer.run()
    if kind.takes_closure:
        assert exact.optimizer == kind().values_kept * exact.parameters
        return
    states = trainer.optimizer.state.values()
    assert exact.optimizer == sum(value.nbytes for state in states for value in state.values() if torch.is_tensor(value))  # fmt: skip
    assert exact.optimizer <= kind().values_kept * exact.parameters + 8 * len(
        states
    )  # beside the estimate, its counters


RANDOM = [(Dropout(),), (HIDDEN, Dropout(p=0.1))]


@pytest.mark.parametrize("layers", RANDOM)
def test_lbfgs_is_refused_with_dropout_for_its_reason(layers):
    project, facts = small(*layers, Linear(), optimizer=LBFGS()), facts_of()
    (problem,) = check(project, facts).errors
    assert "changes the loss at random, but LBFGS compares the losses of several tries within a step" in problem.message
    assert check(apply(project, *problem.fixes[0].edits), facts).can_train
    assert check(small(*layers, Linear(), optimizer=AdamW()), facts).can_train


def test_lbfgs_is_refused_with_dropout_inside_a_layer_and_with_clipping():
    recurrent = small(LSTM(num_layers=2, dropout=0.2), Linear(), optimizer=LBFGS())
    assert "at random" in check(recurrent, facts_of((5, 4))).errors[0].message
    project = small(optimizer=LBFGS(), regularization=(L1Penalty(), GradientClipping()))
    (problem,) = check(project, facts_of()).errors
    assert problem.message.startswith(
        "Optimizer LBFGS learns the curvature from its own gradients and moves, which Gradient clipping"
    )
    for fix in problem.fixes:
        assert check(apply(project, *fix.edits), facts_of()).can_train
    kept = apply(project, *problem.fixes[0].edits).training
    assert kept.regularizer(L1Penalty) and kept.optimizer == LBFGS()


def test_lbfgs_trains_images():
    images = MadeImages()
    project = small(Conv2d(out_channels=2, activation=ReLU()), Flatten(), Linear(), optimizer=LBFGS(max_iter=3))
    assert len(trained_on(images, project).losses) == 3


class MadeImages(MadeExamples):
    def __init__(self):
        super().__init__()
        self.features = self.features.repeat(1, 32).view(120, 2, 8, 8).contiguous(memory_format=torch.channels_last)


def trained_on(examples, project) -> Notes:
    notes = Notes()
    Trainer(project, facts_of((2, 8, 8), rows=60), examples, notes).run()
    assert all(map(math.isfinite, notes.losses))
    return notes
