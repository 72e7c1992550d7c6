"""Draws projects and kills, and holds a run that was killed against the same run undisturbed."""

import json
import math
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from hypothesis import assume
from hypothesis import strategies as st
from PIL import Image

from builder.catalogue.activations import ReLU, Tanh
from builder.catalogue.augmentations import AUGMENTATIONS, Augmentation
from builder.catalogue.layers import BatchNorm1d, BatchNorm2d, Conv2d, Dropout, Flatten, Linear
from builder.catalogue.losses import MSE, CrossEntropy
from builder.catalogue.metrics import MAE, Accuracy
from builder.catalogue.optimizers import OPTIMIZERS, Optimizer
from builder.catalogue.regularization import (
    EMA,
    SWA,
    CutMix,
    EarlyStopping,
    ElasticNet,
    GradientClipping,
    L1Penalty,
    L2Penalty,
    MaxNorm,
    Mixup,
    Regularization,
    ValueClipping,
)
from builder.catalogue.schedulers import (
    SCHEDULERS,
    MultiStepDecay,
    Plateau,
    Scheduler,
    StepDecay,
    WarmRestarts,
)
from builder.check.report import check
from builder.data.dataset import prepare
from builder.data.propose import propose
from builder.runs import control
from builder.runs.checkpoints import checkpoint_files
from builder.runs.events import EventReader
from builder.runs.folder import RunFolder
from builder.runs.run import Run
from builder.runs.store import open_store
from builder.spec.data import DataSpec, ImageData
from builder.spec.facts import DataFacts
from builder.spec.project import Project
from builder.spec.sources import FileSource
from builder.spec.templates import stack
from builder.spec.training import TrainingSpec
from builder.training.checkpointing import read_checkpoint
from tests.forks import run_python
from tests.training.killed_run import ANYWHERE, IN_A_FILE, PLACES

PROGRAM = "tests.training.killed_run"
OURS = (
    "builder.training.session", "builder.check.report", "builder.runs.store", "sklearn.linear_model", "pyarrow.parquet",
    "PIL.PngImagePlugin", "pyarrow.dataset", "pyarrow.pandas_compat", "torch._inductor",
    "torch.fx.experimental.proxy_tensor",
)  # fmt: skip
HERE = Path(__file__).parents[2]
TIMED = {"elapsed_s", "rows_per_s"}

QUICK_SCHEDULERS: dict[type[Scheduler], dict[str, Any]] = {
    WarmRestarts: {"first": 1}, StepDecay: {"step_size": 1}, MultiStepDecay: {"milestones": (1, 2)},
    Plateau: {"patience": 0, "min_delta": 0.5},
}  # fmt: skip
"""Settings with which a schedule changes the rate within three epochs."""
REGULARIZATION: tuple[tuple[Regularization, ...], ...] = (
    (EMA(decay=0.9), SWA(start=0.3), SWA(start=0.0, lr=0.02)),
    (L1Penalty(), L2Penalty(), ElasticNet()),
    (GradientClipping(max_norm=0.1),), (ValueClipping(clip_value=0.05),), (MaxNorm(max_norm=0.5),),
    (Mixup(),), (CutMix(),),
    (EarlyStopping(patience=1), EarlyStopping(patience=1, min_delta=0.1, restore_best=False)),
)  # fmt: skip
"""Of each group at most one."""


@dataclass(frozen=True)
class Kill:
    place: str
    share: float
    """Of what the undisturbed run does at this place."""
    by_clock: bool = False
    """At this share of its time instead, from outside."""


@dataclass(frozen=True)
class Habits:
    """How often a run is saved and its events are written, and from where its table is read."""

    save_every: int
    flush_s: float
    from_disk: bool = False


@dataclass(frozen=True)
class Case:
    project: Project
    habits: Habits
    kills: tuple[Kill, ...]
    hurries: bool = False
    """Whether the run that is killed records its steps, and takes several in one call, as soon as it can."""


def kills(*, by_clock: bool = False) -> st.SearchStrategy[tuple[Kill, ...]]:
    share = st.floats(0.1, 0.999)
    one = st.builds(
        Kill, st.sampled_from([ANYWHERE, IN_A_FILE, *PLACES]), share, st.booleans() if by_clock else st.just(False)
    )
    return st.lists(one, min_size=1, max_size=3).map(tuple)


