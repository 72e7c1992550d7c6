"""The stand-alone script trains the very same weights from the very same file, knowing nothing of Strata."""

import zipfile
from io import BytesIO
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from builder.catalogue.activations import ReLU
from builder.catalogue.augmentations import Brightness, HorizontalFlip, Noise, RandomCrop, Rotate
from builder.catalogue.layers import Add, BatchNorm2d, Conv2d, Dropout, Flatten, Linear
from builder.catalogue.losses import L1
from builder.catalogue.metrics import R2
from builder.catalogue.optimizers import SGD, RMSprop
from builder.catalogue.regularization import EarlyStopping, GradientClipping, L1Penalty, L2Penalty
from builder.check.suggest import suggest_project
from builder.data.dataset import prepare
from builder.data.propose import propose
from builder.export.source import write_source
from builder.runs.folder import RunFolder
from builder.runs.store import open_store
from builder.spec.data import Column, TableData
from builder.spec.model import ModelSpec, Node
from builder.spec.project import Project
from builder.spec.sources import FileSource
from builder.spec.templates import stack
from builder.spec.training import TrainingSpec
from builder.training.session import carry_out
from tests.forks import run_python


def project_for(path: Path, target: str | None = None) -> Project:
    data = propose(FileSource(path=str(path)), target=target)
    project = suggest_project("a 'test' \"project\"", data, prepare(data).facts)
    return project.model_copy(update={"training": project.training.model_copy(update={"epochs": 4})})


def with_training(project: Project, **changes) -> Project:
    return project.model_copy(update={"training": project.training.model_copy(update=changes)})


def assert_script_trains_the_same(project: Project, data: Path, folder: Path) -> None:
    store = open_store()
    run = carry_out(store, store.create(project, status="running"), reraise=True)
    script = folder / "train_model.py"
    script.write_bytes(write_source(RunFolder(run.folder)).read_bytes())
    result = run_python([script.name, str(data)], folder)
    assert result.returncode == 0, result.stderr
    theirs = torch.load(folder / "model.pt", weights_only=True)
    ours = load_file(RunFolder(run.folder).weights)
    assert theirs.keys() == ours.keys()
    assert all(torch.equal(theirs[name], ours[name]) for name in ours)
    assert "builder" not in script.read_text() and str(folder) not in script.read_text()


def said_by(script: Path, *arguments: str) -> CompletedProcess:
    return run_python([script.name, *arguments], script.parent)


def test_the_script_explains_its_arguments_and_answers_wrong_ones_in_a_sentence(mixed, tmp_path):
    path = tmp_path / "100 %(prog)s {odd}.csv"
    mixed.to_csv(path, index=False)
    store, project = open_store(), with_training(project_for(path, "price"), epochs=1)
    run = carry_out(store, store.create(project, status="running"), reraise=True)
    script = tmp_path / "alone" / "train_model.py"
    script.parent.mkdir()
    script.write_bytes(write_source(RunFolder(run.folder)).read_bytes())
    shown = said_by(script, "--help")
    assert shown.returncode == 0 and "usage: train_model.py [-h] [data]" in shown.stdout
    assert path.name in " ".join(shown.stdout.split()) and not shown.stderr
    for arguments, words in ((["gone.csv"], "there is no 'gone.csv'"), ([], "there is no"), (["--epochs"], "--epochs")):
        refused = said_by(script, *arguments)
        assert refused.returncode == 2 and words in refused.stderr and "Traceback" not in refused.stderr


@pytest.fixture
def mixed() -> pd.DataFrame:
    random = np.random.default_rng(0)
    size = 160
    frame = pd.DataFrame({
        "größe": random.normal(170, 10, size).round(1),
        'job "title"': random.choice(["nurse; day", "clerk", "naïve", "=1+1"], size),
        "member": random.choice(["yes", "no"], size),
        "joined": pd.date_range("2020-01-01", periods=size).strftime("%Y-%m-%d"),
        "score": random.normal(size=size).round(3),
    })  # fmt: skip
    frame["price"] = (frame["größe"] * 2 + (frame["member"] == "yes") * 30 + random.normal(size=size)).round(2)
    frame.loc[::9, "größe"] = np.nan
    frame.loc[::7, 'job "title"'] = None
    return frame


