"""A run leaves the same files every time, and ends with a status and one plain sentence whatever happens."""

import errno
import json
import math
import os

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file

from builder.catalogue.activations import ReLU
from builder.catalogue.augmentations import AUGMENTATIONS
from builder.catalogue.layers import BatchNorm2d, Conv2d, Dropout, Flatten, Linear
from builder.catalogue.losses import MSE
from builder.catalogue.metrics import Accuracy
from builder.catalogue.optimizers import SGD
from builder.catalogue.regularization import EarlyStopping
from builder.data.dataset import prepare
from builder.data.propose import propose
from builder.errors import DataError
from builder.evaluation.trained import load_trained
from builder.runs import launch
from builder.runs.events import EventReader, EventWriter
from builder.runs.folder import RunFolder
from builder.runs.processes import start_time
from builder.runs.store import open_store
from builder.spec.project import Project
from builder.spec.sources import FileSource
from builder.spec.templates import stack
from builder.spec.training import TrainingSpec
from builder.training import session, watcher, worker
from builder.training.best import Best
from tests.trained import carry, read_json


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """120 rows: a number with gaps, a category, and a class and a value that follow from them."""
    random = np.random.default_rng(0)
    size, color = random.normal(size=120), random.choice(["red", "blue", "green"], 120)
    value = 3 * size + (color == "red") * 2 + random.normal(size=120) / 3
    lines = ["size,color,kind,value"]
    for row in range(120):
        text = "" if row % 9 == 0 else f"{size[row]:.4f}"
        lines.append(f"{text},{color[row]},{'big' if value[row] > 0.5 else 'small'},{value[row]:.4f}")
    path = tmp_path_factory.mktemp("table") / "table.csv"
    path.write_text("\n".join(lines))
    return path


def project_on(table, target="kind", *layers, **training) -> Project:
    data = propose(FileSource(path=str(table)), target=target)
    loss = training.pop("loss", None) or {"kind": "CrossEntropy"}
    settings = TrainingSpec(loss=loss, **{"epochs": 3, "batch_size": 16} | training)
    hidden = Linear(out_features=6, activation=ReLU())
    return Project(name="Table", data=data, model=stack(*(layers or (hidden, Linear()))), training=settings)


def test_the_same_project_twice_leaves_the_same_weights_and_losses(table):
    project = project_on(table, metrics=(Accuracy(),), best_by="Accuracy")
    first, second = (RunFolder(carry(project).folder) for _ in range(2))
    assert first.weights.read_bytes() == second.weights.read_bytes()
    losses = [EventReader(folder).read().steps["loss"] for folder in (first, second)]
    assert len(losses[0]) == 18 and losses[0].tobytes() == losses[1].tobytes()
    assert first.predictions.read_bytes() == second.predictions.read_bytes()


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """Two folders of 14 noisy pictures: bright above, or bright below."""
    folder, random = tmp_path_factory.mktemp("images"), np.random.default_rng(1)
    for number in range(28):
        pixels = random.integers(0, 120, (10 + number % 3, 12, 3), np.uint8)
        pixels[5:] += number % 2 * 100
        path = folder / ["above", "below"][number % 2] / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(pixels).save(path)
    return folder


def test_augmented_images_twice_leave_the_same_weights_and_losses(images):
    every = tuple(kind() for kind in AUGMENTATIONS.values())
    plain, augmented = (
        propose(FileSource(path=str(images))).model_copy(update={"height": 8, "width": 8, "augmentations": kinds})
        for kinds in ((), every)
    )
    layers = (Conv2d(out_channels=4, activation=ReLU()), BatchNorm2d(), Flatten(), Dropout(p=0.2), Linear())
    settings = TrainingSpec(loss={"kind": "CrossEntropy"}, epochs=2, batch_size=8)
    runs = [Project(name="Images", data=data, model=stack(*layers), training=settings) for data in (augmented, augmented, plain)]  # fmt: skip
    folders = [RunFolder(carry(project).folder) for project in runs]
    first, second, other = (folder.weights.read_bytes() for folder in folders)
    assert first == second != other
    assert EventReader(folders[0]).read().steps["loss"].tolist() == EventReader(folders[1]).read().steps["loss"].tolist()  # fmt: skip


def test_a_finished_run_says_what_it_did(table):
    run = carry(project_on(table, metrics=(Accuracy(),)))
    folder, events = RunFolder(run.folder), EventReader(RunFolder(run.folder))
    assert (run.status, run.message, run.phase) == ("finished", "", "")
    assert events.plan == {"epochs": 3, "steps_per_epoch": 6, "train_rows": 84}
    epochs = events.read().epochs
    assert [record["epoch"] for record in epochs] == [1, 2, 3] and epochs[-1]["step"] == 18
    assert set(epochs[0]["validation"]) == {"loss", "Accuracy"} and epochs[0]["rows_per_s"] > 0
    best = min(epochs, key=lambda record: record["validation"]["loss"])
    with safe_open(folder.weights, "pt") as weights:
        assert json.loads(weights.metadata()["best"]) == {"epoch": best["epoch"], "loss": best["validation"]["loss"]}
    assert read_json(folder.evaluation)["best_epoch"] == best["epoch"]


def test_a_run_says_that_early_stopping_ended_it(table):
    run = carry(project_on(table, regularization=(EarlyStopping(patience=1, min_delta=10),)))
    best = read_json(RunFolder(run.folder).evaluation)["best_epoch"]
    said = f"Early stopping ended it after epoch 2 of 3; epoch {best} was the best."
    assert (run.status, run.message) == ("finished", said)


