"""The stand-alone script trains the very same weights with every loss, optimizer and scheduler."""

import sys
import zipfile
from contextlib import redirect_stdout
from io import BytesIO, StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from builder.catalogue.activations import LogSoftmax, ReLU
from builder.catalogue.augmentations import HorizontalFlip
from builder.catalogue.initializations import INITIALIZATIONS
from builder.catalogue.layers import BatchNorm1d, BatchNorm2d, Conv2d, Dropout, Flatten, Linear
from builder.catalogue.losses import LOSSES, MSE, BCEWithLogits, CrossEntropy, GaussianNLL, Loss
from builder.catalogue.metrics import MAE, METRICS, R2, Accuracy, FBeta, TopKAccuracy
from builder.catalogue.optimizers import LBFGS, OPTIMIZERS, SGD, Optimizer
from builder.catalogue.regularization import (
    EMA,
    REGULARIZATION,
    SWA,
    Averaging,
    CutMix,
    EarlyStopping,
    GradientClipping,
    L1Penalty,
    L2Penalty,
    MaxNorm,
    Mixing,
    Mixup,
)
from builder.catalogue.schedulers import SCHEDULERS, Constant, CosineDecay, Plateau, WarmRestarts
from builder.catalogue.task import CLASSIFICATION
from builder.data.propose import propose
from builder.evaluation.report import metric_values
from builder.export.source import write_source
from builder.runs import control
from builder.runs.changes import Change, record
from builder.runs.folder import RunFolder
from builder.runs.run import Run
from builder.runs.store import open_store
from builder.spec.data import Column, TableData
from builder.spec.project import Project
from builder.spec.sources import FileSource
from builder.spec.templates import stack
from builder.spec.training import TrainingSpec
from builder.training.session import carry_out
from tests.imported import imported
from tests.trained import carry, carry_on, read_json


@pytest.fixture(scope="module")
def rows(tmp_path_factory) -> Path:
    """60 rows with a target of every kind."""
    random = np.random.default_rng(0)
    frame = pd.DataFrame({name: random.normal(size=60).round(3) for name in "abc"})
    frame["two"] = np.where(frame.a + frame.b > 0.5, "yes", "no")
    frame["three"] = pd.cut(frame.a - frame.c, [-9, -0.5, 0.8, 9], labels=["low", "mid", "high"])
    frame["count"] = np.exp(frame.a + 2).round()
    path = tmp_path_factory.mktemp("rows") / "rows.csv"
    frame.to_csv(path, index=False)
    return path


@pytest.fixture(autouse=True)
def _as_many_threads_as_before():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


TARGETS = {"binary": "two", "multiclass": "three", "regression": "count", "reconstruction": None}


def project_for(rows: Path, loss: Loss, **training) -> Project:
    source, task = FileSource(path=str(rows)), loss.tasks[-1]
    columns = tuple(Column(name=name, type="number") for name in "abc")
    if task == "reconstruction":
        data = TableData(source=source, columns=columns, task=task)
    else:
        proposed = propose(source, target=TARGETS[task])
        others = [name for name in TARGETS.values() if name not in (None, TARGETS[task])]
        data = proposed.model_copy(update={"columns": tuple(
            column.model_copy(update={"role": "ignored"}) if column.name in others else column for column in proposed.columns
        )})  # fmt: skip
    last = (LogSoftmax(),) if loss.wanted_activation else ()
    model = stack(Linear(out_features=4, activation=ReLU()), BatchNorm1d(), Linear(), *last)
    metrics = (Accuracy(),) if task in CLASSIFICATION else (MAE(), R2())
    settings = TrainingSpec(loss=loss, **({"metrics": metrics, "epochs": 3, "batch_size": 16} | training))
    return Project(name="choice", data=data, model=model, training=settings)


def assert_script_trains_the_same(project: Project, data: Path, folder: Path, monkeypatch) -> str:
    """What the script said."""
    run = carry_out(open_store(), open_store().create(project, status="running"), reraise=True)
    return assert_its_script_trains_the_same(run, data, folder, monkeypatch)


def assert_its_script_trains_the_same(run: Run, data: Path, folder: Path, monkeypatch) -> str:
    project = RunFolder(run.folder).project
    script = imported(write_source(RunFolder(run.folder)).read_text(), folder)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", ["train_model.py", str(data)])
    with redirect_stdout(StringIO()) as said:
        script.main()
    theirs, ours = torch.load(folder / "model.pt", weights_only=True), load_file(RunFolder(run.folder).weights)
    assert theirs.keys() == ours.keys() and all(torch.equal(theirs[name], ours[name]) for name in ours)
    judged = metric_values(read_json(RunFolder(run.folder).evaluation))
    assert figures_in(said.getvalue()) == pytest.approx(
        {metric.kind: judged[metric.kind] for metric in project.training.metrics}, abs=1e-4
    )
    return said.getvalue()


