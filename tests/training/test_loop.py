"""The loop trains as torch does by hand, keeps the best epoch, stops when told, and is the same every time."""

import math

import pytest
import torch
from safetensors.torch import save
from sklearn import metrics as sk
from torch import nn

from builder.catalogue.activations import ReLU
from builder.catalogue.layers import BatchNorm1d, Dropout, Linear
from builder.catalogue.losses import MSE, BCEWithLogits
from builder.catalogue.metrics import metrics_for
from builder.catalogue.optimizers import OPTIMIZERS, SGD
from builder.catalogue.regularization import (
    EarlyStopping,
    ElasticNet,
    GradientClipping,
    L1Penalty,
    L2Penalty,
    MaxNorm,
    ValueClipping,
)
from builder.errors import RunError
from builder.nn.batches import epoch_batches
from builder.nn.limits import limit_norms
from builder.training.penalties import weight_penalty
from tests.projects import stacked
from tests.training.examples import MadeExamples, Notes, trainer_of

HIDDEN = Linear(out_features=8, activation=ReLU())
PLAIN = SGD(lr=0.1, momentum=0)


def small(*layers, **training):
    return stacked(*(layers or (HIDDEN, Dropout(p=0.3), Linear())), **{"epochs": 4, "batch_size": 16} | training)


def trained(project, task="multiclass", **made) -> tuple[Notes, bytes]:
    notes = Notes()
    trainer = trainer_of(project, task, notes, **made)
    trainer.run()
    return notes, save(trainer.model.state_dict())


@pytest.mark.parametrize("optimizer", [kind() for kind in OPTIMIZERS.values()], ids=OPTIMIZERS)
def test_the_same_seed_gives_the_same_bytes(optimizer):
    project = small(HIDDEN, BatchNorm1d(), Dropout(p=0.3), Linear(), optimizer=optimizer)
    (first, weights), (second, again) = trained(project), trained(project)
    assert first.losses == second.losses and weights == again
    _, other = trained(project.model_copy(update={"training": project.training.model_copy(update={"seed": 1})}))
    assert other != weights


def test_the_loop_is_the_one_written_by_hand():
    project = small(optimizer=SGD(lr=0.05, momentum=0.9), seed=5)
    notes, weights = trained(project)
    made, losses = MadeExamples(), []
    torch.manual_seed(5)
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 3))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    best, kept = math.inf, None
    for epoch in range(1, 5):
        model.train()
        for rows in epoch_batches(made.train_rows, 16, 5, epoch):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(made.features[rows]), made.targets[rows])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        model.eval()
        with torch.no_grad():
            figure = nn.functional.cross_entropy(model(made.features[60:90]), made.targets[60:90]).item()
        if figure < best:
            best, kept = figure, {name: value.clone() for name, value in model.state_dict().items()}
    assert notes.losses == pytest.approx(losses, rel=1e-5)
    names = ["linear_1.bias", "linear_1.weight", "linear_2.bias", "linear_2.weight"]
    expected = dict(zip(names, (kept[name] for name in ("0.bias", "0.weight", "3.bias", "3.weight")), strict=True))
    trainer = trainer_of(project)
    trainer.run()
    assert len(weights) and all(torch.allclose(trainer.model.state_dict()[name], expected[name], atol=1e-6) for name in names)  # fmt: skip


def test_every_row_comes_once_an_epoch_in_another_order_each_time():
    rows = torch.arange(100, 137)
    epochs = [torch.cat(epoch_batches(rows, 8, 3, epoch)).tolist() for epoch in (1, 2, 1)]
    assert sorted(epochs[0]) == rows.tolist() and epochs[0] != epochs[1] and epochs[0] == epochs[2]


@pytest.mark.parametrize(("rows", "sizes"), [(33, [8, 8, 8, 9]), (32, [8, 8, 8, 8]), (34, [8, 8, 8, 8, 2]), (1, [1]), (5, [5])])  # fmt: skip
def test_no_batch_of_one_row_is_left_over(rows, sizes):
    assert [len(batch) for batch in epoch_batches(torch.arange(rows), 8, 0, 1)] == sizes


