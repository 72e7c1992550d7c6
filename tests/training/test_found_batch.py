"""A run that asks for the largest batch that fits finds it before its first step, and keeps it."""

import json
import resource

import pytest
import torch
from safetensors.torch import load_file

from builder.catalogue.activations import ReLU
from builder.catalogue.layers import Linear
from builder.catalogue.optimizers import GradientDescent
from builder.data.propose import propose
from builder.runs.control import pause, resume
from builder.runs.folder import RunFolder
from builder.runs.origin import Origin, write_origin
from builder.runs.store import open_store
from builder.spec.project import Project, load_project, save_project
from builder.spec.sources import SampleSource
from builder.spec.templates import stack
from builder.spec.training import TrainingSpec
from builder.training import memory
from builder.training.batch_finder import largest_that_fits
from builder.training.found_batch import with_found_batch
from builder.training.memory import limited_memory
from builder.training.watching import Watcher
from tests.projects import facts_of, stacked
from tests.trained import carry, carry_on
from tests.training.examples import MadeExamples

MODEL = stack(Linear(out_features=5, activation=ReLU()), Linear())
ROW_WORK = 4 * 5 + 5 * 3
"""Multiply-adds that a row of iris takes in it."""


def iris(**training) -> Project:
    settings = TrainingSpec(loss={"kind": "CrossEntropy"}, epochs=2, **training)
    return Project(name="Iris", data=propose(SampleSource(name="iris")), model=MODEL, training=settings)


class Pausing(Watcher):
    """Passes everything on, and asks for a pause after a few steps."""

    def __init__(self, inner: Watcher):
        self._inner = inner

    def step(self, step: int, *rest) -> None:
        self._inner.step(step, *rest)
        if step == 3:
            pause(open_store().list()[0].id)

    def __getattribute__(self, name):
        return object.__getattribute__(self, name) if name in ("step", "_inner") else getattr(self._inner, name)


@pytest.fixture(autouse=True)
def _short_trials(monkeypatch):
    monkeypatch.setattr("builder.training.batch_finder.TRIAL_S", 0.0)
    monkeypatch.setattr("builder.training.batch_finder.SEARCH_S", 1000.0)


def test_a_run_finds_its_batch_size_and_is_the_run_that_had_it_set():
    found, told = carry(iris(largest_batch=True)), carry(iris(batch_size=8))  # of 106 rows: 16 would leave 7 steps
    folder = RunFolder(found.folder)
    assert found.message == "Batches of 8: the largest that fit." and told.message == ""
    assert folder.project.training.batch_size == 8 and folder.project.training.largest_batch
    assert json.loads(folder.plan.read_bytes())["steps_per_epoch"] == 14
    weights, expected = load_file(folder.weights), load_file(RunFolder(told.folder).weights)
    assert all((weights[name] == expected[name]).all() for name in expected)


def test_a_run_that_goes_on_keeps_the_size_that_it_began_with(tmp_path, monkeypatch):
    folder, facts = RunFolder(tmp_path), facts_of((4,), rows=60)
    asked = stacked(Linear(), largest_batch=True, batch_size=32)
    save_project(asked, folder.project_json)
    found = with_found_batch(folder, asked, facts, MadeExamples)
    assert found.training.batch_size == 4 and load_project(folder.project_json) == found
    folder.plan.write_text("{}")
    monkeypatch.setattr("builder.training.found_batch.largest_that_fits", lambda *_: 2)
    assert with_found_batch(folder, found, facts, MadeExamples) is found


def test_a_forked_run_keeps_the_size_that_was_found_and_looks_for_one_that_was_not(tmp_path):
    folder, facts = RunFolder(tmp_path), facts_of((4,), rows=60)
    own = stacked(Linear(), largest_batch=True, batch_size=16)
    write_origin(folder, Origin("parent", 8, 2.0, own.training))
    assert with_found_batch(folder, own, facts, MadeExamples) is own
    for unlike in ({"largest_batch": False}, {"batch_size": 32}):
        write_origin(folder, Origin("parent", 8, 2.0, own.training.model_copy(update=unlike)))
        assert with_found_batch(folder, own, facts, MadeExamples).training.batch_size == 4


def test_a_run_that_is_resumed_has_the_threads_that_it_began_with(monkeypatch):
    monkeypatch.setattr("builder.training.watcher.ASK_EVERY_S", 0.0)
    monkeypatch.setattr("builder.runs.control.ensure_worker", lambda: None)
    monkeypatch.setattr(
        "builder.training.session.thread_count", lambda work: 1 if work < 32 * 43 else 2
    )  # 43: of a row
    paused = carry(iris(largest_batch=True, batch_size=64), watch=lambda inner: Pausing(inner))
    assert (paused.status, RunFolder(paused.folder).project.training.batch_size) == ("paused", 8)
    before = torch.get_num_threads()
    resume(paused.id)
    assert (before, carry_on(paused).status, torch.get_num_threads()) == (1, "finished", 1)


def test_a_size_that_is_set_is_left_alone(tmp_path):
    project = stacked(Linear(), batch_size=32)
    assert with_found_batch(RunFolder(tmp_path), project, facts_of((4,), rows=60), MadeExamples) is project


def test_batches_that_are_parts_of_one_step_may_be_as_large_as_all_rows():
    project = stacked(Linear(), optimizer=GradientDescent())
    assert largest_that_fits(project, facts_of((4,), rows=60), MadeExamples()) == 32


def test_memory_is_limited_only_for_a_while(monkeypatch):
    before = resource.getrlimit(resource.RLIMIT_DATA)
    monkeypatch.setattr(memory, "free_bytes", lambda: 50_000_000)
    with limited_memory(), pytest.raises(RuntimeError, match="allocate memory"):
        torch.ones(200_000_000)
    assert resource.getrlimit(resource.RLIMIT_DATA) == before
    assert torch.ones(50_000_000).sum() == 50_000_000