def figures_in(said: str) -> dict[str, float]:
    """Of the test rows, but for the loss: `best epoch 3; test: loss 0.1234, MAE 1.5`"""
    pairs = (figure.split() for figure in said.splitlines()[-1].partition("test: ")[2].split(", "))
    return {name: float(value) for name, value in pairs if name != "loss"}


def changed(kind: type[Loss]) -> Loss:
    weights = {name: "balanced" for name in ("class_weights", "pos_weight") if name in kind.model_fields}
    return kind(**weights)


@pytest.mark.parametrize("kind", LOSSES.values(), ids=LOSSES)
def test_every_loss(kind, rows, tmp_path, monkeypatch):
    assert_script_trains_the_same(project_for(rows, changed(kind)), rows, tmp_path, monkeypatch)


def decaying(kind: type[Optimizer]) -> Optimizer:
    return kind(**({"weight_decay": 0.1} if "weight_decay" in kind.model_fields else {}))


@pytest.mark.parametrize("kind", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_every_optimizer(kind, rows, tmp_path, monkeypatch):
    project = project_for(rows, CrossEntropy(), optimizer=decaying(kind), regularization=(L2Penalty(weight=0.1),))
    assert_script_trains_the_same(project, rows, tmp_path, monkeypatch)


@pytest.mark.parametrize("kind", SCHEDULERS.values(), ids=SCHEDULERS)
def test_every_scheduler(kind, rows, tmp_path, monkeypatch):
    scheduler = {"Plateau": Plateau(patience=0, min_delta=10.0), "WarmRestarts": WarmRestarts(first=1)}.get(
        kind.__name__
    )
    scheduler = (scheduler or kind()).model_copy(update={} if kind.rises else {"warmup": 0.5})
    assert_script_trains_the_same(project_for(rows, MSE(), scheduler=scheduler), rows, tmp_path, monkeypatch)


@pytest.mark.parametrize("scheduler", [Constant(), CosineDecay(), Plateau(patience=0)], ids=lambda one: one.kind)
def test_a_learning_rate_that_was_set_by_hand_is_set_by_the_script(scheduler, rows, tmp_path, monkeypatch):
    """The rates are on disk as a run that was killed leaves them, and are taken on again."""
    project = project_for(rows, MSE(), scheduler=scheduler, regularization=(SWA(start=0.5, lr=0.01),), epochs=4)
    store = open_store()
    run = store.create(
        project,
        status="running",
        prepare=lambda folder: [record(folder, Change(4, 1.0, 0.02)), record(folder, Change(10, 3.0, 0.005))],
    )
    assert_its_script_trains_the_same(carry_out(store, run, reraise=True), rows, tmp_path, monkeypatch)
    plain = carry(project)
    assert load_file(RunFolder(plain.folder).weights).keys() and any(
        (mine != other).any()
        for mine, other in zip(load_file(RunFolder(plain.folder).weights).values(), load_file(RunFolder(run.folder).weights).values(), strict=True)
    )  # fmt: skip


def test_the_script_of_a_forked_run_says_that_it_starts_from_the_beginning(rows, tmp_path, monkeypatch):
    monkeypatch.setattr(control, "ensure_worker", lambda: None)
    longer = carry_on(control.continue_for(carry(project_for(rows, MSE())).id, 2))
    script = write_source(RunFolder(longer.folder)).read_text()
    assert "The run went on from another run after 3 epochs." in script
    imported(script, tmp_path)


@pytest.mark.parametrize("kind", INITIALIZATIONS.values(), ids=INITIALIZATIONS)
def test_every_initialization(kind, rows, tmp_path, monkeypatch):
    assert_script_trains_the_same(project_for(rows, MSE(), initialization=kind()), rows, tmp_path, monkeypatch)


def test_every_regularization_together(rows, tmp_path, monkeypatch):
    apart = (Mixing, Averaging, MaxNorm)
    regularization = tuple(kind() for kind in REGULARIZATION.values() if not issubclass(kind, apart))
    project = project_for(rows, MSE(), regularization=(*regularization, MaxNorm(max_norm=0.5)))
    assert_script_trains_the_same(project, rows, tmp_path, monkeypatch)


MIXED_OR_AVERAGED = {
    "mixed rows": {"regularization": (Mixup(alpha=1.0),)},
    "mixed parts of a step": {"regularization": (Mixup(), L1Penalty()), "accumulation": 2, "batch_size": 8, "scheduler": CosineDecay()},
    "mixed rows tried several times": {"regularization": (Mixup(),), "optimizer": LBFGS(max_iter=4)},
    "mixed rows in mixed precision": {"regularization": (Mixup(alpha=1.0), EMA()), "precision": "mixed"},
    "a moving average": {"regularization": (EMA(decay=0.9), MaxNorm(max_norm=0.5))},
    "a mean over epochs": {"regularization": (SWA(start=0.4),), "epochs": 6},
    "a mean over epochs at a rate of its own": {"regularization": (SWA(start=0.4, lr=0.05), EarlyStopping(patience=1)), "epochs": 8, "scheduler": CosineDecay()},
    "a rate of its own where it was constant": {"regularization": (SWA(start=0.5, lr=0.05),), "epochs": 4},
    "stopping by another figure": {"regularization": (EarlyStopping(patience=2, metric="Accuracy"),), "epochs": 12, "optimizer": SGD(lr=2)},
    "the last weights": {"regularization": (EarlyStopping(patience=2, restore_best=False),), "epochs": 12, "optimizer": SGD(lr=2)},
}  # fmt: skip


@pytest.mark.parametrize("training", MIXED_OR_AVERAGED.values(), ids=MIXED_OR_AVERAGED)
def test_rows_that_are_mixed_and_weights_that_are_averaged(training, rows, tmp_path, monkeypatch):
    assert_script_trains_the_same(project_for(rows, CrossEntropy(), **training), rows, tmp_path, monkeypatch)


def test_images_that_are_mixed_and_weights_that_are_averaged(tmp_path, monkeypatch):
    path, random = tmp_path / "shapes.zip", np.random.default_rng(0)
    with zipfile.ZipFile(path, "w") as archive:
        for index in range(30):
            content = BytesIO()
            Image.fromarray(random.integers(0, 255, (12, 12, 3), dtype=np.uint8)).save(content, "PNG")
            archive.writestr(f"{'abc'[index % 3]}/{index}.png", content.getvalue())
    data = propose(FileSource(path=str(path))).model_copy(update={"augmentations": (HorizontalFlip(),)})
    model = stack(Conv2d(out_channels=4), BatchNorm2d(activation=ReLU()), Dropout(), Flatten(), Linear())
    regularization = (Mixup(alpha=1.0), CutMix(), SWA(start=0.4))
    training = TrainingSpec(
        loss=CrossEntropy(), metrics=(Accuracy(),), epochs=5, batch_size=8, regularization=regularization
    )
    project = Project(name="mixed", data=data, model=model, training=training)
    assert_script_trains_the_same(project, path, tmp_path, monkeypatch)


def test_gradients_of_several_batches_that_make_one_step(rows, tmp_path, monkeypatch):
    project = project_for(rows, MSE(), accumulation=3, batch_size=8, regularization=(L1Penalty(), GradientClipping()))
    assert_script_trains_the_same(project, rows, tmp_path, monkeypatch)


@pytest.mark.filterwarnings("ignore:Metric `SpearmanCorrcoef` will save all targets")
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_every_metric(task, rows, tmp_path, monkeypatch):
    loss = {"binary": BCEWithLogits(), "multiclass": CrossEntropy(), "regression": GaussianNLL()}[task]
    chosen = {"FBeta": FBeta(beta=0.5), "TopKAccuracy": TopKAccuracy(k=2)}
    metrics = tuple(chosen.get(name, kind()) for name, kind in METRICS.items() if task in kind.tasks)
    assert_script_trains_the_same(project_for(rows, loss, metrics=metrics), rows, tmp_path, monkeypatch)


@pytest.mark.parametrize("direction", ["higher", "lower"])
def test_the_direction_of_the_figure_that_picks_the_best(direction, rows, tmp_path, monkeypatch):
    scheduler, stopping = Plateau(patience=0), EarlyStopping(patience=3)
    project = project_for(rows, MSE(), best_by="MAE", best_direction=direction, scheduler=scheduler, regularization=(stopping,), epochs=6)  # fmt: skip
    assert_script_trains_the_same(project, rows, tmp_path, monkeypatch)
    assert f"figure {'>' if direction == 'higher' else '<'} best" in (tmp_path / "generated.py").read_text()


@pytest.mark.parametrize(("minutes", "epochs"), [(1e-7, 1), (1000.0, 3)])
def test_a_time_budget(minutes, epochs, rows, tmp_path, monkeypatch):
    project = project_for(rows, MSE(), time_budget_min=minutes)
    said = assert_script_trains_the_same(project, rows, tmp_path, monkeypatch)
    assert len([line for line in said.splitlines() if line.startswith("epoch ")]) == epochs


@pytest.mark.parametrize("settings", [{}, {"accumulation": 3, "batch_size": 8}, {"device": "cpu"}], ids=str)
@pytest.mark.parametrize("loss", [MSE(), CrossEntropy()], ids=lambda loss: loss.kind)
def test_mixed_precision(loss, settings, rows, tmp_path, monkeypatch):
    regularization = (L1Penalty(), GradientClipping(max_norm=0.3))
    project = project_for(rows, loss, precision="mixed", regularization=regularization, **settings)
    assert_script_trains_the_same(project, rows, tmp_path, monkeypatch)


def test_a_script_for_the_processor_alone_does_not_speak_of_devices(rows, tmp_path, monkeypatch):
    project = project_for(rows, CrossEntropy(), device="cpu")
    assert_script_trains_the_same(project, rows, tmp_path, monkeypatch)
    assert "DEVICE" not in (tmp_path / "generated.py").read_text()
