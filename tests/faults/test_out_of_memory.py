"""F10: a run that wants more memory than there is ends with the batch size that would fit, and nothing else ends with it."""

import os
import re
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from builder.catalogue.activations import Tanh
from builder.catalogue.layers import Linear
from builder.catalogue.losses import MSE
from builder.catalogue.optimizers import SGD
from builder.data.propose import propose
from builder.runs import memory
from builder.runs.events import EventReader
from builder.runs.folder import RunFolder
from builder.runs.last_words import last_words
from builder.runs.memory import oom_kills
from builder.runs.run import Run
from builder.runs.store import INTERRUPTED, open_store
from builder.spec.project import Project
from builder.spec.sources import FileSource
from builder.spec.templates import stack
from builder.spec.training import TrainingSpec
from builder.training import session
from builder.training.memory import _data_bytes
from tests.faults.apart import apart, serving
from tests.trained import carry
from tests.waiting import wait_until

WIDTH, LAYERS, ROWS = 2048, 8, 10_300
ROW_BYTES = 4 * WIDTH * LAYERS
"""What the backward pass keeps of a row."""
LIMIT_BYTES = 300_000_000
CGROUP = Path("/sys/fs/cgroup/memory/strata_fault_tests")


@pytest.fixture
def table(tmp_path) -> Path:
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(size=(ROWS, 4)).round(3), columns=list("abcd"))
    frame.assign(y=frame["a"] + frame["b"]).to_csv(tmp_path / "rows.csv", index=False)
    return tmp_path / "rows.csv"


def wide(table: Path, batch_size: int) -> Project:
    """Takes much memory for little to compute."""
    data = propose(FileSource(path=str(table)), target="y")
    layers = (Linear(out_features=WIDTH), *(Tanh() for _ in range(LAYERS)), Linear())
    training = TrainingSpec(loss=MSE(), epochs=1, batch_size=batch_size, optimizer=SGD(lr=1e-4, momentum=0.0))
    return Project(name="Wide", data=data, model=stack(*layers), training=training)


def narrow(table: Path, epochs: int) -> Project:
    data = propose(FileSource(path=str(table)), target="y")
    training = TrainingSpec(loss=MSE(), epochs=epochs, batch_size=512)
    return Project(name="Narrow", data=data, model=stack(Linear(out_features=4), Linear()), training=training)


def test_a_run_out_of_memory_names_the_batch_size_that_was_tried_and_fits(table, strata_home):
    apart(_train_within, table)


def _train_within(table: Path) -> None:
    limit = _data_bytes() + LIMIT_BYTES
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    run = carry(wide(table, 8192))
    said = re.fullmatch(
        r"The training ran out of memory at batch size 8,192\. Tried out just now, ([\d,]+) at a time fit: "
        r"set the batch size to \1, then train again\.", run.message,
    )  # fmt: skip
    assert run.status == "failed" and said, run.message
    fits = int(said[1].replace(",", ""))
    assert LIMIT_BYTES / 16 <= fits * ROW_BYTES <= LIMIT_BYTES, run.message
    mended = carry(wide(table, fits))
    assert mended.status == "finished", mended.message


def test_other_runs_and_whoever_serves_them_are_untouched(table, strata_home, monkeypatch):
    monkeypatch.setenv("STRATA_SLOTS", "2")
    with serving(prepare=_little_memory_for_wide_ones) as (served,):
        other = open_store().create(narrow(table, 100_000))
        wait_until(lambda: steps(other), lambda done: done > 5)
        before = open_store().get(other.id)
        greedy = open_store().create(wide(table, 8192))
        greedy = wait_until(lambda: open_store().get(greedy.id), lambda run: not run.is_active)
        assert greedy.status == "failed" and "ran out of memory at batch size 8,192" in greedy.message
        done = steps(other)
        wait_until(lambda: steps(other), lambda now: now > done)
        assert open_store().get(other.id) == before and served.is_alive()