def test_a_messy_csv_for_regression_with_every_penalty(mixed, tmp_path):
    path = tmp_path / "messy.csv"
    mixed.to_csv(path, sep=";", index=False)
    project = project_for(path, "price")
    regularization = (L1Penalty(), L2Penalty(), GradientClipping(max_norm=0.5), EarlyStopping(patience=2))
    project = with_training(project, optimizer=SGD(nesterov=True), regularization=regularization, best_by="MAE")
    assert_script_trains_the_same(project, path, tmp_path)


def test_an_excel_file_with_two_classes(mixed, tmp_path):
    path = tmp_path / "book.xlsx"
    mixed.to_excel(path, index=False)
    project = with_training(project_for(path, "member"), optimizer=RMSprop(), best_by="F1")
    assert_script_trains_the_same(project, path, tmp_path)


def test_a_parquet_file_with_numbers_as_classes_and_a_skip_connection(mixed, tmp_path):
    path = tmp_path / "table.parquet"
    mixed.assign(grade=np.arange(len(mixed)) % 3).to_parquet(path)
    nodes = (
        Node(id="linear_1", layer=Linear(out_features=8, activation=ReLU())),
        Node(id="class", layer=Linear(out_features=8)),
        Node(id="add_1", layer=Add(activation=ReLU()), inputs=("linear_1", "class")),
        Node(id="dropout_1", layer=Dropout()),
        Node(id="linear_3", layer=Linear()),
    )
    project = project_for(path, "grade").model_copy(update={"model": ModelSpec(nodes=nodes)})
    assert_script_trains_the_same(project, path, tmp_path)


def test_a_zip_of_images_with_augmentation(tmp_path):
    path = tmp_path / "shapes.zip"
    random = np.random.default_rng(0)
    with zipfile.ZipFile(path, "w") as archive:
        for index in range(36):
            content = BytesIO()
            size = (1500 if index == 7 else 20 + index % 3, 24)
            Image.fromarray(random.integers(0, 255, (*size, 3), dtype=np.uint8)).save(content, "PNG")
            archive.writestr(f"photos/{'abc'[index % 3]}/{index}.png", content.getvalue())
        archive.writestr("photos/a/broken.png", b"no image")
    project = project_for(path)
    augmentations = (HorizontalFlip(), Rotate(), RandomCrop(), Brightness(), Noise())
    data = project.data.model_copy(update={"height": 16, "width": 16, "augmentations": augmentations})
    model = stack(Conv2d(out_channels=4), BatchNorm2d(activation=ReLU()), Flatten(), Linear())
    assert_script_trains_the_same(project.model_copy(update={"data": data, "model": model}), path, tmp_path)


def test_a_table_that_is_given_back_without_a_target(mixed, tmp_path):
    path = tmp_path / "numbers.csv"
    mixed[["größe", "score", "price"]].to_csv(path, index=False)
    columns = tuple(Column(name=name, type="number") for name in ("größe", "score", "price"))
    data = TableData(source=FileSource(path=str(path)), columns=columns, task="reconstruction")
    project = suggest_project("given back", data, prepare(data).facts)
    project = with_training(project, epochs=4, metrics=(R2(),), best_by="R2")
    assert_script_trains_the_same(project, path, tmp_path)


@pytest.mark.parametrize("settings", [{}, {"channels_last": False, "precision": "mixed"}], ids=str)
def test_changed_images_that_are_given_back_as_changed(settings, tmp_path):
    path = tmp_path / "shapes.zip"
    random = np.random.default_rng(0)
    with zipfile.ZipFile(path, "w") as archive:
        for index in range(30):
            content = BytesIO()
            Image.fromarray(random.integers(0, 255, (12, 12), dtype=np.uint8)).save(content, "PNG")
            archive.writestr(f"{'ab'[index % 2]}/{index}.png", content.getvalue())
    data = propose(FileSource(path=str(path)))
    data = data.model_copy(update={"task": "reconstruction", "augmentations": (HorizontalFlip(), Noise())})
    model = stack(Conv2d(out_channels=4, activation=ReLU()), Conv2d(out_channels=1))
    training = TrainingSpec(loss=L1(), epochs=3, batch_size=8, **settings)
    project = Project(name="Given back", data=data, model=model, training=training)
    assert_script_trains_the_same(project, path, tmp_path)


def test_a_file_name_cannot_become_code(tmp_path):
    path = tmp_path / 'x""" + 1 \\u \'.csv'
    pd.DataFrame({"a": range(30), "class": ["x", "y", "z"] * 10}).to_csv(path, index=False)
    assert_script_trains_the_same(with_training(project_for(path), epochs=1), path, tmp_path)