@st.composite
def cases(
    draw: st.DrawFn,
    folder: Path,
    *,
    optimizer: type[Optimizer] | None = None,
    scheduler: type[Scheduler] | None = None,
    augmentation: type[Augmentation] | None = None,
    of_images: bool | None = None,
    by_clock: bool = False,
) -> Case:
    """Of these kinds, or of any."""
    assume(draw(st.integers(0, 999)))  # hypothesis begins with the simplest of all, which tells little
    of_images = draw(st.booleans()) if of_images is None else of_images
    data = draw(_data(folder, of_images, augmentation))
    kind = optimizer or draw(st.sampled_from(sorted(OPTIMIZERS.values(), key=lambda kind: kind.label)))
    asked = draw(_training(kind, scheduler, is_number=data.task == "regression"))
    layers = draw(_layers(of_images))
    project = _trainable(Project(name="Killed", data=data, model=stack(*layers), training=asked), facts(data))
    habits = Habits(draw(st.sampled_from([1, 1, 2, 3])), draw(st.sampled_from([0.0, 0.25, math.inf])))
    habits = replace(habits, from_disk=not of_images and draw(st.booleans()))
    return Case(project, habits, draw(kills(by_clock=by_clock)), draw(st.booleans()))


@st.composite
def _data(draw: st.DrawFn, folder: Path, of_images: bool, augmentation: type[Augmentation] | None) -> DataSpec:
    if not of_images:
        return table_data(folder, draw(st.sampled_from(["kind", "value"])))
    kinds = draw(st.lists(st.sampled_from(sorted(AUGMENTATIONS)), unique=True, max_size=6))
    first = () if augmentation is None else (augmentation(),)
    rest = (AUGMENTATIONS[kind]() for kind in kinds if AUGMENTATIONS[kind] is not augmentation)
    return image_data(folder).model_copy(update={"augmentations": (*first, *rest)})


@st.composite
def _layers(draw: st.DrawFn, of_images: bool) -> list:
    normalized, dropped = draw(st.booleans()), draw(st.booleans())
    if of_images:
        first = [
            Conv2d(out_channels=3, kernel_size=3, activation=ReLU()),
            *([BatchNorm2d()] if normalized else []),
            Flatten(),
        ]
    else:
        first = [Linear(out_features=6, activation=Tanh()), *([BatchNorm1d()] if normalized else [])]
    return [*first, *([Dropout(p=0.3)] if dropped else []), Linear()]


@st.composite
def _training(
    draw: st.DrawFn, optimizer: type[Optimizer], scheduler: type[Scheduler] | None, is_number: bool
) -> TrainingSpec:
    planned = scheduler or draw(st.sampled_from(sorted(SCHEDULERS.values(), key=lambda kind: kind.label)))
    settings = QUICK_SCHEDULERS.get(planned, {}) | {"warmup": draw(st.sampled_from([0.0, 0.0, 0.5]))}
    groups = draw(st.lists(st.sampled_from(REGULARIZATION), unique=True, max_size=4))
    metric = MAE() if is_number else Accuracy()
    return TrainingSpec(
        loss=MSE() if is_number else CrossEntropy(),
        optimizer=optimizer(lr=draw(st.sampled_from([0.003, 0.02]))),
        scheduler=planned(**settings),
        regularization=tuple(draw(st.sampled_from(group)) for group in groups),
        metrics=(metric,),
        best_by=draw(st.sampled_from(["loss", metric.kind])),
        step_metrics=draw(st.booleans()),
        epochs=draw(st.integers(3, 4)),
        batch_size=draw(st.sampled_from([4, 8, 13])),
        accumulation=draw(st.sampled_from([1, 1, 2, 3])),
        precision=draw(st.sampled_from(["float32", "float32", "mixed"])),
        channels_last=draw(st.booleans()),
        loaders=draw(st.sampled_from([0, 1, 2])),
        seed=draw(st.integers(0, 3)),
    )


def _trainable(project: Project, of: DataFacts) -> Project:
    """Without the regularization and the dropout that do not go with the rest."""
    if check(project, of).errors:
        plain = project.training.model_copy(update={"regularization": ()})
        nodes = tuple(node for node in project.model.nodes if not isinstance(node.layer, Dropout))
        model = project.model.model_copy(update={"nodes": nodes})
        project = project.model_copy(update={"training": plain, "model": model})
    assume(not check(project, of).errors)
    return project