def _little_memory_for_wide_ones() -> None:
    prepare = session._prepare

    def prepare_within(folder: RunFolder, *rest):
        if folder.project.name == "Wide":
            limit = _data_bytes() + LIMIT_BYTES
            resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
        return prepare(folder, *rest)

    session._prepare = prepare_within


def steps(run: Run) -> int:
    return len(EventReader(RunFolder(run.folder)).read().steps)


def test_a_training_may_take_what_is_free_and_no_more(table, strata_home, monkeypatch):
    monkeypatch.setattr("builder.training.memory.free_bytes", lambda: 10**9)
    limits = []

    def look(watcher):
        limits.append(resource.getrlimit(resource.RLIMIT_DATA)[0] - _data_bytes())
        return watcher

    before = resource.getrlimit(resource.RLIMIT_DATA)
    assert carry(narrow(table, 1), watch=look).status == "finished"
    assert 0.8e9 < limits[0] <= 0.9e9 and resource.getrlimit(resource.RLIMIT_DATA) == before


@pytest.fixture
def cgroup() -> Iterator[Path]:
    """What joins it may take 150 MB more in main memory, where this machine lets a test make such a group."""
    try:
        CGROUP.mkdir()
        (CGROUP / "memory.limit_in_bytes").write_text("150000000")
    except OSError:
        if CGROUP.exists():
            CGROUP.rmdir()
        pytest.skip("this machine lets nobody make a control group for memory")
    yield CGROUP
    wait_until(lambda: (CGROUP / "cgroup.procs").read_text(), lambda text: not text)
    CGROUP.rmdir()


def test_a_run_that_the_system_kills_for_memory_says_so_and_the_next_one_is_trained(table, strata_home, cgroup):
    with serving(prepare=_join_when_wide) as (served,):
        killed, following = open_store().create(wide(table, 64)), open_store().create(narrow(table, 2))
        killed = wait_until(
            lambda: open_store().get(killed.id), lambda run: not run.is_active and run.message != INTERRUPTED, 15
        )
        assert killed.status == "interrupted" and killed.message.startswith(
            "The system killed the training process because the memory had run out. Set a smaller batch size"
        )
        following = wait_until(lambda: open_store().get(following.id), lambda run: not run.is_active)
        assert following.status == "finished" and served.is_alive()


def _join_when_wide() -> None:
    load = session.load_examples

    def load_within(dataset, *arguments, **settings):
        if RunFolder(_own_folder()).project.name == "Wide":
            (CGROUP / "cgroup.procs").write_text(str(os.getpid()))
            torch.ones(400_000_000, dtype=torch.uint8)
        return load(dataset, *arguments, **settings)

    session.load_examples = load_within


def _own_folder() -> Path:
    return next(run.folder for run in open_store().list() if run.pid == os.getpid())


def test_a_run_that_somebody_kills_is_not_said_to_have_wanted_memory(table, strata_home, tmp_path, monkeypatch):
    (tmp_path / "vmstat").write_text("nr_free_pages 1\noom_kill 7\n")
    monkeypatch.setattr(memory, "KILLS", tmp_path / "vmstat")  # another test may make the system kill something now
    with serving():
        run = open_store().create(narrow(table, 100_000))
        wait_until(lambda: steps(run), bool)
        os.kill(open_store().get(run.id).pid, signal.SIGKILL)
        run = wait_until(
            lambda: open_store().get(run.id), lambda run: not run.is_active and run.message != INTERRUPTED, 15
        )
        assert run.message.startswith("The training process was killed, and not for want of memory. Resume it")


def test_where_the_system_does_not_count_both_are_said(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "KILLS", tmp_path / "none")
    assert oom_kills() is None
    status, message = last_words(-signal.SIGKILL, oom_kills(), oom_kills())
    assert (status, message.split(". ")[0]) == (
        "interrupted", "The training process was killed: by somebody, or by the system for want of memory",
    )  # fmt: skip
    assert last_words(1, 7, 9) == ("interrupted", INTERRUPTED)
    assert "crashed (SIGABRT), often a sign that memory ran out" in last_words(-signal.SIGABRT, 7, 7)[1]