def test_early_stopping_names_the_figure_that_it_watched(table):
    stopping = EarlyStopping(patience=1, min_delta=2.0, metric="Accuracy")
    run = carry(project_on(table, metrics=(Accuracy(),), regularization=(stopping,)))
    assert run.message.startswith(
        "Early stopping ended it after epoch 2 of 3; validation Accuracy no longer improved. By validation loss epoch "
    )


def test_the_stored_weights_give_the_stored_predictions(table):
    project = project_on(table)
    folder = RunFolder(carry(project).folder)
    stored = pd.read_parquet(folder.predictions)
    dataset = prepare(project.data)
    assert stored["row"].tolist() == dataset.split.test.tolist()
    given = load_trained(folder).answer_rows(dataset, stored["row"].tolist()).numpy()
    np.testing.assert_allclose(stored[["probability of big", "probability of small"]], given, atol=1e-7)
    assert stored["true"].tolist() == dataset.rows.frame["kind"].iloc[stored["row"]].tolist()


def test_a_requested_stop_ends_the_run_as_stopped_with_its_best_weights(table):
    def ask_for_stop(watcher):
        (run,) = open_store().list()
        open_store().request(run.id, "stop")
        return watcher

    run = carry(project_on(table, epochs=100_000), watch=ask_for_stop)
    folder = RunFolder(run.folder)
    assert run.status == "stopped" and folder.weights.exists() and folder.evaluation.exists()
    assert len(EventReader(folder).read().steps) < 100_000


def test_a_loss_that_is_no_number_is_told_with_step_and_way_out(table):
    run = carry(project_on(table, "value", loss=MSE(), optimizer=SGD(lr=10), epochs=300))
    steps = EventReader(RunFolder(run.folder)).read().steps
    assert run.status == "failed" and run.message.startswith("The loss became ")
    assert f"at step {len(steps) + 1} (epoch {len(steps) // 6 + 1})" in run.message
    assert "Lower the learning rate (10) or switch on gradient clipping, then train again." in run.message
    assert all(map(math.isfinite, steps["loss"]))


ALLOCATOR = "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 17179869184 bytes. Error code 12 (Cannot allocate memory)"  # fmt: skip
OUT_OF_MEMORY = "The training ran out of memory at batch size 16. Tried out just now, 8 at a time fit: set the batch size to 8, then train again."  # fmt: skip


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (RuntimeError(ALLOCATOR), OUT_OF_MEMORY),
        (MemoryError(), OUT_OF_MEMORY),
        (OSError(errno.ENOSPC, "No space left on device"), "The disk is full. Free some space, then resume this run or train again; finished runs are intact."),
        (DataError("table.csv is gone. Put it back."), "table.csv is gone. Put it back."),
        (ZeroDivisionError("x"), "Something of ours went wrong: ZeroDivisionError: x. The details are in the run's log.txt."),
    ],
    ids=["allocator", "memory", "disk", "data", "ours"],
)  # fmt: skip
def test_a_fault_ends_the_run_in_one_sentence(table, monkeypatch, capsys, error, says):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(session, "load_examples", fail)
    run = carry(project_on(table))
    assert (run.status, run.message) == ("failed", says) and run.ended_at


def test_a_project_that_cannot_train_fails_with_what_is_wrong(table):
    run = carry(project_on(table, "kind", Linear(out_features=7)))
    assert run.status == "failed" and run.message.startswith("Output must be (2,) for 2 classes of 'kind'")


def test_a_missing_file_fails_the_run_by_name(table, tmp_path):
    copy = tmp_path / "copy.csv"
    copy.write_bytes(table.read_bytes())
    project = project_on(copy)
    copy.unlink()
    run = carry(project)
    assert run.status == "failed" and "copy.csv" in run.message and "Traceback" not in run.message


def test_a_worker_that_starts_ends_the_runs_of_a_machine_that_is_gone(table, monkeypatch):
    store = open_store()
    run = store.create(project_on(table))
    store.adopt(run.id, 2**22 + 1, 1.0)
    monkeypatch.setattr(worker, "IDLE_S", -1)
    monkeypatch.setattr(worker, "_start", lambda *_: None)
    worker.serve()
    assert store.get(run.id).status == "interrupted"


def test_a_run_launched_as_the_worker_leaves_is_taken_up(table, monkeypatch, strata_home):
    store = open_store()
    store.create(project_on(table))
    me = os.getpid()
    (strata_home / "worker.starting").write_text(f"{me} {start_time(me)!r}")  # as ensure_worker leaves it
    started = []
    monkeypatch.setattr(worker, "IDLE_S", -1)
    monkeypatch.setattr(worker, "_start", lambda *_: None)
    monkeypatch.setattr(launch, "_spawn_worker", lambda: started.append("worker") or me)
    worker.serve()
    assert started == ["worker"]


def test_weights_kept_within_two_seconds_of_the_last_save_reach_the_disk(table, monkeypatch, tmp_path):
    now = [100.0]
    monkeypatch.setattr(watcher.time, "monotonic", lambda: now[0])
    folder = RunFolder(tmp_path / "run")
    with EventWriter(folder) as events:
        watching = watcher.RunWatcher(open_store(), "run", folder, events)
        best = Best("loss", higher_is_better=False)
        best.offer(1, 0.5, {"weight": torch.ones(2)})
        watching.improved(best)
        assert not folder.weights.exists()
        now[0] += watcher.SAVE_EVERY_S
        watching.step(1, 1.0, 0.5, 2.0)
    assert load_file(folder.weights)["weight"].tolist() == [1, 1]