def write_data(folder: Path) -> Path:
    """A table of 64 rows and 42 small pictures in two classes, under `folder`."""
    random = np.random.default_rng(5)
    lines = ["size,color,kind,value"]
    for _ in range(64):
        size, color = random.normal(), random.choice(["red", "blue"])
        value = 2 * size + (color == "red") + random.normal() / 3
        lines.append(f"{size:.4f},{color},{'abc'[int(np.clip(value + 1, 0, 2))]},{value:.4f}")
    (folder / "table.csv").write_text("\n".join(lines))
    for number in range(42):
        pixels = random.integers(0, 150, (8, 8, 3), np.uint8)
        pixels[4 * (number % 2) : 4 + 4 * (number % 2)] += 60
        path = folder / "images" / ["above", "below"][number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
    return folder


@cache
def table_data(folder: Path, target: str) -> DataSpec:
    return propose(FileSource(path=str(folder / "table.csv")), target=target)


@cache
def image_data(folder: Path) -> ImageData:
    return propose(FileSource(path=str(folder / "images"))).model_copy(update={"height": 8, "width": 8})


def facts(data: DataSpec) -> DataFacts:
    return prepare(data).facts


def assert_nothing_is_lost(case: Case) -> None:
    """What is left of a run that was killed, again and again, is what is left of one that was not."""
    whole, counted = carried(case.project, case.habits)
    killed = killed_run(case, counted)
    assert left(killed) == left(whole)


def carried(project: Project, habits: Habits) -> tuple[Run, dict[str, Any]]:
    """An undisturbed run, and what it did at each place."""
    run = open_store().create(project)
    told = go_on(run, habits, counts=True)
    assert told is not None and told["status"] == "finished", told
    return open_store().get(run.id), told


def killed_run(case: Case, counted: dict[str, Any]) -> Run:
    store = open_store()
    run = store.create(case.project)
    for kill in case.kills:
        go_on(run, case.habits, kill, counted, hurries=case.hurries)
        store.reconcile()
        if store.get(run.id).status == "finished":  # it came to its end before
            break
        assert store.get(run.id).status == "interrupted"
        if control.is_resumable(store.get(run.id)):
            control.resume(run.id)
        else:  # it had no checkpoint yet: there is nothing of it, but a new one
            run = store.create(case.project)
    if store.get(run.id).is_active:
        told = go_on(run, case.habits, hurries=case.hurries)
        assert told is not None and told["status"] == "finished", told
    return store.get(run.id)


def go_on(
    run: Run,
    habits: Habits,
    kill: Kill | None = None,
    counted: dict[str, Any] | None = None,
    *,
    counts: bool = False,
    hurries: bool = False,
) -> dict[str, Any] | None:
    """What the process of the run says at its end; None if it was killed."""
    order = {"run": run.id, "place": None, "after": 0, "within_s": None, "counts": counts, "hurries": hurries, **asdict(habits)}  # fmt: skip
    if kill is not None and kill.by_clock:
        order["within_s"] = kill.share * counted["took_s"]
    elif kill is not None:
        order["counts"] = True
        place = kill.place if counted["counts"].get(kill.place) else ANYWHERE
        order |= {"place": place, "after": max(1, round(kill.share * counted["counts"][place] * _to_do(run)))}
    answer = run_python(["-m", PROGRAM, json.dumps(order)], HERE, imported=OURS)
    assert answer.returncode in ((0, -9) if kill else (0,)), answer.stderr
    return None if answer.returncode else json.loads(answer.stdout.splitlines()[-1])


def _to_do(run: Run) -> float:
    """The share of the steps that is to be done yet."""
    reader = EventReader(RunFolder(run.folder))
    if not reader.plan:
        return 1.0
    return max(0.1, 1 - len(reader.read().steps) / (reader.plan["epochs"] * reader.plan["steps_per_epoch"]))


def left(run: Run) -> dict[str, Any]:
    """Every point, the kept weights, and all that the training would go on from."""
    folder = RunFolder(run.folder)
    events = EventReader(folder).read()
    newest = read_checkpoint(checkpoint_files(folder)[-1])
    return {
        "message": run.message,
        "steps": events.steps["step"].tolist(),
        "epochs of steps": events.steps["epoch"].tolist(),
        "losses": events.steps["loss"].tobytes(),
        "step metrics": {name: figures.tobytes() for name, figures in events.step_metrics.items()},
        "epochs": [repr(_untimed(epoch)) for epoch in events.epochs],
        "kept weights": folder.weights.read_bytes(),
        "state": _plain(_untimed(newest)),
        "answers": folder.predictions.read_bytes(),
        "torn files": [path.name for path in folder.path.rglob(".*")],
    }


def _untimed(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name not in TIMED}


def _plain(state: Any) -> Any:
    """Tensors by their bytes, so that states can be compared."""
    if isinstance(state, torch.Tensor):
        return str(state.dtype), tuple(state.shape), state.contiguous().view(-1).view(torch.uint8).numpy().tobytes()
    if isinstance(state, dict):
        return {key: _plain(value) for key, value in state.items()}
    if isinstance(state, (list, tuple)):
        return [_plain(value) for value in state]
    return repr(state)