def test_penalties_are_the_sums_written_by_hand():
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2), nn.Conv1d(2, 1, 1))
    with torch.no_grad():
        model[0].weight.copy_(torch.tensor([[1.0, -2.0], [3.0, 0.5]]))
        model[2].weight.copy_(torch.tensor([[[4.0], [-1.0]]]))

    def penalty(*kinds):
        return weight_penalty(small(regularization=kinds).training, model)

    assert penalty() is None
    assert penalty(L1Penalty(weight=0.1)).item() == pytest.approx(0.1 * (6.5 + 5))
    assert penalty(L2Penalty(weight=0.2)).item() == pytest.approx(0.2 * (14.25 + 17))
    assert penalty(ElasticNet(weight=0.4, l1_ratio=0.25)).item() == pytest.approx(0.1 * (6.5 + 5) + 0.3 * (14.25 + 17))
    assert penalty(L1Penalty(weight=0.1), L2Penalty(weight=0.2)).item() == pytest.approx(1.15 + 6.25)


def test_a_step_under_penalties_moves_the_weights_as_computed_by_hand():
    project = small(Linear(), epochs=1, batch_size=60, optimizer=PLAIN, regularization=(L1Penalty(weight=0.3), L2Penalty(weight=0.2)))  # fmt: skip
    trainer, made = trainer_of(project), MadeExamples()
    weight, bias = (parameter.detach().clone().requires_grad_() for parameter in trainer.model.parameters())
    rows = epoch_batches(made.train_rows, 60, 0, 1)[0]
    nn.functional.cross_entropy(made.features[rows] @ weight.T + bias, made.targets[rows]).backward()
    trainer.run()
    with torch.no_grad():
        expected = weight - 0.1 * (weight.grad + 0.3 * weight.sign() + 0.2 * 2 * weight)
        assert torch.allclose(trainer.model.linear_1.weight, expected, atol=1e-6)
        assert torch.allclose(trainer.model.linear_1.bias, bias - 0.1 * bias.grad, atol=1e-6)


def test_clipping_limits_how_far_a_step_goes():
    def moved(*regularization):
        project = small(Linear(), epochs=1, batch_size=60, loss=MSE(), optimizer=SGD(lr=1, momentum=0), regularization=regularization)  # fmt: skip
        trainer = trainer_of(project, "regression", scale=100.0)
        before = nn.utils.parameters_to_vector(trainer.model.parameters()).detach().clone()
        trainer.run()
        return (nn.utils.parameters_to_vector(trainer.model.parameters()) - before).norm().item()

    assert moved() > 100
    assert moved(GradientClipping(max_norm=0.5)) == pytest.approx(0.5, rel=1e-4)


def test_clipping_by_value_cuts_each_number_of_the_gradient_off():
    project = small(Linear(), epochs=1, batch_size=60, loss=MSE(), optimizer=SGD(lr=1, momentum=0), regularization=(ValueClipping(clip_value=0.25),))  # fmt: skip
    trainer = trainer_of(project, "regression", scale=100.0)
    before = nn.utils.parameters_to_vector(trainer.model.parameters()).detach().clone()
    trainer.run()
    moved = (nn.utils.parameters_to_vector(trainer.model.parameters()) - before).abs()
    assert moved.max().item() == pytest.approx(0.25) and (moved[:3] == moved.max()).all()


def test_max_norm_shortens_the_units_that_are_too_long_and_no_others():
    model = nn.Sequential(nn.Linear(2, 2), nn.ConvTranspose1d(2, 1, 1))
    with torch.no_grad():
        model[0].weight.copy_(torch.tensor([[3.0, 4.0], [0.6, 0.8]]))
        model[1].weight.copy_(torch.tensor([[[3.0]], [[-4.0]]]))
    limit_norms(model, 2.0)
    assert torch.allclose(model[0].weight, torch.tensor([[1.2, 1.6], [0.6, 0.8]]), atol=1e-5)
    assert torch.allclose(model[1].weight, torch.tensor([[[1.2]], [[-1.6]]]), atol=1e-5)  # one filter out of both
    trainer = trainer_of(small(optimizer=SGD(lr=0.5), regularization=(MaxNorm(max_norm=0.3),)))
    trainer.run()
    assert all(trainer.model.get_submodule(name).weight.norm(dim=1).max() < 0.3001 for name in ("linear_1", "linear_2"))


def scripted(monkeypatch, figures: list[float], metric="loss", **training) -> tuple[Notes, object, list[dict]]:
    """A run whose validation figures are given; with the weights after each epoch."""
    notes, states = Notes(), []
    trainer = trainer_of(small(epochs=len(figures), best_by=metric, metrics=metrics_for("multiclass"), **training), notes=notes)  # fmt: skip

    def evaluate(rows):
        states.append({name: value.clone() for name, value in trainer.model.state_dict().items()})
        return {metric: figures[len(states) - 1]}

    monkeypatch.setattr(trainer, "evaluate", evaluate)
    trainer.run()
    return notes, trainer, states


NAN = math.nan


