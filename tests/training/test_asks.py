"""Measure and peek as the worker program answers them, on real data."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from builder.catalogue.activations import ReLU
from builder.catalogue.layers import Linear
from builder.data.dataset import prepare
from builder.data.propose import propose
from builder.data.templates import make_project
from builder.runs.ask_queue import Answer
from builder.runs.asks import answer, withdraw
from builder.runs.folder import RunFolder
from builder.runs.measured import ask_measure, measure_key, measurement
from builder.runs.peeks import ask_peek, kept_peeks, node_keys, trained_run
from builder.runs.store import open_store
from builder.spec.project import Project
from builder.spec.sources import SampleSource
from builder.spec.templates import TEMPLATES, stack
from builder.spec.training import TrainingSpec
from builder.training.examples import load_examples
from tests.processes import kill_processes_of
from tests.trained import carry
from tests.waiting import wait_until

MODEL = stack(Linear(out_features=5, activation=ReLU()), Linear())


@pytest.fixture(scope="module")
def served_home(tmp_path_factory) -> Iterator[Path]:
    """A home that one worker serves for all tests of this file: it takes seconds to start."""
    home = tmp_path_factory.mktemp("home")
    yield home
    kill_processes_of(home)


@pytest.fixture(autouse=True)
def _here(served_home, monkeypatch):
    monkeypatch.setenv("STRATA_HOME", str(served_home))


@pytest.fixture
def iris() -> Project:
    settings = TrainingSpec(loss={"kind": "CrossEntropy"}, epochs=2, batch_size=16)
    return Project(name="Iris", data=propose(SampleSource(name="iris")), model=MODEL, training=settings)


def answered(key: str) -> Answer:
    return wait_until(lambda: answer(key), lambda found: not found.is_under_way)


def test_the_cost_of_a_project_is_measured_once(iris):
    content = prepare(iris.data).content
    key = ask_measure(iris, content)
    found = measurement(answered(key))
    assert found.parameters_bytes == 4 * (4 * 5 + 5 + 5 * 3 + 3)
    assert found.steps_per_epoch == 7 and 0 < found.step_s < found.epoch_s  # 105 rows by 16
    longer = iris.model_copy(update={"training": iris.training.model_copy(update={"epochs": 500, "seed": 9})})
    assert measure_key(longer, content) == key
    wider = iris.training.model_copy(update={"batch_size": 8})
    assert measure_key(iris.model_copy(update={"training": wider}), content) != key


def test_a_project_that_cannot_train_is_refused_in_its_own_words(iris):
    broken = iris.model_copy(update={"model": stack(Linear(out_features=7))})
    key = ask_measure(broken, "content")
    failed = answered(key)
    assert failed.state == "failed" and "3 classes" in failed.message
    withdraw(key)
    assert answer(key).state == "unasked"


def test_a_peek_before_training_is_at_the_weights_that_training_starts_from(iris):
    dataset = prepare(iris.data)
    keys = node_keys(iris, dataset.facts, dataset.content, None)
    assert answered(ask_peek(iris, keys, None)).value == {"rows": 22, "nodes": 2}
    torch.manual_seed(iris.training.seed)
    first = torch.nn.Linear(4, 5)
    hidden = torch.relu(first(_validation_rows(iris)))
    found = kept_peeks(keys)["linear_1"]
    assert found["mean"] == pytest.approx(hidden.mean().item(), rel=1e-5)
    assert found["zeros"] == pytest.approx((hidden == 0).float().mean().item(), rel=1e-5)


def test_a_peek_after_training_is_at_the_trained_weights(iris):
    run = carry(iris)
    dataset = prepare(iris.data)
    assert trained_run(iris, dataset.content, open_store().list()) == run
    keys = node_keys(iris, dataset.facts, dataset.content, run)
    assert answered(ask_peek(iris, keys, run)).state == "done"
    weights = load_file(RunFolder(run.folder).weights)
    hidden = torch.relu(_validation_rows(iris) @ weights["linear_1.weight"].T + weights["linear_1.bias"])
    logits = hidden @ weights["linear_2.weight"].T + weights["linear_2.bias"]
    found = kept_peeks(keys)
    assert found["linear_1"]["max"] == pytest.approx(hidden.max().item(), rel=1e-5)
    assert found["linear_2"]["std"] == pytest.approx(logits.std(correction=0).item(), rel=1e-5)


def _validation_rows(project: Project) -> torch.Tensor:
    examples = load_examples(prepare(project.data), project.training.loss, project.training.seed)
    return examples.inputs(examples.validation_rows)


def test_a_peek_into_digits_has_feature_maps():
    project = make_project(TEMPLATES["digits-cnn"])
    dataset = prepare(project.data)
    keys = node_keys(project, dataset.facts, dataset.content, None)
    assert answered(ask_peek(project, keys, None)).value["rows"] == 64
    found = kept_peeks(keys)
    assert found["conv2d_1"]["shape"] == [32, 16, 16] and found.keys() == keys.keys()
    assert all(len(peek["picture"]) <= 4000 for peek in found.values())
