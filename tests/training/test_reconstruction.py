"""A model that gives back its own input learns what PCA finds, and is compared with what it was really given."""

import json

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.decomposition import PCA

from builder.catalogue.augmentations import Noise
from builder.catalogue.layers import Conv2d, Linear
from builder.catalogue.losses import MSE
from builder.catalogue.metrics import R2
from builder.catalogue.optimizers import AdamW
from builder.data.dataset import prepare
from builder.data.propose import propose
from builder.evaluation.other_data import evaluate_on
from builder.evaluation.trained import load_trained
from builder.nn.fitting import build_input
from builder.runs.folder import RunFolder
from builder.spec.project import Project
from builder.spec.sources import SampleSource
from builder.spec.templates import stack
from builder.spec.training import TrainingSpec
from builder.training.examples import load_examples
from builder.training.loop import Trainer
from tests.trained import carry_in, read_json
from tests.training.examples import Notes

NARROW = 3


@pytest.fixture(scope="module")
def wine(tmp_path_factory) -> RunFolder:
    """A linear autoencoder on 13 standardised columns, which can do no better than PCA."""
    data = propose(SampleSource(name="wine")).model_copy(update={"task": "reconstruction"})
    settings = {"optimizer": AdamW(lr=0.01, weight_decay=0.0), "epochs": 150, "batch_size": 32, "metrics": (R2(),)}
    project = Project(
        name="Wine given back", data=data, model=stack(Linear(out_features=NARROW), Linear()),
        training=TrainingSpec(loss=MSE(), **settings),
    )  # fmt: skip
    return carry_in(tmp_path_factory.mktemp("home"), project, exported=False)


def scaled(folder: RunFolder) -> tuple[np.ndarray, np.ndarray]:
    """Training and test rows as the model takes them."""
    dataset = prepare(folder.project.data)
    numbers, ids = dataset.preprocessing.encode(dataset.rows.frame)
    rows = build_input(dataset.preprocessing)(torch.from_numpy(numbers), torch.from_numpy(ids)).numpy()
    return rows[dataset.split.train], rows[dataset.split.test]


def test_a_linear_autoencoder_is_as_good_as_pca(wine):
    train, test = scaled(wine)
    pca = PCA(NARROW).fit(train)
    theirs = np.square(pca.inverse_transform(pca.transform(test)) - test).mean()
    report = read_json(wine.evaluation)
    ours, mean_alone = report["metrics"][0]["value"], report["metrics"][0]["baseline"]
    assert 0.9 * theirs < ours < 1.1 * theirs < 0.6 * mean_alone
    assert mean_alone == pytest.approx(np.square(test - train.mean(0)).mean(), rel=1e-5)


def test_every_test_row_is_kept_in_its_own_units_with_its_error(wine):
    stored, dataset = pd.read_parquet(wine.predictions), prepare(wine.project.data)
    names = [column.name for column in dataset.data.features]
    back = stored[[f"reconstructed {name}" for name in names]].to_numpy()
    given = dataset.rows.frame[names].iloc[stored["row"]].to_numpy()
    spread = dataset.rows.frame[names].iloc[dataset.split.train].std(ddof=0).to_numpy()
    np.testing.assert_allclose(np.square((back - given) / spread).mean(1), stored["error"], rtol=1e-3)
    assert "class" not in names and stored["row"].tolist() == dataset.split.test.tolist()


def test_a_further_file_is_judged_without_a_target(wine, tmp_path):
    dataset = prepare(wine.project.data)
    path = tmp_path / "further.csv"
    dataset.rows.frame.iloc[dataset.split.test].drop(columns="class").to_csv(path, index=False)
    report, own = evaluate_on(wine, path), read_json(wine.evaluation)
    for theirs, ours in zip(report["metrics"], own["metrics"], strict=True):
        assert theirs["value"] == pytest.approx(ours["value"], rel=1e-4)
        assert theirs["baseline"] == pytest.approx(ours["baseline"], rel=1e-4)
    assert json.dumps(report["reconstruction"]["columns"][0]["name"]) == '"alcohol"'


def test_what_is_unlike_the_training_rows_has_a_larger_error(wine):
    trained, dataset = load_trained(wine), prepare(wine.project.data)
    odd = dataset.rows.frame.iloc[dataset.split.test].copy()
    odd["alcohol"] = odd["alcohol"].sample(frac=1, random_state=0).to_numpy() + 8
    numbers, ids = trained.preprocessing.encode(odd)
    _, errors = trained.whole(torch.from_numpy(numbers), torch.from_numpy(ids))
    usual = pd.read_parquet(wine.predictions)["error"]
    assert errors.min() > usual.max()


def test_a_changed_image_is_to_be_given_back_as_changed():
    data = propose(SampleSource(name="digits"))
    data = data.model_copy(update={"task": "reconstruction", "augmentations": (Noise(std=100.0),)})
    model = stack(Conv2d(out_channels=1, kernel_size=1, bias=False))
    project = Project(name="Digits", data=data, model=model, training=TrainingSpec(loss=MSE(), epochs=1))
    dataset = prepare(data)
    examples = load_examples(dataset, project.training.loss, 0)
    examples.train_rows = examples.train_rows[:64]
    trainer = Trainer(project, dataset.facts, examples, Notes())
    with torch.no_grad():
        trainer.model.conv2d_1.weight.fill_(1.0)
    trainer.run()
    assert max(trainer.watcher.losses) < 1e-10  # one times its input is its input, with all its noise