@pytest.mark.parametrize(
    ("figures", "metric", "best", "ran"),
    [
        ([5, 3, 4, 4, 4, 1], "loss", 2, 5),
        ([5, 4, 3, 2, 1], "loss", 5, 5),
        ([1, 1, 1, 1, 1], "loss", 1, 4),
        ([5, 3, 3.5, 3.2, 2, 9, 9, 9, 0], "loss", 5, 8),
        ([0.1, 0.6, 0.5, 0.5, 0.5, 0.9], "F1", 2, 5),
        ([NAN, 0.2, NAN, 0.3, 0.1, 0.1, 0.1, 0.9], "F1", 4, 7),
        ([NAN, NAN, NAN, NAN], "F1", 1, 3),
    ],
)
def test_early_stopping_waits_three_epochs_and_the_best_epoch_is_kept(monkeypatch, figures, metric, best, ran):
    notes, trainer, states = scripted(monkeypatch, figures, metric, regularization=(EarlyStopping(patience=3),))
    assert len(notes.epochs) == ran and trainer.best.epoch == best and notes.kept[-1] == best
    assert trainer.position.gave_up_after == (ran if ran < len(figures) else None)
    assert all(torch.equal(value, states[best - 1][name]) for name, value in trainer.model.state_dict().items())
    assert [record["epoch"] for record in notes.epochs if record["is_best"]] == notes.kept


@pytest.mark.parametrize(("watched", "ran"), [(None, 3), ("loss", 3), ("Accuracy", 6), ("F1", 4)])
def test_early_stopping_may_watch_another_figure_than_the_one_that_picks_the_best_epoch(monkeypatch, watched, ran):
    notes = Notes()
    stopping = EarlyStopping(patience=2, metric=watched)
    trainer = trainer_of(small(epochs=8, metrics=metrics_for("multiclass"), regularization=(stopping,)), notes=notes)
    figures = {"loss": [1, 2, 3, 0.5, 4, 5, 6, 7], "Accuracy": [0.1, 0.2, 0.3, 0.4, 0.4, 0.4, 0.9, 1], "F1": [0.5, 0.6, 0.1, 0.1, 1, 1, 1, 1]}  # fmt: skip
    validations = (dict(zip(figures, epoch, strict=True)) for epoch in zip(*figures.values(), strict=True))
    monkeypatch.setattr(trainer, "evaluate", lambda rows: next(validations))
    trainer.run()
    assert len(notes.epochs) == trainer.position.gave_up_after == ran
    assert trainer.best.metric == "loss" and trainer.best.epoch == (1 if ran < 4 else 4)


def test_the_last_weights_are_kept_if_that_is_asked_for(monkeypatch):
    stopping = EarlyStopping(patience=3, restore_best=False)
    notes, trainer, states = scripted(monkeypatch, [5, 3, 4, 4, 4, 1], regularization=(stopping,))
    assert len(notes.epochs) == 5 and (trainer.best.epoch, trainer.best.value) == (2, 3)
    assert (trainer.best.kept_epoch, trainer.best.kept_value) == (5, 4)
    assert all(torch.equal(value, states[4][name]) for name, value in trainer.model.state_dict().items())
    assert [record["epoch"] for record in notes.epochs if record["is_best"]] == [1, 2]


def test_an_improvement_below_the_least_one_does_not_count_but_is_kept(monkeypatch):
    stopping = EarlyStopping(patience=2, min_delta=0.5)
    notes, trainer, _ = scripted(monkeypatch, [3, 2.9, 2.8, 1, 1], regularization=(stopping,))
    assert len(notes.epochs) == 3 and trainer.best.epoch == 3


def test_the_kept_weights_give_the_best_epochs_figures_again():
    notes = Notes()
    trainer = trainer_of(small(epochs=25, optimizer=SGD(lr=0.5), metrics=metrics_for("multiclass"), best_by="F1"), notes=notes)  # fmt: skip
    best = trainer.run()
    figures = [record["validation"]["F1"] for record in notes.epochs]
    assert best.value == max(figures) and figures.index(max(figures)) == best.epoch - 1 < 24
    assert trainer.evaluate(trainer.examples.validation_rows) == notes.epochs[best.epoch - 1]["validation"]


@pytest.mark.parametrize("stop_at", [1, 4, 6, 8])
def test_a_stop_ends_the_training_after_the_current_batch(stop_at):
    notes = Notes(stop_at)
    trainer = trainer_of(small(epochs=100), notes=notes)
    best = trainer.run()
    assert trainer.stopped and trainer.position.step == len(notes.losses) == stop_at
    assert best.epoch >= 1 and all(torch.isfinite(value).all() for value in best.state.values())


def test_a_loss_that_is_no_number_ends_the_run_at_that_step():
    notes, optimizer = Notes(), SGD(lr=10)
    trainer = trainer_of(small(HIDDEN, Linear(), loss=MSE(), optimizer=optimizer, epochs=300), "regression", notes, scale=1e12)  # fmt: skip
    with pytest.raises(RunError) as caught:
        trainer.run()
    step, epoch = len(notes.losses) + 1, len(notes.losses) // 4 + 1
    assert str(caught.value).startswith(f"The loss became nan at step {step} (epoch {epoch}), first in layer 'linear_")
    assert "Lower the learning rate (10) or switch on gradient clipping" in str(caught.value)
    assert all(math.isfinite(loss) for loss in notes.losses)
    assert all(torch.isfinite(value).all() for value in trainer.best.state.values())


def figures_of(trainer) -> tuple[dict, torch.Tensor, torch.Tensor]:
    rows = trainer.examples.validation_rows
    with torch.no_grad():
        answers = trainer.answer(trainer.outputs(rows)).double()
    return trainer.evaluate(rows), answers, trainer.examples.truth[rows]


def test_validation_figures_of_several_classes_are_scikit_learns():
    trainer = trainer_of(small(metrics=metrics_for("multiclass")))
    trainer.run()
    figures, given, truth = figures_of(trainer)
    given /= given.sum(1, keepdim=True)  # to the last digit, as scikit-learn asks
    predicted, average = given.argmax(1), {"average": "macro", "zero_division": 0}
    assert figures == pytest.approx({
        "loss": sk.log_loss(truth, given), "Accuracy": sk.accuracy_score(truth, predicted),
        "Precision": sk.precision_score(truth, predicted, **average), "Recall": sk.recall_score(truth, predicted, **average),
        "F1": sk.f1_score(truth, predicted, **average), "ROCAUC": sk.roc_auc_score(truth, given, multi_class="ovr"),
        "PRAUC": sk.average_precision_score(nn.functional.one_hot(truth, 3), given),
    }, rel=1e-5)  # fmt: skip


def test_validation_figures_of_two_classes_are_scikit_learns():
    trainer = trainer_of(small(loss=BCEWithLogits(), metrics=metrics_for("binary")), "binary")
    trainer.run()
    figures, given, truth = figures_of(trainer)
    predicted, score = given.argmax(1), given[:, 1]
    assert figures == pytest.approx({
        "loss": sk.log_loss(truth, score), "Accuracy": sk.accuracy_score(truth, predicted), "Precision": sk.precision_score(truth, predicted),
        "Recall": sk.recall_score(truth, predicted), "F1": sk.f1_score(truth, predicted), "ROCAUC": sk.roc_auc_score(truth, score),
        "PRAUC": sk.average_precision_score(truth, score),
    }, rel=1e-5)  # fmt: skip


def test_validation_figures_of_numbers_are_scikit_learns():
    trainer = trainer_of(small(loss=MSE(), metrics=metrics_for("regression")), "regression")
    trainer.run()
    figures, given, truth = figures_of(trainer)
    squared = sk.mean_squared_error(truth, given)
    assert figures == pytest.approx({
        "loss": squared, "MeanSquaredError": squared, "RMSE": math.sqrt(squared), "MAE": sk.mean_absolute_error(truth, given),
        "R2": sk.r2_score(truth, given),
    }, rel=1e-5)  # fmt: skip


def test_training_figures_are_means_over_the_rows_of_the_epoch():
    notes, _ = trained(small(Linear(), batch_size=25))
    weights = [25, 25, 10]
    by_hand = sum(loss * weight for loss, weight in zip(notes.losses[:3], weights, strict=True)) / 60
    assert notes.epochs[0]["train"]["loss"] == pytest.approx(by_hand) and notes.epochs[0]["step"] == 3


def test_each_row_counts_once_in_the_training_loss_of_a_step_in_parts(monkeypatch):
    """Outputs are kept of the last parts of a step alone."""
    monkeypatch.setattr("builder.training.loop.METRIC_ROWS", 4)
    project = stacked(Linear(), optimizer=SGD(lr=1e-9), epochs=1, batch_size=4, accumulation=13, metrics=())
    trainer = trainer_of(project, notes=(notes := Notes()))
    trainer.run()
    examples = trainer.examples
    rows = examples.train_rows
    with torch.no_grad():
        whole = torch.nn.functional.cross_entropy(trainer.model(examples.inputs(rows)), examples.targets[rows])
    assert notes.epochs[0]["train"]["loss"] == pytest.approx(whole.item(), rel=1e-5)
